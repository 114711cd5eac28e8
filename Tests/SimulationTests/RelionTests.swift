import CryoEM
import CryoIO
import Foundation
import TestSupport
import Testing

@testable import Simulation

/// RELION's own reconstruction as referee of poses, hand, origins and the sign of the CTF.
@Suite struct RelionTests {
    private static let program = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .map { "\($0)/relion_reconstruct" }.first { FileManager.default.isExecutableFile(atPath: $0) }

    @Test(.enabled(if: program != nil, "relion_reconstruct is not on the PATH"))
    func relionReconstructsTheTrueMap() throws {
        let ensemble = try DumbbellPhantom(states: 1, beadsPerLobe: 150).ensemble()
        var settings = SimulationSettings(count: 400, box: 32, pixelSize: 8, snr: 20)
        settings.ctf.maximumAstigmatism = 6000
        let folder = try TemporaryFolder()
        try ParticleSimulator(ensemble: ensemble, settings: settings).write(to: folder.path)

        let process = Process()
        process.executableURL = URL(filePath: try #require(Self.program))
        process.arguments = ["--i", "particles.star", "--o", "relion.mrc", "--ctf"]
        process.currentDirectoryURL = URL(filePath: folder.path)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)

        let truth = try DensityMap.read(folder.file("states/state_000.mrc"))
        let result = try DensityMap.read(folder.file("relion.mrc"))
        for (shell, value) in try FSC(truth, result).values.enumerated() where shell <= 8 {
            #expect(value > 0.95, "shell \(shell)")
        }
        let (product, square) = zip(truth.values, result.values).reduce(into: (Float(0), Float(0))) {
            $0.0 += $1.0 * $1.1
            $0.1 += $1.0 * $1.0
        }
        #expect(abs(product / square - 1) < 0.1)
    }
}
