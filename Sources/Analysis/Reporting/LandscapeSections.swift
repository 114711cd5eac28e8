import Foundation
import Latent
import Report

/// Sections of the report on the latent space as a landscape, and on what the clusters are worth.
struct LandscapeSections {
    let outcome: LatentAnalysis.Outcome

    var sections: [ReportSection] { [landscape, evidence].compactMap { $0 } }

    private var landscape: ReportSection? {
        guard let found = outcome.landscape else { return nil }
        var parts: [ReportSection.Part] = found.lines.map { line in
            let axis = line.energy.axes[0]
            return .plot(
                ReportPlot(
                    "Free energy along component \(line.component)",
                    caption:
                        "-ln of the density of particles, 0 at its highest; dashed: one standard error up "
                        + "and down. Errors of the codes and the kernel lower barriers.",
                    x: .init("component \(line.component)"), y: .init("free energy (kT)"),
                    traces: [
                        .init("free energy", .line, x: axis, y: Self.shown(line.energy.energy)),
                        .init(
                            "+ error", .dashed, x: axis,
                            y: Self.shown(zip(line.energy.energy, line.energy.error).map { $0 + $1 })),
                        .init(
                            "- error", .dashed, x: axis,
                            y: Self.shown(zip(line.energy.energy, line.energy.error).map { $0 - $1 })),
                    ]))
        }
        if let plane = found.plane { parts.append(.plot(planePlot(plane, found.planeComponents))) }
        if let mixture = outcome.mixture { parts.append(.plot(Self.criterion(mixture))) }
        parts.append(
            .text(
                "\(found.outliers.rows.count) of \(outcome.codes.rows) particles lie far from all others "
                    + "(analysis/landscape/outliers.npy); dsd analyze --write-outliers writes them as STAR."))
        return ReportSection(id: "landscape", title: "Landscape", parts: parts)
    }

    private func planePlot(_ plane: FreeEnergy, _ components: [Int]) -> ReportPlot {
        let width = plane.axes[0].count
        let centres = outcome.clusters.clustering.nearestRows
        let coordinates = outcome.components.coordinates
        func place(_ component: Int) -> [Double] { centres.map { Double(coordinates[$0, component - 1]) } }
        let energies = Self.shown(plane.energy)
        return ReportPlot(
            "Free energy over components \(components[0]) and \(components[1])",
            caption: "Points are the centres of the clusters.",
            x: .init("component \(components[0])"), y: .init("component \(components[1])"),
            field: .init(
                x: plane.axes[0], y: plane.axes[1],
                values: plane.axes[1].indices.map { Array(energies[$0 * width..<($0 + 1) * width]) },
                title: "free energy (kT)"),
            traces: [
                .init(
                    "centres", .points, x: place(components[0]), y: place(components[1]),
                    labels: centres.indices.map { "cluster \($0)" })
            ])
    }

    private static func criterion(_ mixture: MixtureTables) -> ReportPlot {
        ReportPlot(
            "Gaussian mixtures",
            caption:
                "Bayesian information criterion; the lowest, at \(mixture.mixture.components.count) "
                + "components, is in analysis/mixture.",
            x: .init("components"), y: .init("BIC"),
            traces: [
                .init(
                    "BIC", .line, x: mixture.trials.map { Double($0.components) },
                    y: mixture.trials.map(\.bic))
            ])
    }

    /// Energies above this are from a handful of particles.
    private static let highest = 12.0

    private static func shown(_ energies: [Double]) -> [Double] { energies.map { $0 <= highest ? $0 : .nan } }

    private var evidence: ReportSection? {
        let clusters = outcome.summary.clusters
        let flagged = clusters.flatMap { cluster in
            cluster.biases.filter(\.isFlagged).map { (cluster.cluster, $0) }
        }
        let warnings = flagged.map { cluster, bias in
            ReportSection.Part.warning(
                "Cluster \(cluster) is mostly a matter of \(bias.property.rawValue) "
                    + "(\(Self.percent(bias.share)) of its membership): do not take it for a state.")
        }
        func bias(_ cluster: AnalysisSummary.Cluster, _ property: Occupancy.Property) -> String {
            guard let found = cluster.biases.first(where: { $0.property == property }) else { return "" }
            return Self.percent(max(0, found.share)) + (found.isFlagged ? " !" : "")
        }
        func angstrom(_ value: Double?) -> String { value.map { String(format: "%.1f Å", $0) } ?? "none" }
        let table = ReportTable(
            columns: [
                .init("Cluster"), .init("Half maps"), .init("B factor"), .init("Decoded and reconstruction"),
                .init("Change from consensus"), .init("Uncertainty"), .init("View"), .init("Defocus"),
                .init("Micrograph"),
            ],
            rows: clusters.map { cluster in
                [
                    "\(cluster.cluster)", angstrom(cluster.resolution),
                    cluster.bFactor.map { String(format: "%.0f Å²", $0) } ?? "none",
                    angstrom(cluster.mutualResolution), cluster.difference.map(Self.percent) ?? "",
                    cluster.uncertainty.map { String(format: "%.2f", $0) } ?? "",
                    bias(cluster, .view), bias(cluster, .defocus), bias(cluster, .micrograph),
                ]
            })
        return ReportSection(
            id: "evidence", title: "Evidence for the states", label: "Evidence",
            parts: warnings + [
                .text(
                    "Half maps: FSC 0.143 of the reconstruction from the cluster's particles. Decoded and "
                        + "reconstruction: FSC 0.5 between the two maps. Uncertainty: spread of a particle's "
                        + "code against that of all. View, defocus, micrograph: what each says about "
                        + "membership, beyond chance; at \(Self.percent(Occupancy.leastShare)) and more the "
                        + "cluster is flagged."),
                .table(table),
            ])
    }

    private static func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }
}
