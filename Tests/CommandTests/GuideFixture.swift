import CryoEM
import CryoIO
import Foundation
import TestSupport

/// One simulated set as RELION, cryoSPARC and cryoDRGN would keep it, under the names that the guides use.
struct GuideFixture {
    let temporary: TemporaryFolder
    var folder: String { temporary.path }

    /// The true map.
    func consensus() throws -> DensityMap { try DensityMap.read(temporary.file("consensus.mrc")) }

    init() throws {
        temporary = try TemporaryFolder()
        try Fixture.pdb(to: temporary.file("molecule.pdb"))
        let made = try Program.run(
            [
                "simulate", "--structure", "molecule.pdb", "--move", "B:rotate=60@z:shift=0,18,0", "--count",
                "120", "--box", "32", "--pixel-size", "6", "--snr", "5", "--output", "set",
            ], in: folder)
        guard made.status == 0 else { throw Program.Failure(description: made.error) }
        for name in ["particles.mrcs", "particles.star", "consensus.mrc"] {
            try FileManager.default.copyItem(
                atPath: temporary.file("set/\(name)"), toPath: temporary.file(name))
        }
        for part in ["Refine3D/job020", "Select/state_a", "P12/J24", "P12/J20"] {
            try FileManager.default.createDirectory(
                atPath: temporary.file(part), withIntermediateDirectories: true)
        }
    }

    /// `Refine3D/job020/run_data.star` with paths relative to the project, and `unbinned.star`.
    func writeRELION() throws {
        let star = temporary.file("particles.star")
        try FileManager.default.copyItem(
            atPath: star, toPath: temporary.file("Refine3D/job020/run_data.star"))
        let text = try String(contentsOfFile: star, encoding: .utf8)
        try AtomicFile.write(
            text: text.replacingOccurrences(of: "@particles", with: "@Extract/job030/particles"),
            to: temporary.file("unbinned.star"))
    }

    /// `P12/J24` with particles and passthrough file, the stack in `P12/J20`, and `original.cs`.
    func writeCryoSPARC() throws {
        let set = try ParticleSet(path: temporary.file("particles.star"))
        try FileManager.default.copyItem(
            atPath: temporary.file("particles.mrcs"), toPath: temporary.file("P12/J20/particles.mrcs"))
        var particles = RecordTable(), passthrough = RecordTable(), original = RecordTable()
        for row in 0..<set.count {
            let uid = UInt64(row) * 7919 + 1_000_003
            let pose = Self.vector(set.angles[row].rotation), origin = set.originsInPixels[row]
            particles.add(
                [
                    .uid("uid", uid), .text("blob/path", "J20/particles.mrcs"), .word("blob/idx", row),
                    .floats("blob/psize_A", [6]), .floats("alignments3D/pose", [pose.x, pose.y, pose.z]),
                    .floats("alignments3D/shift", [origin.x, origin.y]),
                    .floats("alignments3D/psize_A", [6]), .word("alignments3D/split", row % 2),
                ])
            let ctf = set.ctf[row]
            passthrough.add(
                [
                    .uid("uid", uid), .floats("ctf/accel_kv", [ctf.voltage]),
                    .floats("ctf/cs_mm", [ctf.sphericalAberration]),
                    .floats("ctf/amp_contrast", [ctf.amplitudeContrast]),
                    .floats("ctf/df1_A", [ctf.defocusU]), .floats("ctf/df2_A", [ctf.defocusV]),
                    .floats("ctf/df_angle_rad", [ctf.defocusAngle * .pi / 180]),
                ])
            original.add(
                [.uid("uid", uid), .text("blob/path", "J2/imported.mrc"), .word("blob/idx", row)])
        }
        try particles.write(to: temporary.file("P12/J24/particles.cs"))
        try passthrough.write(to: temporary.file("P12/J24/passthrough_particles.cs"))
        try original.write(to: temporary.file("original.cs"))
    }

