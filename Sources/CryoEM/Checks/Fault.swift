import CryoIO

/// Something wrong with a particle set, found by `ParticleCheck`.
public struct Fault: Sendable, Equatable {
    public enum Severity: String, Sendable, Codable, Comparable {
        /// Training would stop, or go on with what cannot be meant.
        case error
        /// Worth a look; work goes on.
        case warning

        public static func < (a: Severity, b: Severity) -> Bool { a == .error && b == .warning }
    }

    /// What was looked at when the fault was found.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case file, column, optics, number, range, name, stack, pixelSize, duplicate, pixels, outlier,
            contrast, views
    }

    public let severity: Severity
    public let kind: Kind
    /// File, row, found, wanted, remedy.
    public let error: DataError
}

/// Faults in the order in which they were found. Of each kind and subject the first `limit` are kept whole
/// and the others counted, so that a million wrong rows do not fill the memory.
public struct FaultList: Sendable {
    public let limit: Int
    public private(set) var faults: [Fault] = []
    /// Errors and warnings in all, listed or not.
    public private(set) var errorCount = 0
    public private(set) var warningCount = 0
    private var counts: [String: Int] = [:]

    public init(limit: Int) { self.limit = max(1, limit) }

    /// How many more there are of a kind and subject than are listed, by a readable name.
    public var unlisted: [(name: String, count: Int)] {
        counts.filter { $0.value > limit }.sorted { $0.key < $1.key }.map { ($0.key, $0.value - limit) }
    }

    mutating func add(
        _ severity: Fault.Severity, _ kind: Fault.Kind, subject: String = "",
        _ error: @autoclosure () -> DataError
    ) {
        if severity == .error { errorCount += 1 } else { warningCount += 1 }
        let name = subject.isEmpty ? kind.rawValue : "\(kind.rawValue) \(subject)"
        counts[name, default: 0] += 1
        if counts[name, default: 0] <= limit {
            faults.append(Fault(severity: severity, kind: kind, error: error()))
        }
    }

    /// Runs what throws at the first fault and takes that fault over.
    mutating func collecting<Value>(
        _ kind: Fault.Kind, _ body: () throws(DataError) -> Value
    ) -> Value? {
        do throws(DataError) { return try body() } catch {
            add(.error, kind, error)
            return nil
        }
    }
}
