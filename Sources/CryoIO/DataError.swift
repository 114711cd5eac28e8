/// What is wrong with a file that a user gave, or with writing one: which file, where in it, what was found,
/// what was wanted and how to put it right.
public struct DataError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A place inside a file.
    public enum Location: Sendable, Equatable {
        /// Data row of a table, the first is 1.
        case row(Int)
        /// Line of a text file, the first is 1.
        case line(Int)
        /// Byte offset from the start of the file, the first is 0.
        case byte(Int)
        /// Image of a stack, the first is 0 as in `MRCStack.read`.
        case image(Int)
    }

    public var file: String?
    public var location: Location?
    public var problem: String
    public var found: String?
    public var wanted: String?
    public var remedy: String?

    public init(
        file: String?, at location: Location? = nil, _ problem: String,
        found: String? = nil, wanted: String? = nil, remedy: String? = nil
    ) {
        self.file = file
        self.location = location
        self.problem = problem
        self.found = found
        self.wanted = wanted
        self.remedy = remedy
    }

    /// One readable message: `FILE, row 12: PROBLEM; found X, wanted Y. REMEDY.`
    public var description: String {
        let place = [file, location?.description].compactMap { $0 }.joined(separator: ", ")
        let facts = [found.map { "found \($0)" }, wanted.map { "wanted \($0)" }].compactMap { $0 }
        var message = place.isEmpty ? problem : "\(place): \(problem)"
        if !facts.isEmpty { message += "; " + facts.joined(separator: ", ") }
        if let remedy { message += ". \(remedy)" }
        return Self.printable(message.hasSuffix(".") ? message : message + ".")
    }

    /// Text in which bytes of a file cannot move the cursor or ring the bell.
    private static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            return text
        }
        return text.unicodeScalars.reduce(into: "") { result, scalar in
            if scalar.properties.generalCategory == .control {
                result += "\\u{" + String(scalar.value, radix: 16) + "}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
    }
}

extension DataError.Location: CustomStringConvertible {
    public var description: String {
        switch self {
        case .row(let number): "row \(number)"
        case .line(let number): "line \(number)"
        case .byte(let offset): "byte \(offset)"
        case .image(let index): "image \(index)"
        }
    }
}
