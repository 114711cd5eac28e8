import Foundation
import Testing

@testable import Latent

@Suite struct LandscapeTests {
    private func normals(_ n: Int, columns: Int, seed: UInt64) throws -> Matrix {
        var g = RandomSource(seed: seed)
        return try Matrix(rows: n, columns: columns, values: (0..<n * columns).map { _ in Float(g.normal()) })
    }

    /// Two wells joined by a bent valley of few particles, and nothing on the straight line between them.
    private func horseshoe(_ n: Int) throws -> Matrix {
        var g = RandomSource(seed: 5)
        return try Matrix(
            rows: (0..<n).map { i in
                let angle = i % 4 == 0 ? Double.pi * g.uniform() : (i % 2 == 0 ? 0 : Double.pi)
                return [
                    Float(3 * cos(angle) + 0.15 * g.normal()), Float(3 * sin(angle) + 0.15 * g.normal()),
                    Float(0.15 * g.normal()),
                ]
            })
    }

    @Test func densityIsThatOfANormalDistribution() throws {
        let data = try normals(20_000, columns: 2, seed: 1)
        let density = LocalDensity(try NeighbourIndex(data).neighbours(50), columns: 2)
        var worst = 0.0
        var sum = 0.0
        var count = 0.0
        for row in 0..<data.rows {
            let (x, y) = (Double(data[row, 0]), Double(data[row, 1]))
            guard x * x + y * y < 4 else { continue }
            let truth = -log(2 * .pi) - (x * x + y * y) / 2
            worst = max(worst, (Double(density.logDensity[row]) - truth).magnitude)
            sum += Double(density.logDensity[row]) - truth
            count += 1
        }
        #expect(worst < 0.8 && (sum / count).magnitude < 0.05, "\(worst) \(sum / count)")
    }

