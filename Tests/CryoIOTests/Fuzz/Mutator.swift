import TestSupport

/// Changes bytes at random as transfers, editors and hostile hands do. The same generator gives the same
/// changes.
struct Mutator {
    /// Words that mean something in the format, put in at random places.
    var words: [[UInt8]] = []

    /// One of the seeds with one to six changes.
    func mutated(_ seeds: [[UInt8]], using random: inout SeededGenerator) -> [UInt8] {
        var bytes = seeds[below(seeds.count, &random)]
        for _ in 0...below(6, &random) { change(&bytes, seeds, &random) }
        return bytes
    }

    private func change(_ bytes: inout [UInt8], _ seeds: [[UInt8]], _ random: inout SeededGenerator) {
        guard !bytes.isEmpty else {
            bytes = seeds[below(seeds.count, &random)]
            return
        }
        let place = below(bytes.count, &random)
        switch below(10, &random) {
        case 0: bytes[place] ^= 1 << UInt8(below(8, &random))
        case 1: bytes[place] = UInt8(below(256, &random))
        case 2: bytes[place] = [0, 1, 0x7f, 0x80, 0xff, 0x0a, 0x20, 0x22][below(8, &random)]
        case 3: bytes.removeLast(bytes.count - place)
        case 4: bytes.removeSubrange(place..<min(bytes.count, place + 1 + below(16, &random)))
        case 5:
            let end = min(bytes.count, place + 1 + below(64, &random))
            bytes.insert(contentsOf: bytes[place..<end], at: below(bytes.count, &random))
        case 6: put(Self.number(&random), in: &bytes, at: place)
        case 7:
            let other = seeds[below(seeds.count, &random)]
            guard !other.isEmpty else { return }
            let start = below(other.count, &random)
            let piece = other[start..<min(other.count, start + 1 + below(64, &random))]
            bytes.insert(contentsOf: piece, at: place)
        case 8: bytes.insert(contentsOf: word(&random), at: place)
        default: put(word(&random), in: &bytes, at: place)
        }
    }

    private func word(_ random: inout SeededGenerator) -> [UInt8] {
        words.isEmpty ? [UInt8(below(256, &random))] : words[below(words.count, &random)]
    }

    private func put(_ piece: [UInt8], in bytes: inout [UInt8], at place: Int) {
        for (k, byte) in piece.enumerated() where place + k < bytes.count { bytes[place + k] = byte }
    }

    /// Sizes and counts at the edges of what fits, in both byte orders.
    private static func number(_ random: inout SeededGenerator) -> [UInt8] {
        let values: [Int64] = [0, 1, -1, 255, 65535, 1 << 24, 1 << 31, 1 << 32, .max, .min, 1 << 40, -2]
        let value = values[Int.random(in: 0..<values.count, using: &random)]
        let width = [1, 2, 4, 8][Int.random(in: 0..<4, using: &random)]
        let little = (0..<width).map { UInt8(truncatingIfNeeded: value >> Int64(8 * $0)) }
        return Bool.random(using: &random) ? little : little.reversed()
    }

    private func below(_ count: Int, _ random: inout SeededGenerator) -> Int {
        Int.random(in: 0..<count, using: &random)
    }
}