    /// `poses.pkl` and `ctf.pkl` beside the stack.
    func writeCryoDRGN() throws {
        let set = try ParticleSet(path: temporary.file("particles.star"))
        let count = set.count, box = Double(set.box)
        let turns = set.angles.flatMap { $0.rotation.rowMajor.map(Double.init) }
        let moves = set.originsInPixels.flatMap { [$0.x / box, $0.y / box] }
        let table = set.ctf.flatMap { ctf in
            [
                box, set.pixelSize, ctf.defocusU, ctf.defocusV, ctf.defocusAngle, ctf.voltage,
                ctf.sphericalAberration, ctf.amplitudeContrast, ctf.phaseShift,
            ]
        }
        let poses =
            FloatPickle.array(turns, [count, 3, 3]) + FloatPickle.array(moves, [count, 2]) + [0x86]
        try AtomicFile.write([0x80, 3] + poses + [0x2e], to: temporary.file("poses.pkl"))
        try AtomicFile.write(
            [0x80, 3] + FloatPickle.array(table, [count, 9]) + [0x2e], to: temporary.file("ctf.pkl"))
    }

    /// cryoSPARC's pose of a matrix that takes volume to image: the rotation vector of its inverse.
    private static func vector(_ m: Rotation) -> SIMD3<Double> {
        let axis = SIMD3(m.row2.y - m.row1.z, m.row0.z - m.row2.x, m.row1.x - m.row0.y)
        let length = (axis * axis).sum().squareRoot()
        let angle = atan2(length, m.row0.x + m.row1.y + m.row2.z - 1)
        return length > 1e-9 ? axis * (-angle / length) : .zero
    }
}

/// A NumPy array of records, as cryoSPARC writes it.
struct RecordTable {
    enum Value {
        case uid(String, UInt64)
        case text(String, String)
        case word(String, Int)
        case floats(String, [Double])

        /// NumPy's description of the field.
        var type: String {
            switch self {
            case .uid(let name, _): "('\(name)', '<u8')"
            case .text(let name, _): "('\(name)', 'S64')"
            case .word(let name, _): "('\(name)', '<u4')"
            case .floats(let name, let values):
                values.count == 1 ? "('\(name)', '<f4')" : "('\(name)', '<f4', (\(values.count),))"
            }
        }

        var bytes: [UInt8] {
            switch self {
            case .uid(_, let value): withUnsafeBytes(of: value.littleEndian) { Array($0) }
            case .text(_, let text):
                Array(text.utf8) + [UInt8](repeating: 0, count: 64 - text.utf8.count)
            case .word(_, let value): withUnsafeBytes(of: UInt32(value).littleEndian) { Array($0) }
            case .floats(_, let values):
                values.flatMap { value in
                    withUnsafeBytes(of: Float(value).bitPattern.littleEndian) { Array($0) }
                }
            }
        }
    }

    private var types = ""
    private var rows: [UInt8] = []
    private var count = 0

    mutating func add(_ row: [Value]) {
        types = "[" + row.map(\.type).joined(separator: ", ") + "]"
        rows += row.flatMap(\.bytes)
        count += 1
    }

    func write(to path: String) throws {
        var header = "{'descr': \(types), 'fortran_order': False, 'shape': (\(count),), }"
        while (10 + header.utf8.count + 1) % 64 != 0 { header += " " }
        header += "\n"
        let length = UInt16(header.utf8.count)
        let start: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)]
        try AtomicFile.write(start + Array(header.utf8) + rows, to: path)
    }
}

/// A pickled array of 64-bit numbers, without the frame around it.
enum FloatPickle {
    static func array(_ values: [Double], _ shape: [Int]) -> [UInt8] {
        func little(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        func name(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }
        func text(_ value: String) -> [UInt8] { [0x58] + little(value.utf8.count) + Array(value.utf8) }
        var bytes = name("numpy.core.multiarray", "_reconstruct") + name("numpy", "ndarray")
        bytes += [0x4b, 0, 0x85, 0x43, 1, 0x62, 0x87, 0x52]
        bytes += [0x28, 0x4b, 1, 0x28] + shape.flatMap { [0x4a] + little($0) } + [0x74]
        bytes += name("numpy", "dtype") + text("f8") + [0x89, 0x88, 0x87, 0x52]
        bytes += [0x28, 0x4b, 3] + text("<") + [0x4e, 0x4e, 0x4e]
        bytes += [0x4a] + little(-1) + [0x4a] + little(-1) + [0x4b, 0, 0x74, 0x62, 0x89]
        bytes += [0x42] + little(8 * values.count)
        for value in values {
            bytes += withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
        }
        return bytes + [0x74, 0x62]
    }
}
