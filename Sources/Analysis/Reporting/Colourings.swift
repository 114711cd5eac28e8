import CryoEM
import Foundation
import Report

/// What the points of the latent plots can be coloured by.
struct Colourings {
    let particles: ParticleSet
    let clusters: ClusterTables
    let truth: KnownTruth?
    let mixture: MixtureTables?
    let landscape: Landscape?
    let uncertainty: CodeUncertainty?

    var all: [LatentView.Colouring] {
        let labels = clusters.clustering.labels
        var list: [LatentView.Colouring] = [
            .categories("Cluster", labels, names: clusters.viewClasses.indices.map { "\($0)" })
        ]
        if let truth {
            list.append(.categories("True state", truth.categories, names: truth.names))
            if let coordinates = truth.coordinates {
                list.append(.numbers("True coordinate", coordinates.map { Float($0) }))
            }
        }
        let defocus = particles.ctf.map { Float(($0.defocusU + $0.defocusV) / 2 / 1e4) }
        if let mixture {
            list.append(
                .categories(
                    "Mixture component", mixture.labels,
                    names: mixture.mixture.components.indices.map { "\($0)" }))
        }
        if let landscape {
            list.append(.numbers("Density", landscape.density.logDensity, unit: "ln"))
            list.append(.numbers("Outlier score", landscape.outliers.scores))
        }
        if let uncertainty { list.append(.numbers("Uncertainty", uncertainty.values)) }
        return list + [
            .numbers("Defocus", defocus, unit: "µm"),
            .categories(
                "View class", particles.viewClasses(), names: (0..<ViewClass.count).map { "\($0)" }),
            .numbers("Tilt", particles.angles.map { Float($0.tilt) }, unit: "°"),
            .numbers("In-plane angle", particles.angles.map { Float($0.psi) }, unit: "°"),
        ]
    }
}
