import CryoIO
import Foundation
import OpusDSD
import TestSupport
import Testing

@Suite struct ScoreTests {
    /// A run folder with codes near one point for each label, spread by `spread`, for the states of the set.
    private func run(spread: Float = 0.1, labels: [Int]? = nil) throws -> (TemporaryFolder, states: [Int]) {
        let set = try Fixture.set.get()
        let folder = try TemporaryFolder()
        let states = try NPZ.read(set + "/truth.npz").required("state", file: set).integers()
        var random = SeededGenerator(seed: 5)
        let codes = (labels ?? states).flatMap { label in
            (0..<8).map { Float($0 == label ? 3 : 0) + spread * Float(random.normal()) }
        }
        try FileManager.default.createDirectory(
            atPath: folder.file("run/latent"), withIntermediateDirectories: true)
        try NPYArray(shape: [states.count, 8], floats: codes).write(to: folder.file("run/latent/mean.npy"))
        let record = RunRecord(
            program: .init(version: "0", torch: "0", commandLine: "dsd train"),
            inputs: .init(particles: set + "/particles.star"), configuration: Configuration())
        try record.write(to: folder.file("run/config.yaml"))
        for name in ["mask", "consensus"] {
            try FileManager.default.copyItem(
                atPath: "\(set)/\(name).mrc", toPath: folder.file("run/\(name).mrc"))
        }
        return (folder, states)
    }

    /// What `dsd analyze` leaves: labels and, in `analysis/volumes`, the true maps in the place of decoded
    /// ones.
    private func analyse(_ folder: TemporaryFolder, labels: [Int], maps: [Int]) throws {
        let analysis = folder.file("run/analysis")
        for part in ["kmeans2", "volumes"] {
            try FileManager.default.createDirectory(
                atPath: "\(analysis)/\(part)", withIntermediateDirectories: true)
        }
        try NPYArray(shape: [labels.count], int32: labels.map(Int32.init)).write(
            to: "\(analysis)/kmeans2/labels.npy")
        for (cluster, state) in maps.enumerated() {
            let map = try DensityMap.read(try Fixture.set.get() + "/states/state_00\(state).mrc")
            try map.write(to: "\(analysis)/volumes/decoded_00\(cluster).mrc")
        }
    }

    private func score(_ folder: TemporaryFolder, _ options: [String] = []) throws -> [String: Any] {
        let truth = try Fixture.set.get() + "/truth.npz"
        return try Program.json(
            ["score", "run", "--truth", truth, "--clusters", "2"] + options, in: folder.path)
    }

    private func value(_ facts: [String: Any], _ group: String, _ name: String) -> Double {
        (facts[group] as? [String: Any])?[name] as? Double ?? .nan
    }

