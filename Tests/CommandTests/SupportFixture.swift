import CryoIO
import Foundation
import TestSupport

/// A small simulated set, made once by the program: a molecule of two parts in two states, 40 images of 16
/// pixels.
enum Fixture {
    static let set: Result<String, any Error> = Result {
        atexit { try? FileManager.default.removeItem(atPath: Fixture.folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try pdb(to: folder + "/molecule.pdb")
        let outcome = try Program.run(simulation + ["--output", "set"], in: folder)
        guard outcome.status == 0 else { throw Program.Failure(description: outcome.error) }
        return folder + "/set"
    }

    static let folder = FileManager.default.temporaryDirectory.path + "/opusdsd-set-\(UUID().uuidString)"

    /// Arguments that make the set in the folder that holds `molecule.pdb`; quick, unlike the phantom's 3000
    /// beads.
    static let simulation = [
        "simulate", "--structure", "molecule.pdb", "--move", "B:rotate=60@z:shift=0,18,0", "--count", "40",
        "--box", "16",
        "--pixel-size", "8", "--snr", "5", "--threads", "1",
    ]

    /// Two chains of 30 carbon atoms, 25 A to each side of the centre.
    static func pdb(to path: String) throws {
        var random = SeededGenerator(seed: 3)
        var lines: [String] = []
        for index in 0..<60 {
            let side = index < 30 ? -25.0 : 25.0
            let x = side + 7 * random.normal()
            let y = 9 * random.normal()
            let z = 5 * random.normal()
            lines.append(
                "ATOM  " + String(format: "%5d", index + 1) + "  CA  ALA \(index < 30 ? "A" : "B")"
                    + String(format: "%4d    %8.3f%8.3f%8.3f", index + 1, x, y, z)
                    + "  1.00  0.00           C")
        }
        try AtomicFile.write(text: lines.joined(separator: "\n") + "\nEND\n", to: path)
    }

    /// A map of noise.
    static func noise(side: Int, pixelSize: Double = 8, seed: UInt64 = 1) -> DensityMap {
        var random = SeededGenerator(seed: seed)
        return DensityMap(cube: random.normals(side * side * side), side: side, pixelSize: pixelSize)
    }
}
