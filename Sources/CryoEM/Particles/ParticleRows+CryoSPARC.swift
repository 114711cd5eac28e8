import CryoIO
import Foundation

extension ParticleRows {
    /// The particles of a cryoSPARC file.
    ///
    /// `blob/sign` -1 marks images of dark particles. A pose is a rotation vector (axis times angle,
    /// radians) that takes image to volume coordinates, the inverse of the matrix of RELION's Euler angles;
    /// shifts have RELION's sign, in pixels of `alignments3D/psize_A`.
    /// - Throws: `DataError` with file and row for missing fields and values that cannot be meant.
    init(_ table: CryoSPARCTable, reading: ParticleReading) throws(DataError) {
        var notes: [String] = []
        file = table.file
        guard table.count > 0 else {
            throw DataError(
                file: file, "the file lists no particles", wanted: "one row or more",
                remedy: "Give the particle file of a refinement")
        }
        names = try ImageNames(table)
        let size = table.contains("blob/psize_A") ? try table.doubles("blob/psize_A") : nil
        pixelSizes = try Self.pixelSizes(
            size.map { ("blob/psize_A", $0) }, count: table.count, file: file, reading: reading,
            missing: "blob/psize_A", &notes)
        let poses = try CryoSPARCPoses(table)
        angles = poses.rotations.map { EulerAngles(Rotation(vector: -$0)) }
        origins = Self.origins(poses, pixelSizes: pixelSizes, stated: size)
        ctf = try Self.transferFunctions(table)
        let check = CTFCheck(
            file: file, defocus: "ctf/df1_A", voltage: "ctf/accel_kv", sphericalAberration: "ctf/cs_mm",
            amplitudeContrast: "ctf/amp_contrast")
        try check(ctf, &notes)
        try Self.noteAberrations(table, &notes)
        boxes = try Self.boxes(table)
        signs = try Self.signs(table, &notes)
        opticsGroups =
            table.contains("ctf/exp_group_id")
            ? try table.integers("ctf/exp_group_id") : Array(repeating: 1, count: table.count)
        randomSubset = Self.halfSets(poses.split, &notes)
        if table.contains("location/micrograph_path") {
            let names = try table.interned("location/micrograph_path")
            (micrographNames, micrographs) = (names.names, names.indices)
        }
        classes = poses.classes
        uids = table.main.contains("uid") ? try table.main.unsigned("uid") : nil
        warnings = notes
    }

    /// Shifts in Angstrom. A pixel size given by the user scales them with the images.
    private static func origins(
        _ poses: CryoSPARCPoses, pixelSizes: [Double], stated: [Double]?
    ) -> [SIMD2<Double>] {
        poses.shifts.indices.map { row in
            guard let size = poses.pixelSizes?[row], let image = stated?[row], size > 0, image > 0 else {
                return poses.shifts[row] * pixelSizes[row]
            }
            return poses.shifts[row] * (size * pixelSizes[row] / image)
        }
    }

    static func transferFunctions(_ table: CryoSPARCTable) throws(DataError) -> [CTFParameters] {
        let u = try table.doubles("ctf/df1_A"), v = try table.doubles("ctf/df2_A")
        let angle = try table.doubles("ctf/df_angle_rad")
        let voltage = try table.doubles("ctf/accel_kv"), cs = try table.doubles("ctf/cs_mm")
        let contrast = try table.doubles("ctf/amp_contrast")
        let phase = try table.doubles("ctf/phase_shift_rad", default: 0)
        return u.indices.map { row in
            CTFParameters(
                defocusU: u[row], defocusV: v[row], defocusAngle: degrees(angle[row]), voltage: voltage[row],
                sphericalAberration: cs[row], amplitudeContrast: contrast[row],
                phaseShift: degrees(phase[row]))
        }
    }

    /// Aberrations of `ctf/...` that are not part of the image model.
    private static func noteAberrations(_ table: CryoSPARCTable, _ notes: inout [String]) throws(DataError) {
        if table.contains("ctf/tilt_A") {
            let tilt = try table.doubles("ctf/tilt_A", values: 2), cs = try table.doubles("ctf/cs_mm")
            // The tilt is Cs times the sine of the beam tilt, in Angstrom.
            let large = tilt.indices.contains { abs(tilt[$0]) > 5e-4 * max(cs[$0 / 2], 1e-3) * 1e7 }
            if large {
                notes.append("ctf/tilt_A is above 0.5 mrad: beam tilt is not part of the image model")
            }
        }
        for (name, meaning) in [("ctf/trefoil_A", "trefoil"), ("ctf/tetra_A", "tetrafoil")]
        where table.contains(name) {
            let count = try table.required(name).field.valuesPerRow
            if try table.doubles(name, values: count).contains(where: { abs($0) > 1000 }) {
                notes.append("\(name) is above 1000 A: \(meaning) is not part of the image model")
            }
        }
        if table.contains("ctf/anisomag"),
            try table.doubles("ctf/anisomag", values: 4).contains(where: { abs($0) > 0.01 })
        {
            notes.append("ctf/anisomag is above 1 %: anisotropic magnification is not modelled")
        }
    }

    private static func boxes(
        _ table: CryoSPARCTable
    ) throws(DataError) -> (label: String, values: [Int])? {
        guard table.contains("blob/shape") else { return nil }
        let sizes = try table.doubles("blob/shape", values: 2)
        return ("blob/shape", (0..<table.count).map { Int(exactly: sizes[2 * $0]) ?? 0 })
    }

    private static func signs(
        _ table: CryoSPARCTable, _ notes: inout [String]
    ) throws(DataError) -> [Float]? {
        guard table.contains("blob/sign") else { return nil }
        let values = try table.doubles("blob/sign")
        if let row = values.firstIndex(where: { abs($0) != 1 }) {
            throw DataError(
                file: table.file, at: .row(row + 1), "blob/sign is no sign", found: "\(values[row])",
                wanted: "1 or -1", remedy: "Import the particles again with their sign")
        }
        return values.contains(-1) ? values.map(Float.init) : nil
    }

    private static func halfSets(_ split: [Int]?, _ notes: inout [String]) -> [Int]? {
        guard let split else { return nil }
        guard split.allSatisfy({ $0 == 0 || $0 == 1 }), split.contains(0), split.contains(1) else {
            notes.append("alignments3D/split does not name two half sets: it is not used")
            return nil
        }
        return split.map { $0 + 1 }
    }
}

extension ImageNames {
    /// `blob/path` and `blob/idx`. Paths that cryoSPARC marks with `>` are relative to the project.
    init(_ table: CryoSPARCTable) throws(DataError) {
        let (names, stacks) = try table.interned("blob/path")
        let numbers = try table.doubles("blob/idx")
        let paths = names.map { String($0.drop { $0 == ">" }) }
        if let row = stacks.firstIndex(where: { paths[$0].isEmpty }) {
            throw DataError(
                file: table.file, at: .row(row + 1), "blob/path is empty", wanted: "the path of a stack",
                remedy: "Remove the row, or extract the particles again")
        }
        if let row = numbers.firstIndex(where: { Int32(exactly: $0) == nil || $0 < 0 }) {
            throw DataError(
                file: table.file, at: .row(row + 1), "blob/idx is no image number", found: "\(numbers[row])",
                wanted: "a whole number from 0", remedy: "Make the file again")
        }
        self.init(
            paths: paths,
            references: zip(stacks, numbers).map { ImageReference(stack: $0, index: Int($1)) })
    }
}
