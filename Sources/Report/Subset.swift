/// A random subset of rows in rising order, the same for the same numbers.
enum Subset {
    /// Selection sampling (Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S). Taking every n-th
    /// row instead would follow the order of the set, such as the tilts of a series.
    static func rows(_ wanted: Int, of count: Int) -> [Int] {
        guard wanted < count else { return Array(0..<count) }
        var generator = SplitMix(state: UInt64(count))
        var rows: [Int] = []
        rows.reserveCapacity(wanted)
        for row in 0..<count where rows.count < wanted {
            let needed = UInt64(wanted - rows.count)
            if generator.next() % UInt64(count - row) < needed { rows.append(row) }
        }
        return rows
    }

    /// SplitMix64 (Steele, Lea and Flood, 2014).
    private struct SplitMix {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }
}
