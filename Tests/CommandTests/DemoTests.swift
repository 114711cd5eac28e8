import CryoIO
import Foundation
import OpusDSD
import TestSupport
import Testing

@testable import dsd

@Suite(.serialized) struct DemoTests {
    private static let temporary = Result { try TemporaryFolder() }

    private func demo(_ name: String = "demo", _ settings: DemoSettings = AnalyzeFixture.settings) throws
        -> Demo
    {
        Demo(
            settings: settings, folder: DemoFolder(path: try Self.temporary.get().file(name)), device: .cpu,
            threads: 2,
            workers: 2)
    }

    @Test func aDemonstrationGoesFromNothingToAReportAndIsNotMadeTwice() throws {
        let demo = try demo()
        let (score, isOld) = try demo.perform()
        #expect(!isOld && score.particles == 160 && score.clusters.count == 4)
        #expect(score.maps?.count == 4)
        let page = try String(contentsOfFile: demo.folder.report, encoding: .utf8)
        for text in [
            "<section id=\"scores\"", "Accuracy", "href=\"./run/analysis/analysis.json\"",
            "160 simulated images",
        ] {
            #expect(page.contains(text), "\(text)")
        }
        let again = try demo.perform()
        #expect(again.isOld && again.score == score)
        try goesOn(demo, to: score.partition.accuracy)
        var other = AnalyzeFixture.settings
        other.seed = 9
        let changed = try self.demo("demo", other)
        let error = #expect(throws: DataError.self) { try changed.perform() }
        #expect(error?.remedy?.contains("--output") == true)
    }

    /// One that was stopped before its report takes over the training that is there.
    private func goesOn(_ demo: Demo, to accuracy: Double) throws {
        try FileManager.default.removeItem(atPath: demo.folder.report)
        let before = try Data(contentsOf: URL(fileURLWithPath: demo.folder.run.metrics))
        let (score, isOld) = try demo.perform()
        #expect(!isOld && score.partition.accuracy == accuracy)
        #expect(try Data(contentsOf: URL(fileURLWithPath: demo.folder.run.metrics)) == before)
    }

    @Test func aFolderWithOtherFilesIsLeftAlone() throws {
        let demo = try demo("other")
        try FileManager.default.createDirectory(atPath: demo.folder.path, withIntermediateDirectories: true)
        try Data("mine".utf8).write(to: URL(fileURLWithPath: "\(demo.folder.path)/notes.txt"))
        #expect(throws: DataError.self) { try demo.perform() }
        #expect(try FileManager.default.contentsOfDirectory(atPath: demo.folder.path) == ["notes.txt"])
    }

    @Test(arguments: [0.0, -1, .nan, .infinity]) func anImpossibleTimeIsRefused(_ minutes: Double) throws {
        #expect(throws: DataError.self) { try DemoSettings(minutes: minutes, seed: 1) }
    }

    @Test func minutesScaleTheTrainingImages() throws {
        let usual = DemoSettings()
        let double = try DemoSettings(minutes: 2 * DemoSettings.usualMinutes, seed: 1)
        #expect(zip(usual.stages, double.stages).allSatisfy { 2 * $0.images == $1.images })
    }
}
