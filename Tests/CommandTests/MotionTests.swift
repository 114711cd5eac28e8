import CryoEM
import CryoIO
import Foundation
import OpusDSD
import Simulation
import TestSupport
import Testing
import Torch

@testable import Analysis
@testable import dsd

/// A molecule of two chains in three states, the second chain moved in two of them, as simulated maps.
private struct MovedStates {
    static let moves = [
        "B:rotate=12@0,1,0.3:shift=3,-2,4", "A:rotate=-8@1,0,0:shift=2,0,0;B:rotate=20@x:shift=0,8,-3",
    ]
    let folder: TemporaryFolder
    let ensemble: Ensemble

    static let shared = Result { try MovedStates() }

    init() throws {
        folder = try TemporaryFolder()
        var lines: [String] = []
        for (chain, centre) in [("A", SIMD3(-26.0, 0, 0)), ("B", SIMD3(26.0, 3, -4))] {
            var g = CounterRandom(seed: 9).generator(RandomStream(rawValue: 902), item: chain == "A" ? 1 : 2)
            for bead in 0..<60 {
                let v = (0..<3).map { _ in Double.random(in: -1...1, using: &g) }
                let p = centre + 17 * SIMD3(v[0], v[1], v[2])
                lines.append(
                    "ATOM  " + Self.pad("\(lines.count + 1)", 5) + "  CA  ALA \(chain)"
                        + Self.pad("\(bead + 1)", 4)
                        + "    " + [p.x, p.y, p.z].map { Self.pad(String(format: "%.3f", $0), 8) }.joined()
                        + "  1.00  0.00           C")
            }
        }
        try Data((lines.joined(separator: "\n") + "\nEND\n").utf8).write(
            to: URL(fileURLWithPath: folder.file("model.pdb")))
        ensemble = try Ensemble(
            file: folder.file("model.pdb"), moves: try Self.moves.map { try StateMove($0) }, scale: 1)
        let settings = SimulationSettings(count: 4, box: 48, pixelSize: 3, snr: nil, seed: 1)
        try ParticleSimulator(ensemble: ensemble, settings: settings, threads: 1).write(
            to: folder.file("set"))
        for (name, chain) in [("domain", 1), ("reference", 0)] {
            let atoms = ensemble.states[0].positions[chain * 60..<chain * 60 + 60]
            try Self.mask(Array(atoms)).write(to: folder.file("\(name).mrc"))
        }
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    func state(_ index: Int) -> String { folder.file(String(format: "set/states/state_%03d.mrc", index)) }

    private static func mask(_ atoms: [SIMD3<Double>]) throws -> DensityMap {
        let side = 48
        var inside = [Float](repeating: 0, count: side * side * side)
        for atom in atoms {
            let p = (atom / 3 + Double(side / 2)).rounded(.toNearestOrEven)
            inside[(Int(p.z) * side + Int(p.y)) * side + Int(p.x)] = 1
        }
        return try SolventMask(
            of: DensityMap(cube: inside, side: side, pixelSize: 3), threshold: 0.5, extend: 3, edge: 3
        ).map
    }

    /// The motion of chain B against chain A from one state to another, from the atoms, in the frame of the
    /// first.
    func truth(_ state: Int, from start: Int = 0) -> RigidTransform {
        let held = motion(state, 0, from: start)
        let moved = motion(state, 1, from: start)
        return held.inverse * moved
    }

    /// From three atoms of a chain that are not on one line.
    private func motion(_ state: Int, _ chain: Int, from start: Int) -> RigidTransform {
        func frame(_ p: [SIMD3<Double>]) -> RigidTransform {
            let points = [0, 20, 40].map { p[chain * 60 + $0] }
            let x = unit(points[1] - points[0])
            let z = unit(cross(x, points[2] - points[0]))
            let y = cross(z, x)
            return RigidTransform(
                rotation: Rotation(SIMD3(x.x, y.x, z.x), SIMD3(x.y, y.y, z.y), SIMD3(x.z, y.z, z.z)),
                translation: points[0])
        }
        return frame(ensemble.states[state].positions) * frame(ensemble.states[start].positions).inverse
    }

    private func unit(_ v: SIMD3<Double>) -> SIMD3<Double> { v / (v * v).sum().squareRoot() }
    private func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
        SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
    }
}

