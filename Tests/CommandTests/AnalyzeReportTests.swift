import CryoIO
import Foundation
import TestSupport
import Testing

@testable import Analysis

@Suite struct AnalyzeReportTests {
    @Test func theTrainingTimeLeavesOutThePauseBeforeAResume() throws {
        let folder = try TemporaryFolder()
        let text = """
            2026-03-01T10:00:00Z configuration:
            preset: small
            2026-03-01T10:02:30Z epoch 1
            2026-03-02T08:00:00Z configuration:
            2026-03-02T08:00:45Z epoch 2
            """
        let path = try folder.write(Array(text.utf8), as: "log.txt")
        #expect(TrainingTime.seconds(log: path) == 195)
        #expect(TrainingTime.seconds(log: folder.file("absent")) == nil)
    }

    @Test func stagesOfDifferentBoxesHavePlotsOfTheirOwn() throws {
        let folder = try TemporaryFolder()
        let text = """
            epoch,stage,box,reconstruction,divergence,totalVariation,validation
            1,1,32,-0.5,20,0,-0.4
            2,1,32,-0.6,25,0,-0.5
            3,2,64,-0.1,24,0,
            """
        let terms = try TrainingMetrics(path: try folder.write(Array(text.utf8), as: "metrics.csv")).terms
        #expect(
            terms.map(\.name) == [
                "Reconstruction error, stage 1, 32 px", "Reconstruction error, stage 2, 64 px",
                "Divergence from the standard normal",
            ])
        #expect(terms[0].curves.map(\.values) == [[-0.5, -0.6], [-0.4, -0.5]])
        #expect(terms[0].curves.map(\.isValidation) == [false, true])
        #expect(terms[1].curves.map(\.name) == ["training"])
        #expect(terms[2].curves.map(\.epochs) == [[1, 2], [3]])
    }

    @Test func aShortLineOfMetricsIsNamed() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Array("epoch,stage\n1,1\n2\n".utf8), as: "metrics.csv")
        let error = #expect(throws: DataError.self) { try TrainingMetrics(path: path) }
        #expect(error?.location == .line(3) && error?.found == "1" && error?.wanted == "2")
        #expect(try TrainingMetrics(path: folder.file("absent")).terms.isEmpty)
    }

    @Test(arguments: [
        ("/a/run/analysis/x.mrc", "/a/run", "analysis/x.mrc"), ("/a/run/x", "/a/run/deep/er", "../../x"),
        ("/b/x", "/a", "../b/x"),
    ]) func linksAreRelativeToTheReport(_ path: String, _ folder: String, _ link: String) {
        #expect(RunReport.relative(path, from: folder) == link)
    }
}
