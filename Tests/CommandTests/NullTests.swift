import CryoEM
import CryoIO
import Foundation
import Latent
import OpusDSD
import TestSupport
import Testing

@testable import Analysis
@testable import dsd

@Suite(.serialized) struct NullTests {
    private func normals(_ n: Int, _ widths: [Double], seed: UInt64) throws -> Matrix {
        var g = RandomSource(seed: seed)
        return try Matrix(
            rows: n, columns: widths.count,
            values: (0..<n * widths.count).map { Float(widths[$0 % widths.count] * g.normal()) })
    }

    /// Of 100 null comparisons of normal codes hardly any may be called real.
    @Test func equalSpreadsAreNotReal() throws {
        var found = 0
        for round in 0..<100 {
            let seed = UInt64(1000 * round)
            let own = try normals(120, [1, 0.5, 0.01], seed: seed)
            let twins = try (1...20).map { try normals(120, [1, 0.5, 0.01], seed: seed + UInt64($0)) }
            let spread = try TwinSpread(try PCA(own), real: own, twins: twins)
            if spread.components().contains(where: \.isReal) { found += 1 }
        }
        #expect(found <= 3, "\(found) of 100")
    }

    @Test func aWiderComponentIsReal() throws {
        let own = try normals(150, [2, 0.5, 0.01], seed: 1)
        let twins = try (2..<22).map { try normals(150, [1, 0.5, 0.01], seed: UInt64($0)) }
        let spread = try TwinSpread(try PCA(own), real: own, twins: twins)
        let components = spread.components()
        #expect(components.map(\.isReal) == [true, false, false])
        #expect((components[0].ratio - 2).magnitude < 0.5 && components[0].score > 6)
        let centres = try Matrix(rows: [[4, 0, 0], [0, 0, 0]])
        func labels(_ codes: Matrix) -> [Int] { (0..<codes.rows).map { codes[$0, 0] > 2 ? 0 : 1 } }
        let (clusters, outside) = try spread.clusters(
            (real: labels(own), twins: twins.map(labels)), centres: centres)
        #expect(clusters[0].share > 3 * clusters[0].twinShare && clusters[0].outside > 0.5)
        #expect((clusters[0].distance - 4).magnitude < 0.5 && clusters[1].distance < 0.3)
        #expect(outside > 0.08)
    }

    /// A few codes that land far away are no heterogeneity.
    @Test func lonelyImagesAreNotSpread() throws {
        var values = try normals(150, [1, 0.5], seed: 1).values
        (values[0], values[20]) = (300, -200)
        let own = try Matrix(rows: 150, columns: 2, values: values)
        let twins = try (2..<22).map { try normals(150, [1, 0.5], seed: UInt64($0)) }
        let spread = try TwinSpread(try PCA(own), real: own, twins: twins)
        #expect(spread.components().map(\.isReal) == [false, false])
    }

    /// Stages that leave the encoder as it is do not count, nor does the best epoch.
    @Test func theLengthOfTheTrainingIsThatOfTheEncoder() throws {
        let folder = try TemporaryFolder()
        let text = """
            epoch,stage,box,images,validation
            1,1,32,4000,-0.5
            2,1,32,8000,-0.4
            3,2,64,12000,-0.1
            """
        let path = try folder.write(Array(text.utf8), as: "metrics.csv")
        var fixed = Configuration.Stage()
        fixed.trainsEncoder = false
        let stages = [Configuration.Stage(), fixed]
        let metrics = try TrainingMetrics(path: path)
        #expect(metrics.encoderImages(stages) == 8000 && metrics.encoderImages([]) == nil)
        #expect(metrics.encoderImages([Configuration.Stage(), Configuration.Stage()]) == 12000)
        #expect(try TrainingMetrics(path: folder.file("absent")).encoderImages(stages) == nil)
    }

    @Test func emptyComponentsTellNothing() throws {
        let own = try normals(50, [1, 0], seed: 1)
        let twins = try (2..<12).map { try normals(50, [1, 0], seed: UInt64($0)) }
        let second = try TwinSpread(try PCA(own), real: own, twins: twins).components()[1]
        #expect(!second.isReal && second.ratio == 1 && second.score == 0)
    }

    @Test func theCommandWritesItsFindings() throws {
        let run = try AnalyzeFixture.shared.get()
        let command = try NullCommand.parse([
            run.folder.path, "--replicas", "5", "--clusters", "3", "--train", "--json",
        ])
        try command.run()
        let home = "\(run.folder.path)/null"
        let data = try #require(FileManager.default.contents(atPath: "\(home)/null.json"))
        let findings = try JSONDecoder().decode(NullFindings.self, from: data)
        #expect(findings.areHeldOut && findings.images == 16 && findings.replicas == 5)
        #expect(findings.components.count == 8 && findings.clusters.count == 3)
        #expect((findings.scale - 1).magnitude < 0.5)
        let twin = try #require(findings.trained)
        #expect(
            twin.strength.count == 8 && twin.twinStrength.count == 8 && twin.strength != twin.twinStrength)
        #expect(NullText(findings).text.contains("trained twin"))
        let share = findings.clusters.reduce(0) { $0 + $1.share }
        #expect((share - 1).magnitude < 1e-9)
        #expect(try NPYArray.read("\(home)/twin_codes.npy").shape == [5, 16, 8])
        #expect(try NPYArray.read("\(home)/codes.npy").shape == [16, 8])
        #expect(findings.trainedImages == 288)
        let words = findings.isHeterogeneous ? "heterogeneity: " : "undecided: "
        #expect(NullText(findings).text.contains(words) && findings.isTooShort == !findings.isHeterogeneous)
        #expect(NullFindings.read(home) == findings && NullFindings.read(run.folder.path) == nil)
        let page = try SectionPage.html([findings.section])
        #expect(
            page.contains("<section id=\"null\"") && page.contains("Twins' share")
                || page.contains("Twins&#39; share"))
        // Equal seeds give equal findings, up to the order in which threads add.
        var settings = NullSettings()
        (settings.replicas, settings.clusters) = (5, 3)
        let again = try NullTest(try Run(run.folder), settings: settings).perform()
        for (one, other) in zip(findings.components, again.components) {
            #expect((one.ratio / other.ratio - 1).magnitude < 0.01)
        }
    }

    @Test func aTwinIsTrainedAsTheRunWas() throws {
        let run = try Run(try AnalyzeFixture.shared.get().folder)
        let folder = try TemporaryFolder()
        let table = try TwinParticles(run: run, seed: 3).write(to: folder.path) { _, _, _ in }
        let twin = try ParticleSet(path: table)
        #expect(twin.count == run.data.particles.count)
        for (one, other) in zip(twin.angles, run.data.particles.angles) {
            #expect(one.rotation.angle(to: other.rotation) < 1e-5)
        }
        #expect(twin.ctf == run.data.particles.ctf)
        #expect(twin.origins.allSatisfy { $0 == .zero })
        let strengths = try TrainedTwin(run, twin: run)
        #expect(strengths.strength == strengths.twinStrength && strengths.strength.count == 8)
        #expect(strengths.strength[0] > 0 && strengths.strength[0] < 10)
    }

    @Test func settingsOutOfRangeAreRefused() throws {
        let run = try AnalyzeFixture.shared.get()
        for words in [["--images", "3"], ["--replicas", "1"]] {
            #expect(throws: (any Error).self) { try NullCommand.parse([run.folder.path] + words).run() }
        }
    }
}
