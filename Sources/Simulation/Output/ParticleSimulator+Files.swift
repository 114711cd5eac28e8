import CryoEM
import CryoIO
import Foundation

extension ParticleSimulator {
    /// Images in memory at a time: 512, or fewer where they take more than 64 MB.
    private var blockLength: Int { max(16, min(512, (1 << 24) / (settings.box * settings.box))) }

    /// Writes the whole particle set into a folder, which is made if it does not exist:
    ///
    ///     particles.mrcs   images, Float32
    ///     particles.star   RELION 3.1 metadata with the stated (erroneous) poses
    ///     truth.npz        states, coordinates, exact poses, shifts and CTFs
    ///     states/*.mrc     noise-free map of each state in image units: summed along z it is its image
    ///     consensus.mrc    mean of the states' maps, weighted by their particles
    ///     mask.mrc         soft mask around all states
    ///     dataset.json     every parameter, the definition of the SNR, and what was measured
    ///
    /// - Parameter progress: called after each block with the number of images done and the count.
    /// - Throws: `DataError` if a file cannot be written, `TorchError` if the computation fails.
    @discardableResult
    public func write(
        to folder: String, progress: (_ done: Int, _ count: Int) -> Void = { _, _ in }
    ) throws -> SimulationSummary {
        let start = Date()
        try OutputFolder.create(folder + "/states")
        let scale = try signalScale()
        let maps = try stateMaps(scale: scale)
        for (state, map) in maps.enumerated() { try map.write(to: folder + "/" + Self.mapName(state)) }
        try consensus(maps).write(to: folder + "/consensus.mrc")
        let mask = try StateMask.around(maps)
        try mask.write(to: folder + "/mask.mrc")
        let variances = try writeStack(folder + "/particles.mrcs", scale: scale, progress: progress)
        let metadata = ParticleMetadata((0..<settings.count).map(particle), settings: settings)
        try metadata.star(stack: "particles.mrcs").write(to: folder + "/particles.star")
        try metadata.truth(ensemble).write(to: folder + "/truth.npz")
        let summary = summary(scale: scale, variances: variances, mask: mask, start: start)
        try summary.write(to: folder + "/dataset.json")
        return summary
    }

    /// Maps of the states in image units, multiplied by the gain.
    public func stateMaps(scale: SignalScale) throws -> [DensityMap] {
        try ensemble.states.indices.map { state in
            var map = try renderer.map(state: state)
            let gain = Float(scale.gain)
            for i in map.values.indices { map.values[i] *= gain }
            return map
        }
    }

    /// The mean of the states' maps, each weighted by its number of particles.
    /// - Precondition: `maps` has one map a state, as from `stateMaps`.
    public func consensus(_ maps: [DensityMap]) -> DensityMap {
        precondition(maps.count == ensemble.states.count, "one map a state is needed")
        var mean = maps[0]
        mean.values = Array(repeating: 0, count: mean.values.count)
        for (map, number) in zip(maps, stateCounts) {
            let weight = Float(number) / Float(settings.count)
            for i in mean.values.indices { mean.values[i] += weight * map.values[i] }
        }
        return mean
    }

    /// Particles in each state.
    public var stateCounts: [Int] {
        states.reduce(into: Array(repeating: 0, count: ensemble.states.count)) { $0[$1] += 1 }
    }

    private static func mapName(_ state: Int) -> String {
        let digits = String(state)
        return "states/state_" + String(repeating: "0", count: max(0, 3 - digits.count)) + digits + ".mrc"
    }

    /// The variance of each image before noise.
    private func writeStack(
        _ path: String, scale: SignalScale, progress: (Int, Int) -> Void
    ) throws -> [Double] {
        let writer = try MRCStackWriter(
            path: path, width: settings.box, height: settings.box, pixelSize: settings.pixelSize)
        var variances: [Double] = []
        variances.reserveCapacity(settings.count)
        for first in stride(from: 0, to: settings.count, by: blockLength) {
            let block = try rendered(first..<min(first + blockLength, settings.count), scale: scale)
            for image in block {
                try writer.append(image.values)
                variances.append(image.signalVariance)
            }
            progress(variances.count, settings.count)
        }
        try writer.finish()
        return variances
    }

    private func summary(
        scale: SignalScale, variances: [Double], mask: DensityMap, start: Date
    ) -> SimulationSummary {
        let n = Double(variances.count)
        let mean = variances.reduce(0, +) / n
        let spread = (variances.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n).squareRoot()
        let counts = stateCounts
        let states = ensemble.states.indices.map { state in
            SimulationSummary.State(
                name: ensemble.names[state], coordinate: ensemble.coordinates[state],
                atoms: ensemble.states[state].count, particles: counts[state], map: Self.mapName(state))
        }
        let noise = settings.snr == nil ? 0.0 : 1.0
        return SimulationSummary(
            settings: settings, structures: ensemble.provenance, states: states, ctfTable: table?.source,
            sigma: settings.sigma, scale: scale, signalVariance: mean, signalVarianceSpread: spread,
            noiseVariance: noise, measuredSNR: noise > 0 ? mean / noise : nil,
            maskFraction: Double(mask.values.count { $0 > 0.5 }) / Double(mask.values.count),
            reach: ensemble.reach, warnings: warnings, seconds: Date().timeIntervalSince(start))
    }
}
