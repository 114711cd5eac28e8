import CryoEM
import CryoIO
import Foundation

/// What `dsd check` found, for people and for machines.
struct CheckReport: Encodable {
    struct Line: Encodable {
        let severity: Fault.Severity
        let kind: Fault.Kind
        let file: String?
        /// Row of the particle table, from 1.
        let row: Int?
        let problem: String
        let found: String?
        let wanted: String?
        let remedy: String?
        let text: String

        private enum CodingKeys: String, CodingKey {
            case severity, kind, file, row, problem, found, wanted, remedy
        }

        init(_ fault: Fault) {
            let error = fault.error
            (severity, kind, file, problem) = (fault.severity, fault.kind, error.file, error.problem)
            (found, wanted, remedy) = (error.found, error.wanted, error.remedy)
            if case .row(let number) = error.location { row = number } else { row = nil }
            text = "\(fault.severity.rawValue): \(error)"
        }
    }

    let file: String
    let particles: Int
    let errors: Int
    let warnings: Int
    let faults: [Line]
    /// Faults that are counted but not listed, by kind and subject.
    let unlisted: [String: Int]
    let opticsGroups: [OpticsGroupFacts]
    let stacks: Int
    let modes: [String: Int]
    let box: Int?
    let pixelSize: Double?
    let pixels: PixelFacts?
    let views: ViewCoverage?
    let repeatedImages: Int

    init(_ check: ParticleCheck) {
        file = check.file
        particles = check.particles
        (errors, warnings) = (check.faults.errorCount, check.faults.warningCount)
        faults = check.faults.faults.map(Line.init)
        unlisted = Dictionary(check.faults.unlisted, uniquingKeysWith: { $0 + $1 })
        opticsGroups = check.opticsGroups
        (stacks, modes, box, pixelSize) = (check.stacks, check.modes, check.box, check.pixelSize)
        (pixels, views, repeatedImages) = (check.pixels, check.views, check.repeatedImages)
    }

    /// A line a fault, then the summary.
    var text: String {
        var lines = faults.map(\.text)
        lines += unlisted.sorted { $0.key < $1.key }.map { "... and \($0.value) more: \($0.key)" }
        if !lines.isEmpty { lines.append("") }
        lines += summary
        return lines.joined(separator: "\n")
    }

    private var summary: [String] {
        var lines = ["\(file): \(particles) particles in \(stacks) \(stacks == 1 ? "stack" : "stacks")"]
        if let box {
            let size = pixelSize.map { ", \(ProgressText.number($0)) A a pixel" } ?? ""
            let list = modes.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
            lines.append("box \(box)\(size); modes: \(list.joined(separator: ", "))")
        }
        lines += opticsGroups.map(Self.line)
        if repeatedImages > 0 { lines.append("\(repeatedImages) rows repeat an earlier row's image") }
        if let pixels { lines.append(Self.line(pixels)) }
        if let views { lines += Self.lines(views) }
        lines.append(
            "\(errors) error\(errors == 1 ? "" : "s"), \(warnings) warning\(warnings == 1 ? "" : "s")")
        return lines
    }

    private static func line(_ group: OpticsGroupFacts) -> String {
        func text(_ value: Double?, _ unit: String) -> String {
            value.map { "\(ProgressText.number($0)) \(unit)" } ?? "no \(unit)"
        }
        return "optics group \(group.group): \(group.particles) particles, "
            + [
                text(group.pixelSize, "A"), text(group.box, "pixels"), text(group.voltage, "kV"),
                text(group.sphericalAberration, "mm"), text(group.amplitudeContrast, "amplitude contrast"),
            ].joined(separator: ", ")
    }

    private static func line(_ pixels: PixelFacts) -> String {
        String(
            format: "%d images read: background %.3g ± %.3g, particles %.3g ± %.2g deviations %@",
            pixels.images, pixels.backgroundMean, pixels.backgroundDeviation, abs(pixels.contrast),
            pixels.contrastError, pixels.contrast < 0 ? "darker" : "brighter")
    }

    private static func lines(_ views: ViewCoverage) -> [String] {
        let (empty, small) = views.poorClasses(least: ParticleCheck.smallestClass)
        let sorted = views.classes.sorted()
        return [
            String(
                format: "views: %.0f %% of directions seen, sampling factor %.2f", 100 * views.covered,
                views.samplingFactor),
            "view classes of the prior: \(empty) of \(sorted.count) empty, \(small) with fewer than "
                + "\(ParticleCheck.smallestClass); particles \(sorted.first ?? 0) to \(sorted.last ?? 0), "
                + "median \(sorted[sorted.count / 2]); as uneven as "
                + String(format: "%.1f filled classes", views.effectiveClasses),
        ]
    }
}