@Suite struct MotionTests {
    @Test func simulatedMovesAreFoundWithinTwoDegreesAndOneAngstrom() throws {
        let set = try MovedStates.shared.get()
        let output = set.folder.file("motion")
        let command = try MotionCommand.parse(
            [
                "none", "--domain", set.folder.file("domain.mrc"), "--reference",
                set.folder.file("reference.mrc"),
                "--base", set.state(0), "--map", set.state(0), set.state(1), set.state(2), "--output", output,
                "--json",
            ])
        try command.run()
        let data = try #require(FileManager.default.contents(atPath: "\(output)/motion.json"))
        let findings = try JSONDecoder().decode(MotionFindings.self, from: data)
        #expect(findings.states.map(\.name) == ["state_000", "state_001", "state_002"])
        for (index, state) in findings.states.enumerated() {
            let truth = set.truth(index)
            let found = Rotation(rowMajor: state.matrix)
            #expect(found.angle(to: truth.rotation) < 2, "\(state.name) \(found.angle(to: truth.rotation))")
            #expect((state.rotation - truth.rotation.angle(to: .identity)).magnitude < 2)
            let corner = SIMD3(repeating: 72.0)
            let c = findings.domain.centre
            let centre = SIMD3(c[0], c[1], c[2])
            let wanted = truth * (centre - corner) + corner
            let reached = found * centre + SIMD3(state.offset[0], state.offset[1], state.offset[2])
            let miss = ((wanted - reached) * (wanted - reached)).sum().squareRoot()
            #expect(miss < 1, "\(state.name) \(miss)")
            #expect(state.domainCorrelation > 0.9 && state.referenceCorrelation > 0.9)
        }
        for name in ["motion.csv", "motion.cxc", "001_state_001.bild"] {
            #expect(FileManager.default.fileExists(atPath: "\(output)/\(name)"), "\(name)")
        }
        let script = try String(contentsOfFile: "\(output)/motion.cxc", encoding: .utf8)
        #expect(script.contains("002_state_002.bild") && script.contains(set.state(0)))
        let axis = try String(contentsOfFile: "\(output)/001_state_001.bild", encoding: .utf8)
        #expect(axis.contains(".arrow ") && axis.contains(".color "))
        #expect(MotionText(findings).text.contains("state_002"))
        #expect(MotionFindings.read(output) == findings)
        let page = try SectionPage.html([findings.section])
        #expect(page.contains("<section id=\"motion\"") && page.contains("Slide along the axis"))
    }

