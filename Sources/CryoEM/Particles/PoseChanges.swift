import CryoIO

/// How poses and images of particles differ from those of the particle file. Prepared images know nothing of
/// it.
public struct PoseChanges: Sendable, Equatable {
    /// Rotation vectors about the axes of the image, radians; applied after the file's pose.
    public var turns: [SIMD3<Double>]
    /// Where along x and y the particle is found in an image that the file's origin has brought to the
    /// centre, Angstrom.
    public var shifts: [SIMD2<Double>]
    /// What the prediction is multiplied by.
    public var contrasts: [Double]

    /// No change at all.
    public init(count: Int) {
        turns = [SIMD3<Double>](repeating: .zero, count: count)
        shifts = [SIMD2<Double>](repeating: .zero, count: count)
        contrasts = [Double](repeating: 1, count: count)
    }

    public var count: Int { turns.count }

    private static let columns = 6

    /// Reads an array [count, 6]: rotation vector in degrees, shift in Angstrom, contrast.
    public init(path: String, count: Int) throws(DataError) {
        let array = try NPYArray.read(path)
        guard array.shape == [count, Self.columns] else {
            throw DataError(
                file: path, "the refined poses are not those of the run's particles",
                found: "\(array.shape)", wanted: "\([count, Self.columns])",
                remedy: "Keep the particle file and the folder of the run as they were.")
        }
        self.init(table: array.doubles())
    }

    /// Rows of six values: rotation vector in degrees, shift in Angstrom, contrast.
    package init(table values: [Double]) {
        self.init(count: values.count / Self.columns)
        for row in 0..<count {
            let v = Array(values[(row * Self.columns)..<((row + 1) * Self.columns)])
            turns[row] = SIMD3(v[0], v[1], v[2]) * (.pi / 180)
            shifts[row] = SIMD2(v[3], v[4])
            contrasts[row] = v[5]
        }
    }

    /// What `init(table:)` takes.
    package var table: [Double] {
        (0..<count).flatMap { row -> [Double] in
            let turn = turns[row] * (180 / .pi)
            return [turn.x, turn.y, turn.z, shifts[row].x, shifts[row].y, contrasts[row]]
        }
    }

    /// Writes what `init(path:count:)` reads.
    public func write(to path: String) throws(DataError) {
        try NPYArray(shape: [count, Self.columns], doubles: table).write(to: path)
    }

    /// Takes the changes of the rows from `first` on from others.
    package mutating func replace(from first: Int, by others: PoseChanges) {
        let rows = first..<(first + others.count)
        turns.replaceSubrange(rows, with: others.turns)
        shifts.replaceSubrange(rows, with: others.shifts)
        contrasts.replaceSubrange(rows, with: others.contrasts)
    }

    package func selecting(_ rows: [Int]) -> PoseChanges {
        var part = PoseChanges(count: rows.count)
        part.turns = rows.map { turns[$0] }
        part.shifts = rows.map { shifts[$0] }
        part.contrasts = rows.map { contrasts[$0] }
        return part
    }

    /// How far, in pixels, prepared images of rows are to be moved to bring their particles to the centre.
    package func centring(_ rows: [Int], pixelSize: Double) -> [SIMD2<Double>] {
        rows.map { shifts[$0] / -pixelSize }
    }
}
