import Foundation
import Latent
import Testing

/// The data sets of Golden/make_latent.py, by the same arithmetic.
enum DataSets {
    static func named(_ name: String) throws -> Matrix {
        switch name {
        case "blobs": try blobs(1000, columns: 8, centres: 8, seed: 1, spread: 1.5)
        case "roll": try roll(1000, seed: 2).data
        default: try lobes(1200, seed: 3)
        }
    }

    /// Row i belongs to centre i modulo the number of centres.
    static func blobs(_ n: Int, columns: Int, centres: Int, seed: UInt64, spread: Double) throws -> Matrix {
        var g = RandomSource(seed: seed)
        let middle = (0..<centres).map { _ in (0..<columns).map { _ in 10 * g.uniform() } }
        return try Matrix(
            rows: (0..<n).map { i in
                (0..<columns).map { Float(middle[i % centres][$0] + spread * bell(&g)) }
            })
    }

    /// A rolled sheet; `along` is the place along the roll.
    static func roll(_ n: Int, seed: UInt64) throws -> (data: Matrix, along: [Double]) {
        var g = RandomSource(seed: seed)
        var rows: [[Float]] = []
        var along: [Double] = []
        for _ in 0..<n {
            let a = 1.5 * Double.pi * (1 + 2 * g.uniform())
            let h = 12 * g.uniform()
            rows.append([a * cos(a), h, a * sin(a), 0, 0, 0, 0, 0].map { Float($0 + 0.1 * bell(&g)) })
            along.append(a)
        }
        return (try Matrix(rows: rows), along)
    }

    static func lobes(_ n: Int, seed: UInt64) throws -> Matrix {
        var g = RandomSource(seed: seed)
        return try Matrix(
            rows: (0..<n).map { _ in
                (0..<6).map { Float(bell(&g) * 3 / Double(1 + $0)) }
            })
    }

    /// Sum of four uniforms, mean 0.
    private static func bell(_ g: inout RandomSource) -> Double {
        var sum = g.uniform() + g.uniform()
        sum += g.uniform()
        sum += g.uniform()
        return sum - 2
    }
}

/// Results of scikit-learn, SciPy and umap-learn.
struct Golden: Decodable {
    struct Means: Decodable { let set: String, clusters: Int, inertia: Double }
    struct Principal: Decodable { let set: String, variance: [Double], first: [Double], traversal: [Double] }
    struct Layout: Decodable {
        let set: String, trustworthiness: [Double], trustworthinessFromPCA: Double, fixed: Double
    }
    struct Agreement: Decodable {
        let name: String, clusters: [Int], classes: [Int], entropy: Double, ari: Double, nmi: Double,
            accuracy: Double
    }
    struct Curve: Decodable { let minimumDistance: Double, spread: Double, a: Double, b: Double }
    struct Ranks: Decodable { let x: [Double], y: [Double], rho: Double }
    struct Linkage: Decodable { let rows: Int, seed: UInt64, leaves: [Int], heights: [Double] }

    let kmeans: [Means]
    let pca: [Principal]
    let umap: [Layout]
    let agreement: [Agreement]
    let curve: [Curve]
    let spearman: [Ranks]
    let linkage: [Linkage]

    static func load() throws -> Golden {
        let url = try #require(Bundle.module.url(forResource: "Golden/latent", withExtension: "json"))
        return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
    }
}