    /// Cluster 0 has a reconstruction, cluster 1 none.
    @Test func reconstructionsAreTakenWhereThereAreSomeAndSaidSo() throws {
        let set = try MovedStates.shared.get()
        let run = try TemporaryFolder()
        let volumes = run.file("analysis/volumes")
        try FileManager.default.createDirectory(atPath: volumes, withIntermediateDirectories: true)
        for (name, state) in [
            ("decoded_000", 0), ("decoded_001", 1), ("reconstruction_000", 2),
            ("reconstruction_000_half1", 1),
        ] {
            try FileManager.default.copyItem(atPath: set.state(state), toPath: "\(volumes)/\(name).mrc")
        }
        func findings(_ words: [String]) throws -> MotionFindings {
            let masks = ["domain", "reference"].flatMap { ["--\($0)", set.folder.file("\($0).mrc")] }
            try MotionCommand.parse([run.path] + masks + ["--base", set.state(0), "--json"] + words).run()
            return try #require(MotionFindings.read(run.file("analysis/motion")))
        }
        let mixed = try findings([])
        #expect(mixed.states.map(\.name) == ["cluster 0", "cluster 1"])
        #expect(mixed.states.map(\.kind) == [.reconstruction, .decoded])
        #expect(mixed.states[0].map.hasSuffix("reconstruction_000.mrc"))
        let text = MotionText(mixed).text
        #expect(text.contains("maps: reconstructions") && text.contains("of cluster 1, which has none"))
        #expect(mixed.csv.contains(",reconstruction\n") && mixed.csv.contains(",decoded\n"))
        #expect(try SectionPage.html([mixed.section]).contains("Maps: reconstructions"))
        let drawn = try findings(["--decoded"])
        #expect(drawn.states.map(\.kind) == [.decoded, .decoded] && drawn.states[0].rotation < 0.1)
        #expect(MotionText(drawn).text.contains("maps: decoded at the clusters' centres"))
        try FileManager.default.removeItem(atPath: "\(volumes)/decoded_001.mrc")
        #expect(try findings([]).mapsMeaning == "reconstructions from each cluster's particles")
        #expect(throws: (any Error).self) {
            try MotionCommand.parse(
                [run.path, "--domain", "a", "--reference", "b", "--decoded", "--map", "c"])
        }
    }

    /// The consensus is smeared where the domain moves; the states among themselves are not.
    @Test func masksDrawnOnTheConsensusAreEnough() throws {
        let set = try MovedStates.shared.get()
        let run = try TemporaryFolder()
        let states = try (0..<3).map { try DensityMap.read(set.state($0)) }
        var mean = states[0]
        for i in mean.values.indices { mean.values[i] = states.reduce(0) { $0 + $1.values[i] / 3 } }
        try mean.write(to: RunFolder(run.path).consensus)
        let words = ["domain", "reference"].flatMap { ["--\($0)", set.folder.file("\($0).mrc")] }
        try MotionCommand.parse(
            [run.path] + words + ["--map"] + (0..<3).map(set.state) + ["--output", run.file("out"), "--json"]
        ).run()
        let findings = try #require(MotionFindings.read(run.file("out")))
        let start = try #require(findings.states.firstIndex { $0.map == findings.base })
        #expect(findings.masksOn == RunFolder(run.path).consensus)
        #expect(MotionText(findings).text.contains("from state_00\(start), the state most like"))
        let corner = SIMD3(repeating: 72.0)
        let c = SIMD3(findings.domain.centre[0], findings.domain.centre[1], findings.domain.centre[2])
        for (index, state) in findings.states.enumerated() {
            let truth = set.truth(index, from: start)
            let found = Rotation(rowMajor: state.matrix)
            let reached = found * c + SIMD3(state.offset[0], state.offset[1], state.offset[2])
            let miss = reached - (truth * (c - corner) + corner)
            #expect(found.angle(to: truth.rotation) < 2, "\(found.angle(to: truth.rotation))")
            #expect((miss * miss).sum() < 1, "\(miss)")
        }
    }

    @Test func mapsOfAnotherBoxAndRunsWithoutMapsAreRefused() throws {
        let set = try MovedStates.shared.get()
        let small = DensityMap(cube: [Float](repeating: 1, count: 4096), side: 16, pixelSize: 3)
        try small.write(to: set.folder.file("small.mrc"))
        for words in [
            ["--base", set.state(0), "--map", set.folder.file("small.mrc")],
            ["--base", set.folder.file("small.mrc"), "--map", set.state(0)], ["--base", set.state(0)],
        ] {
            let all =
                [
                    "none", "--domain", set.folder.file("domain.mrc"), "--reference",
                    set.folder.file("reference.mrc"),
                ]
                + words + ["--output", set.folder.file("out")]
            #expect(throws: (any Error).self) { try MotionCommand.parse(all).run() }
            #expect(!FileManager.default.fileExists(atPath: set.folder.file("out")))
        }
    }
}
