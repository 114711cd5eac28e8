import CryoEM
import CryoIO
import Foundation
import Report
import TestSupport
import Testing
import Torch

@testable import Analysis

/// The report of eight states in boxes of 128, with all that a large run puts into it.
@Suite struct ReportSizeTests {
    private static let side = 128
    private static let states = 8

    /// Noise in a ball of 50 voxels, which the mask is as well: nothing in it that packs well.
    private static func ball() -> (map: DensityMap, mask: DensityMap) {
        var random = SeededGenerator(seed: 5)
        let noise = random.normals(side * side)
        var inside = [Float](repeating: 0, count: side * side * side)
        for z in 0..<side {
            for y in 0..<side {
                for x in 0..<side {
                    let (a, b, c) = (x - side / 2, y - side / 2, z - side / 2)
                    inside[(z * side + y) * side + x] = a * a + b * b + c * c <= 2500 ? 1 : 0
                }
            }
        }
        let values = inside.indices.map { inside[$0] * (1 + noise[$0 % noise.count]) }
        return (
            DensityMap(cube: values, side: side, pixelSize: 1.5),
            DensityMap(cube: inside, side: side, pixelSize: 1.5)
        )
    }

    /// 300,000 particles with the colourings of an analysis, the known truth included.
    private static func latent() -> LatentView {
        let count = 300_000
        let numbers = (0..<count).map { Float($0 % 1009) }
        let classes = (0..<count).map { $0 % 48 }
        let names = (0..<48).map { "\($0)" }
        return LatentView(
            umap: numbers.map { SIMD2($0, -$0) },
            pca: .init(components: [numbers, numbers, numbers], explainedVariance: [0.5, 0.3, 0.1]),
            colourings: ["Cluster", "True state", "Mixture component", "View class"].map {
                .categories($0, classes, names: names)
            }
                + ["Coordinate", "Density", "Outlier score", "Uncertainty", "Defocus", "Tilt", "Angle"].map {
                    .numbers($0, numbers)
                })
    }

    @Test func eightStatesAndThreeHundredThousandPointsStayBelow25Megabytes() throws {
        let (map, mask) = Self.ball()
        let volumes = StateVolumes(mask: try SolventMask(mask, file: "mask.mrc"))
        let surface = try volumes.volume(map, name: "decoded")
        #expect(surface.size.x > 60)
        let slices = GrayscaleImage.centralSlices(of: map)
        let projections = GrayscaleImage.projections(of: map)
        var content = ReportContent(title: "Run", provenance: .init(program: "dsd", version: "1.0"))
        content.latent = Self.latent()
        let shells = (0..<Self.side / 2).map { Double($0) / 192 }
        content.states = (0..<Self.states).map { cluster in
            var state = StructuralState(
                name: "Cluster \(cluster)", category: cluster, count: 1, share: 0.125, resolution: 5,
                slices: slices + slices, projections: projections + projections,
                fsc: ["half maps", "decoded and reconstruction"].map {
                    FSCCurve(name: $0, frequencies: shells, correlations: shells)
                })
            state.volumes = [surface, surface]
            state.differences = slices
            return state
        }
        let script = try HTMLReport(plotlyFile: try RuntimeFolder.file("plotly.min.js").get())
        let size = try script.render(content).utf8.count
        #expect(size < 25_000_000, "\(size)")
        // The combination is a real one: points, maps and the plotting library are all in it.
        #expect(size > 18_000_000, "\(size)")
    }
}