    @Test func separateCodesScorePerfectlyAndChanceIsFarOff() throws {
        let (folder, _) = try run()
        let facts = try score(folder)
        #expect(value(facts, "partition", "entropy") == 0)
        for name in ["adjustedRandIndex", "accuracy"] { #expect(value(facts, "partition", name) == 1) }
        #expect(abs(value(facts, "partition", "normalisedMutualInformation") - 1) < 1e-9)
        #expect(abs(value(facts, "chance", "entropy") - 0.301) < 0.03)
        #expect(abs(value(facts, "chance", "adjustedRandIndex")) < 0.15)
        #expect(abs((facts["neighbourhoodByChance"] as? Double ?? 0) - 19.0 / 39) < 1e-9)
        #expect((facts["counts"] as? [[Int]])?.flatMap { $0 }.sorted() == [0, 0, 20, 20])
        #expect(facts["labels"] == nil && facts["maps"] == nil)
    }

    @Test func codesWithoutStatesScoreByChance() throws {
        let (folder, _) = try run(spread: 1, labels: (0..<40).map { _ in 9 })
        let facts = try score(folder)
        #expect(value(facts, "partition", "entropy") > 0.2)
        #expect(abs(facts["neighbourhood"] as? Double ?? 1) < 0.65)
    }

    @Test func labelsOfTheAnalysisComeFirstAndItsMapsAreCompared() throws {
        let (folder, states) = try run(spread: 5)
        let labels = states.enumerated().map { $0.offset < 4 ? 0 : 1 - $0.element }
        try analyse(folder, labels: labels, maps: [1, 0])
        let facts = try score(folder)
        #expect(facts["labels"] as? String == "run/analysis/kmeans2/labels.npy")
        #expect(value(facts, "partition", "accuracy") >= 0.9)
        let maps = try #require(facts["maps"] as? [[String: Any]])
        #expect(maps.map { $0["state"] as? Int } == [1, 0])
        for map in maps {
            #expect(abs(value(map, "decoded", "area") - 1) < 1e-4)
            #expect(value(map, "mean", "area") < 0.99)
            #expect(abs(value(map, "mean", "area") - value(map, "consensus", "area")) < 1e-4)
            #expect(map["reconstruction"] == nil)
        }
    }

    @Test func aMapOutOfPlaceIsToldByItsTurnAndShift() throws {
        let (folder, states) = try run()
        try analyse(folder, labels: states, maps: [0, 1])
        let path = folder.file("run/analysis/volumes/decoded_000.mrc")
        var map = try DensityMap.read(path)
        let still = map.values
        for row in 0..<still.count / map.side {
            for x in 1..<map.side { map.values[row * map.side + x] = still[row * map.side + x - 1] }
        }
        try map.write(to: path)
        let maps = try #require(try score(folder)["maps"] as? [[String: Any]])
        #expect(abs(value(maps[0], "decoded", "shift") - map.pixelSize) < 0.1 * map.pixelSize)
        #expect(value(maps[0], "decoded", "turn") < 0.5)
        #expect(value(maps[1], "decoded", "shift") < 0.01 && value(maps[1], "decoded", "turn") < 0.05)
    }

    @Test func wordsNameEveryMeasure() throws {
        let (folder, states) = try run()
        try analyse(folder, labels: states, maps: [0, 1])
        let truth = try Fixture.set.get() + "/truth.npz"
        let outcome = try Program.run(["score", "run", "--truth", truth, "--clusters", "2"], in: folder.path)
        #expect(outcome.status == 0)
        for word in [
            "entropy", "adjusted Rand", "mutual information", "accuracy", "neighbours", "by chance",
            "state 1", "decoded", "turn and shift",
        ] {
            #expect(outcome.output.contains(word), "\(outcome.output) lacks \(word)")
        }
    }

    @Test func labelsBesideMapsInGTAreReadToo() throws {
        let set = try Fixture.set.get()
        let (folder, states) = try run()
        try analyse(folder, labels: states, maps: [0, 1])
        var archive = NPZ()
        archive["label"] = try NPYArray(shape: [states.count], integers: states)
        try archive.write(to: folder.file("labels.npz"))
        try FileManager.default.createDirectory(atPath: folder.file("gt"), withIntermediateDirectories: true)
        for state in 0..<2 {
            try FileManager.default.copyItem(
                atPath: "\(set)/states/state_00\(state).mrc", toPath: folder.file("gt/vol_00\(state).mrc"))
        }
        let facts = try Program.json(words("score run --truth labels.npz --clusters 2"), in: folder.path)
        #expect(value(facts, "partition", "accuracy") == 1 && (facts["maps"] as? [Any])?.count == 2)
    }

    @Test(arguments: [
        BadInput("no such run", "score none --truth SET/truth.npz", "none"),
        BadInput("no such truth", "score run --truth none.npz", "none.npz"),
        BadInput(
            "an archive without states", "score run --truth other.npz", "other.npz", "'state' or 'label'"),
        BadInput("a truth of other particles", "score run --truth few.npz", "few.npz", "3", "40"),
        BadInput("no clusters", "score run --truth SET/truth.npz --clusters 0", "clusters", "0"),
        BadInput("more clusters than particles", "score run --truth SET/truth.npz --clusters 99", "99", "40"),
        BadInput(
            "a folder without maps", "score run --truth SET/truth.npz --maps run", "run", "state_000.mrc"),
        BadInput(
            "maps of another box", "score run --truth SET/truth.npz --clusters 2", "decoded_000.mrc", "box"),
    ])
    func badInputIsNamedAndNothingIsWritten(_ bad: BadInput) throws {
        try bad.check { target in
            let (folder, states) = try run()
            try analyse(folder, labels: states, maps: [0, 1])
            try Fixture.noise(side: 12).write(to: folder.file("run/analysis/volumes/decoded_000.mrc"))
            try FileManager.default.copyItem(atPath: folder.file("run"), toPath: target.file("run"))
            for (file, name) in [("other", "pose"), ("few", "state")] {
                var archive = NPZ()
                archive[name] = try NPYArray(shape: [3], integers: [0, 1, 0])
                try archive.write(to: target.file(file + ".npz"))
            }
        }
    }
}
