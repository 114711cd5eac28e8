import CryoEM
import Foundation
import Testing

@testable import Analysis
@testable import Latent

@Suite struct OccupancyTests {
    private func clustering(_ labels: [Int]) -> Clustering {
        Clustering(
            labels: labels, centres: Matrix(zeros: 2, 3), nearestRows: [0, 1], inertia: 0, iterations: 1)
    }

    private func flags(_ labels: [Int], _ particles: ParticleSet) throws -> Set<Occupancy.Property> {
        let found = try Occupancy(clustering(labels), particles: particles, seed: 1)
        return Set(found.biases[0].filter(\.isFlagged).map(\.property))
    }

    @Test func clustersThatAreViewsOrDefociAreFlaggedAsSuch() throws {
        let particles = try ParticleSet(path: AnalyzeFixture.shared.get().particles)
        let views = particles.viewClasses()
        #expect(try flags(views.map { $0 < 24 ? 0 : 1 }, particles) == [.view])
        let defoci = particles.ctf.map { ($0.defocusU + $0.defocusV) / 2 }
        let median = percentile(50, of: defoci)
        #expect(try flags(defoci.map { $0 < median ? 0 : 1 }, particles).contains(.defocus))
        var g = RandomSource(seed: 3)
        #expect(try flags(views.map { _ in g.below(2) }, particles) == [])
    }

    @Test func clustersThatAreMicrographsAreFlagged() throws {
        let particles = try ParticleSet(path: AnalyzeFixture.shared.get().particles)
        let micrographs = try #require(particles.micrographs)
        let half = Set(micrographs).count / 2
        guard half > 0 else { return }
        #expect(try flags(micrographs.map { $0 < half ? 0 : 1 }, particles).contains(.micrograph))
    }

    @Test func tablesAreWritten() throws {
        let run = try AnalyzeFixture.shared.get()
        let folder = try StagedFolder(run.temporary.file("occupancy"))
        let particles = try ParticleSet(path: run.particles)
        let labels = particles.viewClasses().map { $0 % 2 }
        try Occupancy(clustering(labels), particles: particles, seed: 1).write(to: folder)
        try folder.commit()
        let table = try String(contentsOfFile: run.temporary.file("occupancy/bias.csv"), encoding: .utf8)
        let lines = table.split(separator: "\n")
        #expect(lines[0] == "cluster,property,share,probability,flagged")
        #expect(lines.contains { $0.hasPrefix("1,view,") } && lines.contains { $0.hasPrefix("0,defocus,") })
    }
}