    @Test func aDoubleWellHasItsBarrier() throws {
        // Two normals of width 1 at -3 and 3, two to one. The pass is at ln 2 / 6, where
        // p = exp(-4.5 - x^2 / 2) (2/3 exp(-3 x) + 1/3 exp(3 x)) / sqrt(2 pi): 4.16 above the deeper well.
        var g = RandomSource(seed: 2)
        let values = (0..<60_000).map { Float(g.normal() + ($0 % 3 == 0 ? 3 : -3)) }
        let energy = try FreeEnergy([values], points: 200, width: 0.05)
        let minima = energy.minima
        #expect(minima.count == 2)
        #expect(
            (energy.axes[0][minima[0]] + 3).magnitude < 0.3 && (energy.axes[0][minima[1]] - 3).magnitude < 0.3
        )
        #expect(energy.energy[minima[0]] == 0)
        #expect((energy.energy[minima[1]] - log(2)).magnitude < 0.1)
        let between = energy.energy[minima[0]...minima[1]].max() ?? 0
        #expect((between - 4.16).magnitude < 0.25, "\(between)")
        let step = energy.axes[0][1] - energy.axes[0][0]
        #expect((energy.density.reduce(0, +) * step - 1).magnitude < 0.01)
    }

    @Test func errorsOfTheEnergyAreThoseOfRepeats() throws {
        let repeats = try (0..<30).map { seed -> Double in
            let column = try normals(2000, columns: 1, seed: UInt64(100 + seed)).column(0)
            let energy = try FreeEnergy([column], points: 50, width: 0.2)
            let place = energy.axes[0].indices.min {
                energy.axes[0][$0].magnitude < energy.axes[0][$1].magnitude
            }
            return log(energy.density[place ?? 0])
        }
        let mean = repeats.reduce(0, +) / 30
        let deviation = (repeats.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 29).squareRoot()
        let column = try normals(2000, columns: 1, seed: 7).column(0)
        let energy = try FreeEnergy([column], points: 50, width: 0.2)
        let told = energy.error.min() ?? 0
        #expect(deviation < 2 * told && deviation > told / 2, "\(deviation) \(told)")
    }

    @Test func aPlaneIsTheProductOfItsLines() throws {
        let data = try normals(50_000, columns: 2, seed: 3)
        let plane = try FreeEnergy([data.column(0), data.column(1)], points: 41, width: 0.1)
        let (dx, dy) = (plane.axes[0][1] - plane.axes[0][0], plane.axes[1][1] - plane.axes[1][0])
        #expect((plane.density.reduce(0, +) * dx * dy - 1).magnitude < 0.01)
        let place = plane.axes[0].indices.min {
            (plane.axes[0][$0] - 1).magnitude < (plane.axes[0][$1] - 1).magnitude
        }
        let low = plane.axes[1].indices.min { plane.axes[1][$0].magnitude < plane.axes[1][$1].magnitude }
        let found = plane.density[(low ?? 0) * 41 + (place ?? 0)]
        let (x, y) = (plane.axes[0][place ?? 0], plane.axes[1][low ?? 0])
        #expect((found * 2 * .pi / exp(-(x * x + y * y) / 2) - 1).magnitude < 0.1)
        let same = try FreeEnergy([[Float](repeating: 1e5, count: 50)], points: 10)
        #expect(same.density.allSatisfy(\.isFinite) && (same.density.max() ?? 0) > 0)
        #expect(throws: LatentError.self) { try FreeEnergy([[1, .nan]], points: 10) }
        #expect(throws: LatentError.self) { try FreeEnergy([], points: 10) }
    }

    @Test func pathsKeepToWhereParticlesAre() throws {
        let data = try horseshoe(2000)
        let neighbours = try NeighbourIndex(data).neighbours(15)
        let paths = DensePaths(neighbours, density: LocalDensity(neighbours, columns: 3))
        let found = try #require(paths.path(from: 2, to: 3))
        #expect(found.first == 2 && found.last == 3)
        let line = try DensePaths.resampled(found, of: data, count: 21)
        for point in 0..<21 {
            let radius = (line[point, 0] * line[point, 0] + line[point, 1] * line[point, 1]).squareRoot()
            #expect(radius > 2.3, "the path leaves the valley at \(line.row(point))")
        }
        #expect(line.row(0).elementsEqual(data.row(2)) && line.row(20).elementsEqual(data.row(3)))
        let steps = (1..<21).map { p in
            (0..<3).reduce(Float(0)) {
                $0 + (line[p, $1] - line[p - 1, $1]) * (line[p, $1] - line[p - 1, $1])
            }
            .squareRoot()
        }
        #expect((steps.max() ?? 0) < 2.5 * (steps.min() ?? 0))
        #expect(paths.path(from: 7, to: 7) == [7])
    }

    @Test func partsWithoutAChainHaveNoPath() throws {
        let data = try Matrix(rows: 40, columns: 1, values: (0..<40).map { Float($0 < 20 ? $0 : 1000 + $0) })
        let neighbours = try NeighbourIndex(data).neighbours(3)
        let paths = DensePaths(neighbours, density: LocalDensity(neighbours, columns: 1))
        #expect(paths.path(from: 0, to: 39) == nil)
        #expect(paths.path(from: 0, to: 19)?.count ?? 0 > 3)
    }

    @Test func outliersAreThePlantedOnes() throws {
        var rows: [[Float]] = []
        let crowd = try normals(3000, columns: 4, seed: 9)
        for row in 0..<3000 { rows.append(Array(crowd.row(row))) }
        for k in 0..<5 { rows.append([30 + 9 * Float(k), -40, 12, 3]) }
        let data = try Matrix(rows: rows)
        let found = Outliers(LocalDensity(try NeighbourIndex(data).neighbours(10), columns: 4), limit: 5)
        #expect(Set(3000..<3005).isSubset(of: Set(found.rows)))
        #expect(found.rows.count < 15)
    }

    @Test func mahalanobisDistancesAreInStandardDeviations() throws {
        let data = try normals(20_000, columns: 3, seed: 4)
        let stretched = try Matrix(
            rows: data.rows, columns: 3,
            values: data.values.enumerated().map { $1 * [1, 10, 0.1][$0 % 3] + [5, -3, 0][$0 % 3] })
        let measure = try Mahalanobis(stretched)
        #expect((measure([8, -3, 0]) - 3).magnitude < 0.1 && (measure([5, 27, 0]) - 3).magnitude < 0.1)
        let squares = measure(stretched).map { $0 * $0 }
        #expect((squares.reduce(0, +) / Double(squares.count) - 3).magnitude < 0.01)
    }

    @Test func umapWithKnownNeighboursIsTheSame() throws {
        let data = try DataSets.named("blobs")
        var settings = UMAPSettings()
        settings.epochs = 20
        let known = try NeighbourIndex(data).neighbours(20)
        let layout = try UMAP.embed(data, settings)
        #expect(try UMAP.embed(data, settings, neighbours: known) == layout)
        #expect(throws: LatentError.self) { try UMAP.embed(data, settings, neighbours: known.nearest(5)) }
    }
}
