import CryoIO
import Foundation
import Latent

/// Times the algorithms of an analysis on a table of codes: `LatentBenchmark CODES.npy [--only umap|kmeans]
/// [--threads N]`. Prints one JSON object; the layout is written to LAYOUT.npy beside the codes where UMAP
/// runs.
struct LatentBenchmark {
    let codes: Matrix
    let threads: Int?
    let only: String?
    let layoutPath: String
    private(set) var seconds: [String: Double] = [:]

    mutating func time<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
        let start = Date()
        defer { seconds[name] = Date().timeIntervalSince(start) }
        return try body()
    }

    mutating func run() throws {
        let (codes, threads) = (codes, threads)
        if only == nil || only == "umap" {
            let layout = try time("umap") { try UMAP.embed(codes, threads: threads) }
            try NPYArray(shape: [layout.rows, layout.columns], floats: layout.values).write(to: layoutPath)
        }
        if only == "umap" { return }
        if only == "kmeans" {
            _ = try time("kmeans 8") { try KMeans.fit(codes, KMeansSettings(clusters: 8), threads: threads) }
            return
        }
        let pca = try time("pca") { try PCA(codes, threads: threads) }
        let coordinates = try time("coordinates") { try pca.transform(codes) }
        let clusters = try time("kmeans 8") {
            try KMeans.fit(codes, KMeansSettings(clusters: 8), threads: threads)
        }
        let tried = codes.selecting(
            rows: Array(stride(from: 0, to: codes.rows, by: max(1, codes.rows / 50_000))))
        try time("mixtures 1 to 12 on 50,000") {
            for k in 1...12 {
                _ = try GaussianMixture.fit(tried, MixtureSettings(components: k), threads: threads)
            }
        }
        _ = try time("mixture of 8 on all") {
            try GaussianMixture.fit(
                codes, MixtureSettings(components: 8), labels: clusters.labels, threads: threads)
        }
        let neighbours = try time("20 neighbours") {
            try NeighbourIndex(codes).neighbours(20, threads: threads)
        }
        let density = time("density") { LocalDensity(neighbours, columns: codes.columns) }
        _ = time("outliers") { Outliers(density) }
        _ = try time("free energies") {
            (
                try FreeEnergy([coordinates.column(0)], points: 100),
                try FreeEnergy([coordinates.column(0), coordinates.column(1)], points: 80)
            )
        }
        _ = time("path") {
            DensePaths(neighbours, density: density).path(
                from: clusters.nearestRows[0], to: clusters.nearestRows[7])
        }
        let classes = (0..<codes.rows).map { $0 % 48 }
        _ = try time("association of 48 views") {
            try Association(labels: clusters.labels, count: 8, classes: classes)
        }
    }
}

let words = Array(CommandLine.arguments.dropFirst())
guard let path = words.first else {
    print("usage: LatentBenchmark CODES.npy [--only umap|kmeans] [--threads N]")
    exit(64)
}
func value(_ option: String) -> String? {
    words.firstIndex(of: option).flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil }
}
let array = try NPYArray.read(path)
guard array.shape.count == 2 else {
    print("\(path): an array [rows, columns] is wanted, found \(array.shape)")
    exit(1)
}
var benchmark = LatentBenchmark(
    codes: try Matrix(rows: array.shape[0], columns: array.shape[1], values: array.floats()),
    threads: value("--threads").flatMap { Int($0) }, only: value("--only"),
    layoutPath: (path as NSString).deletingPathExtension + "-layout.npy")
try benchmark.run()
let text = try JSONSerialization.data(
    withJSONObject: benchmark.seconds, options: [.prettyPrinted, .sortedKeys])
print(String(decoding: text, as: UTF8.self))
