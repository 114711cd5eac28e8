import CryoIO
import Foundation

/// Poses, shifts and classes of a cryoSPARC table, by the kind of job that wrote it.
///
/// | fields | job |
/// | --- | --- |
/// | `alignments3D/pose` | ab-initio of one class, homogeneous, non-uniform, local, helical refinement |
/// | the same and `alignments3D_multi/class_posterior` | 3D classification: classes at fixed poses |
/// | `alignments3D_multi/pose`, a pose for each class | heterogeneous refinement |
/// | `alignments_class3D_0/pose`, `alignments_class_0/pose`, ... | ab-initio of several classes, and older
/// heterogeneous refinement |
struct CryoSPARCPoses {
    let rotations: [SIMD3<Double>]
    /// Pixels of `pixelSizes`.
    let shifts: [SIMD2<Double>]
    /// Angstrom per pixel of the shifts; nil where the table does not say.
    let pixelSizes: [Double]?
    /// Half set from 0.
    let split: [Int]?
    let classes: ParticleClasses?

    init(_ table: CryoSPARCTable) throws(DataError) {
        if table.contains("alignments3D/pose") {
            self.init(
                try Group("alignments3D", table), classes: try Self.classification(table))
        } else if table.contains("alignments3D_multi/pose") {
            try self.init(stacked: table)
        } else if let prefix = ["alignments_class3D_", "alignments_class_"].first(where: {
            table.contains("\($0)0/pose")
        }) {
            try self.init(table, prefix: prefix)
        } else if table.contains("alignments2D/pose") {
            throw DataError(
                file: table.file, "the particles have poses of a 2D classification only",
                found: "alignments2D", wanted: "alignments3D/pose and alignments3D/shift",
                remedy: "Give the particles of a 3D refinement of this set")
        } else {
            throw DataError(
                file: table.file, "the file has no 3D poses", found: table.main.names.joined(separator: " "),
                wanted: "alignments3D/pose and alignments3D/shift",
                remedy: "Give the particles of a 3D refinement, or its passthrough file with --passthrough")
        }
    }

    private init(_ group: Group, classes: ParticleClasses?) {
        (rotations, shifts) = (group.rotations, group.shifts)
        (pixelSizes, split) = (group.pixelSizes, group.split)
        self.classes = classes
    }

    /// Probabilities of classes at the poses of a refinement. A single class is none.
    private static func classification(_ table: CryoSPARCTable) throws(DataError) -> ParticleClasses? {
        let name = "alignments3D_multi/class_posterior"
        guard table.contains(name) else { return nil }
        let classes = try table.required(name).field.valuesPerRow
        guard classes > 1 else { return nil }
        let values = try table.doubles(name, values: classes)
        return ParticleClasses(job: .classification, count: classes, probabilities: values.map(Float.init))
    }

    /// One field with a pose for each class.
    private init(stacked table: CryoSPARCTable) throws(DataError) {
        let name = "alignments3D_multi/"
        let count = try table.required(name + "class_posterior").field.valuesPerRow
        guard count > 0 else {
            throw DataError(
                file: table.file, "\(name)class_posterior has no classes", wanted: "one class or more")
        }
        let probabilities = try table.doubles(name + "class_posterior", values: count)
        let poses = try table.doubles(name + "pose", values: 3 * count)
        let shifts = try table.doubles(name + "shift", values: 2 * count)
        let classes = ParticleClasses(
            job: .heterogeneous, count: count, probabilities: probabilities.map(Float.init))
        let best = classes.labels.enumerated().map { $0 * count + $1 }
        rotations = best.map { SIMD3(poses[3 * $0], poses[3 * $0 + 1], poses[3 * $0 + 2]) }
        self.shifts = best.map { SIMD2(shifts[2 * $0], shifts[2 * $0 + 1]) }
        pixelSizes = try Self.perRow(table, name + "psize_A", best, count)
        split = try Self.perRow(table, name + "split", best, count).map { $0.map { Int($0) } }
        self.classes = classes
    }

    /// A field that has one value a row or one for each class.
    private static func perRow(
        _ table: CryoSPARCTable, _ name: String, _ best: [Int], _ count: Int
    ) throws(DataError) -> [Double]? {
        guard table.contains(name) else { return nil }
        if try table.required(name).field.valuesPerRow == 1 { return try table.doubles(name) }
        let values = try table.doubles(name, values: count)
        return best.map { values[$0] }
    }

    /// A group of fields for each class.
    private init(_ table: CryoSPARCTable, prefix: String) throws(DataError) {
        var groups: [Group] = []
        while table.contains("\(prefix)\(groups.count)/pose") {
            groups.append(try Group("\(prefix)\(groups.count)", table))
        }
        let count = groups.count
        let values = (0..<table.count).flatMap { row in groups.map { Float($0.posterior?[row] ?? 1) } }
        let classes = ParticleClasses(job: .heterogeneous, count: count, probabilities: values)
        let best = classes.labels
        rotations = best.enumerated().map { groups[$1].rotations[$0] }
        shifts = best.enumerated().map { groups[$1].shifts[$0] }
        let sized = groups.compactMap(\.pixelSizes), halved = groups.compactMap(\.split)
        pixelSizes = sized.count == count ? best.enumerated().map { sized[$1][$0] } : nil
        split = halved.count == count ? best.enumerated().map { halved[$1][$0] } : nil
        self.classes = count > 1 ? classes : nil
    }

    /// The fields of one set of poses, such as `alignments3D/...`.
    private struct Group {
        let rotations: [SIMD3<Double>]
        let shifts: [SIMD2<Double>]
        let pixelSizes: [Double]?
        let split: [Int]?
        let posterior: [Double]?

        init(_ name: String, _ table: CryoSPARCTable) throws(DataError) {
            let poses = try table.doubles(name + "/pose", values: 3)
            let moves = try table.doubles(name + "/shift", values: 2)
            rotations = (0..<table.count).map { SIMD3(poses[3 * $0], poses[3 * $0 + 1], poses[3 * $0 + 2]) }
            shifts = (0..<table.count).map { SIMD2(moves[2 * $0], moves[2 * $0 + 1]) }
            let (size, half, probability) = (name + "/psize_A", name + "/split", name + "/class_posterior")
            pixelSizes = table.contains(size) ? try table.doubles(size) : nil
            split = table.contains(half) ? try table.integers(half) : nil
            posterior = table.contains(probability) ? try table.doubles(probability) : nil
        }
    }
}
