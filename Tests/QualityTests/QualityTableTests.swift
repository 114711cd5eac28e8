import Foundation
import Testing

@testable import Quality

@Suite struct QualityTableTests {
    static func score(_ value: Double) -> QualityScore {
        QualityScore(
            entropy: .init(value), adjustedRandIndex: .init(value), normalisedMutualInformation: .init(value),
            accuracy: .init(value), neighbourhood: .init(value), neighbourhoodByChance: .init(value),
            coordinate: .init(absent: "discrete truth"),
            brokenPrecision: .init(absent: "no broken particles"),
            area: .init(value), consensusArea: .init(value), trueArea: .init(value), closed: .init(value),
            localArea: .init(value), localClosed: .init(value),
            reconstructionArea: .init(value), reconstructionClosed: .init(value), areas: [value], rows: [0])
    }

    private let table: QualityTable = {
        let cost = ChildProcess.Cost(seconds: 60, cpuSeconds: 90, peakBytes: 2_000_000_000)
        return QualityTable(
            title: "T",
            results: [
                .init(set: "a", configuration: "x", seed: 1, status: .done, score: score(0.25), cost: cost),
                .init(set: "a", configuration: "x", seed: 2, status: .done, score: score(0.75), cost: cost),
                .init(set: "a", configuration: "y", seed: 1, status: .failed, reason: "no \"room\", sorry"),
            ])
    }()

    @Test func everyCellOfTheTableIsFilled() {
        let lines = table.csv.split(separator: "\n").map(String.init)
        #expect(lines.count == 4)
        #expect(lines[1].hasPrefix("a,x,1,0.250000") && lines[1].hasSuffix(",1.5000,1.0000,2.0000"))
        #expect(lines[1].contains("n/a: discrete truth"))
        let failed = "\"failed: no \"\"room\"\", sorry\""
        #expect(lines[3] == (["a", "y", "1"] + Array(repeating: failed, count: 19)).joined(separator: ","))
        for line in table.markdown.split(separator: "\n") where line.hasPrefix("|") {
            let cells = line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
            #expect(cells.count == 22)
            #expect(cells.allSatisfy { !$0.allSatisfy(\.isWhitespace) })
        }
    }

    @Test func meansStandWithTheirRangeAndReasonsBelow() {
        let text = table.markdown
        #expect(text.contains("| a | x | 2 of 2 | 0.500 (0.250 to 0.750) |"))
        #expect(text.contains("| a | y | 0 of 1 | failed [3]"))
        #expect(text.contains("[1] discrete truth\n") && text.contains("[3] no \"room\", sorry\n"))
    }

    @Test func costsOfAProgramAreMeasured() throws {
        let log = FileManager.default.temporaryDirectory.path + "/child-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: log) }
        let child = try ChildProcess(
            "/bin/sh",
            ["-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo done; echo bad >&2; exit 3"],
            log: log)
        #expect(child.status == 3 && ChildProcess.lastLine(of: log) == "bad")
        #expect(child.cost.cpuSeconds > 0.01 && child.cost.seconds > 0.01)
        #expect(child.cost.peakBytes > 100_000 && child.cost.peakBytes < 20_000_000)
        let killed = try ChildProcess("/bin/sh", ["-c", "kill -9 $$"], log: log)
        #expect(killed.status == 137)
        #expect(throws: (any Error).self) { try ChildProcess("/no/such/program", [], log: log) }
    }
}
