import CryoEM
import Foundation
import OpusDSD
import Report

/// The first things a reader wants to know of a run.
struct RunFacts {
    let run: Run
    let outcome: LatentAnalysis.Outcome

    var facts: [ReportContent.Fact] {
        let particles = run.data.particles
        let state = run.state
        var list: [ReportContent.Fact] = [
            .init("Particles", Self.grouped(particles.count)),
            .init("Box", String(format: "%d px, %.3g Å/px", particles.box, particles.pixelSize)),
            .init("Latent dimensions", "\(run.latentSize)"),
            .init("Images seen", Self.grouped(state.imagesSeen)),
        ]
        if let seconds = TrainingTime.seconds(log: run.data.folder.log) {
            list.append(.init("Training time", Self.duration(seconds)))
        }
        if let epoch = state.bestEpoch { list.append(.init("Best epoch", "\(epoch)")) }
        if let poses = state.poseSpreads?.last {
            list.append(
                .init("Pose errors (estimate)", String(format: "%.1f°, %.1f Å", poses.tilt, poses.shift)))
            list.append(.init("Contrast varies by", String(format: "%.0f %%", 100 * poses.contrast)))
        }
        let resolutions = outcome.reconstructions.compactMap(\.resolution)
        if let best = resolutions.min(), let worst = resolutions.max() {
            list.append(.init("Resolution", String(format: "%.1f–%.1f Å", best, worst)))
        }
        list.append(
            .init(
                "View bias of clusters", String(format: "%.1f %%", 100 * outcome.clusters.viewInformation))
        )
        return list
    }

    static func grouped(_ number: Int) -> String {
        var digits = String(number)
        var text = ""
        while digits.count > 3 {
            text = "," + digits.suffix(3) + text
            digits = String(digits.dropLast(3))
        }
        return digits + text
    }

    static func duration(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return String(format: "%d min %02d s", whole / 60, whole % 60) }
        return String(format: "%d h %02d min", whole / 3600, whole % 3600 / 60)
    }
}
