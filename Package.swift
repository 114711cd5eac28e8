// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "OpusDSD",
    products: [.executable(name: "dsd", targets: ["dsd"])],
    dependencies: [
        // Commands, options and help pages.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // Log levels and log files of long runs.
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        // The configuration of a run is YAML that people read and edit.
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        // The viewer's HTTP server: small, Swift concurrency alone, no dependency of its own.
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
    ],
    targets: [
        .target(name: "CTorch"),
        .target(name: "Torch", dependencies: ["CTorch"]),
        .target(name: "CryoIO"),
        .target(name: "CryoEM", dependencies: ["Torch", "CryoIO"]),
        .target(
            name: "OpusDSD",
            dependencies: [
                "CryoEM", "Torch", "CryoIO", "Latent",
                .product(name: "Yams", package: "Yams"), .product(name: "Logging", package: "swift-log"),
            ]),
        .target(name: "Diagnostics", dependencies: ["OpusDSD", "CryoEM", "CryoIO", "Torch"]),
        .target(name: "Latent"),
        .target(name: "Simulation", dependencies: ["CryoEM", "Torch", "CryoIO"]),
        .target(name: "Report", dependencies: ["CryoIO"]),
        .target(name: "Analysis", dependencies: ["OpusDSD", "CryoEM", "CryoIO", "Torch", "Latent", "Report"]),
        .target(
            name: "Quality",
            dependencies: [
                "Analysis", "OpusDSD", "CryoEM", "CryoIO", "Torch", "Latent", .product(name: "Yams", package: "Yams"),
            ]),
        .target(
            name: "Viewer",
            dependencies: [
                "Analysis", "OpusDSD", "CryoEM", "CryoIO", "Torch", "Latent", "Report",
                .product(name: "FlyingFox", package: "FlyingFox"),
            ]),
        .executableTarget(
            name: "dsd",
            dependencies: [
                "Analysis", "Diagnostics", "OpusDSD", "CryoEM", "CryoIO", "Torch", "Latent", "Simulation", "Report",
                "Viewer", "Quality",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        // Times the algorithms of an analysis: Benchmarks/layout.py.
        .executableTarget(
            name: "LatentBenchmark", dependencies: ["Latent", "CryoIO"], path: "Benchmarks/Latent"),
        .target(name: "TestSupport", dependencies: ["Torch", "CryoIO"], path: "Tests/TestSupport"),
        .testTarget(name: "TorchTests", dependencies: ["Torch", "TestSupport"]),
        .testTarget(name: "CryoIOTests", dependencies: ["CryoIO", "TestSupport"], resources: [.copy("Golden")]),
        .testTarget(name: "CryoEMTests", dependencies: ["CryoEM", "Simulation", "TestSupport"], resources: [.copy("Golden")]),
        .testTarget(name: "OpusDSDTests", dependencies: ["OpusDSD", "Simulation", "TestSupport"]),
        .testTarget(name: "LatentTests", dependencies: ["Latent", "TestSupport"], resources: [.copy("Golden")]),
        .testTarget(name: "SimulationTests", dependencies: ["Simulation", "TestSupport"]),
        .testTarget(name: "QualityTests", dependencies: ["Quality", "TestSupport"], resources: [.copy("Golden")]),
        .testTarget(name: "ReportTests", dependencies: ["Report", "TestSupport"]),
        .testTarget(name: "ViewerTests", dependencies: ["Viewer", "Simulation", "TestSupport"]),
        .testTarget(name: "CommandTests", dependencies: ["dsd", "TestSupport"]),
    ],
    swiftLanguageModes: [.v6]
)
