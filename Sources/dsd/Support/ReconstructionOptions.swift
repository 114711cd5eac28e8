import ArgumentParser
import CryoEM
import CryoIO

/// Which images count how much, in which half, under which symmetry.
struct ReconstructionOptions: ParsableArguments {
    @Option(
        name: [.long, .customLong("sym")],
        help: "Point group of the maps as RELION names it: C1, C4, D2, T, O, I, I1, I2, I3, I4.")
    var symmetry = "C1"
    @Option(help: "Weight of each particle, 0 or more: a .npy file or text, one number a row.")
    var weights: String?
    @Option(
        help: """
            Half sets: subset (_rlnRandomSubset, or by a hash of the image's name where there is none), \
            alternate (odd and even rows), or a file of 1 and 2 for each row (.npy or text).
            """)
    var split = "subset"

    func group() throws(DataError) -> PointGroup { try PointGroup(symmetry) }

    /// Of each particle; nil where all weigh the same.
    func weights(of set: ParticleSet) throws(DataError) -> [Float]? {
        guard let weights else { return nil }
        let values = try RowValues.read(weights, option: "--weights", count: set.count)
        if let row = values.firstIndex(where: { $0 < 0 }) {
            throw DataError(
                file: weights, at: .row(row + 1), "a weight is negative", found: "\(values[row])",
                wanted: "0 or more", remedy: "Correct the file")
        }
        guard values.contains(where: { $0 > 0 }) else {
            throw DataError(
                file: weights, "all weights are 0", wanted: "some above 0", remedy: "Correct the file")
        }
        return values.map(Float.init)
    }

    /// Half set, 1 or 2, of each particle.
    func halves(of set: ParticleSet) throws(DataError) -> [Int] {
        switch split {
        case "subset": return set.halfSets()
        case "alternate": return (0..<set.count).map { 1 + $0 % 2 }
        default: break
        }
        let values = try RowValues.read(split, option: "--split", count: set.count)
        if let row = values.firstIndex(where: { $0 != 1 && $0 != 2 }) {
            throw DataError(
                file: split, at: .row(row + 1), "a half set has another name", found: "\(values[row])",
                wanted: "1 or 2", remedy: "Correct the file that --split names")
        }
        return values.map { Int($0) }
    }
}
