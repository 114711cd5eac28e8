import Analysis
import CryoEM
import CryoIO
import Foundation
import Latent
import Torch

/// A set with its truth, ready to be compared with.
struct LoadedSet {
    let particles: ParticleSet
    let truth: GroundTruth
    /// Inside it maps are compared.
    let mask: DensityMap
    /// Rows of the images whose own map is compared.
    let rows: [Int]
    let path: String
    private let prepared: PreparedParticles
    private let workers: WorkerPool
    private let maps: [Int: String]

    /// - Parameter cache: folder for prepared images.
    /// - Throws: `DataError` where files do not fit each other or a state has no map.
    init(
        particles path: String, truth truthPath: String, mask maskPath: String, images: Int, cache: String,
        threads: Int
    ) throws {
        self.path = path
        particles = try ParticleSet(path: path)
        truth = try GroundTruth(path: truthPath)
        try truth.check(particles: particles.count)
        mask = try SolventMask(path: maskPath, box: particles.box, pixelSize: particles.pixelSize).map
        guard let maps = truth.maps else {
            throw DataError(
                file: truthPath, "there are no maps of the states beside the truth",
                wanted: "states/state_000.mrc ...", remedy: "Keep the set's folder together")
        }
        self.maps = maps
        rows = CorrelationArea.rows(images, of: particles.count)
        prepared = try PreparedParticles(particles, Preparation(box: particles.box), folder: cache)
        workers = WorkerPool(count: threads)
    }

    var count: Int { particles.count }
    var isContinuous: Bool { truth.positions != nil }
    var stateCount: Int { Set(truth.classes).count }

    /// Particles by state.
    var members: [Int: [Int]] { Dictionary(grouping: 0..<count) { truth.states[$0] } }

    func trueMap(state: Int) throws(DataError) -> DensityMap {
        guard let path = maps[state] else {
            throw DataError(file: truth.file, "the state has no map", found: "\(state)")
        }
        return try DensityMap.read(path)
    }

    /// The reconstruction from some particles at the stated poses; nil from fewer than two.
    func reconstruction(_ rows: [Int]) throws -> DensityMap? {
        guard rows.count > 1 else { return nil }
        var halves = [Int](repeating: 1, count: count)
        for (place, row) in rows.enumerated() { halves[row] = place % 2 + 1 }
        return try Reconstruction(
            particles, prepared, rows: rows, halves: halves, mask: try SolventMask(mask), workers: workers
        ).map
    }

    /// Area of each looked-at image's map against its own true map.
    /// - Parameter map: of the particle of a row; nil counts as no agreement at all.
    func areas(_ map: (_ row: Int) throws -> DensityMap?) throws -> [Double] {
        var known: (state: Int, map: DensityMap)?
        return try rows.map { row in
            let state = truth.states[row]
            let wanted = try known.flatMap { $0.state == state ? $0.map : nil } ?? trueMap(state: state)
            known = (state, wanted)
            guard let found = try map(row) else { return 0 }
            return try CorrelationArea.area(found, wanted, mask: mask)
        }
    }

    /// Areas of each looked-at image's map from the images nearest to it in a program's codes.
    func areas(
        nearest: (_ row: Int, _ count: Int) -> [Int], decoded: (_ row: Int) throws -> DensityMap?
    ) throws -> [Double] {
        let maps = try LocalReconstructor(
            particles, prepared, halves: (0..<count).map { $0 % 2 + 1 }, mask: try SolventMask(mask),
            workers: workers)
        let most = LocalReconstructor.counts(of: count).last ?? 0
        return try areas { try maps.map(nearest: nearest($0, most), decoded: decoded($0)).map }
    }

    /// Areas of the reconstructions of each looked-at image's cluster.
    func areas(clusters: [Int]) throws -> [Double] {
        let members = Dictionary(grouping: 0..<count) { clusters[$0] }
        var made: [Int: DensityMap] = [:]
        return try areas { row in
            let cluster = clusters[row]
            if let map = made[cluster] { return map }
            made[cluster] = try reconstruction(members[cluster] ?? [])
            return made[cluster]
        }
    }
}
