import CryoEM
import CryoIO
import Foundation
import Torch

/// Simulates particle images with known truth.
///
/// An image is gain x CTF x projection + noise. The projection is the exact Fourier sum over Gaussian atoms
/// (`AtomProjector`) at RELION's matrix, displaced by the shift; the CTF has RELION's sign, so that particles
/// are bright on a dark ground; the noise has standard deviation 1 and is white unless the settings shape its
/// spectrum. Every value is a function of the seed and the particle's index: blocks, threads and the number
/// of particles before it change nothing.
public struct ParticleSimulator: Sendable {
    public let ensemble: Ensemble
    public let settings: SimulationSettings
    public let table: CTFTable?
    /// State of every particle.
    public let states: [Int]
    let renderer: ParticleRenderer
    /// Images are split between its threads.
    private let pool: WorkerPool
    private let views: [EulerAngles]?
    private let random: CounterRandom
    /// nil where noise is white.
    private let noise: NoiseShape?

    /// - Parameters:
    ///   - table: CTFs are drawn from it in place of the settings' range.
    ///   - views: orientations to use, one a particle; nil draws them uniformly over all rotations.
    ///   - threads: images are split between this many.
    /// - Throws: `DataError` for settings out of range, a number of views that is not the count, or a
    ///   molecule larger than the box.
    public init(
        ensemble: Ensemble, settings: SimulationSettings, table: CTFTable? = nil, views: [EulerAngles]? = nil,
        threads: Int = ProcessInfo.processInfo.activeProcessorCount
    ) throws(DataError) {
        try settings.validate(states: ensemble.states.count)
        if let views, views.count != settings.count {
            throw DataError(
                file: nil, "there must be one view for each particle", found: "\(views.count) views",
                wanted: "\(settings.count)")
        }
        let half = Double(settings.box) * settings.pixelSize / 2
        guard ensemble.reach <= half else {
            throw DataError(
                file: nil, "the molecule is larger than the box",
                found: "an atom \(Self.rounded(ensemble.reach)) A from the centre",
                wanted: "at most \(half) A",
                remedy: "Use a larger box or pixel size")
        }
        self.ensemble = ensemble
        self.settings = settings
        self.table = table
        self.views = views
        random = CounterRandom(seed: settings.seed)
        noise =
            settings.noiseExcess > 0
            ? NoiseShape(box: settings.box, pixelSize: settings.pixelSize, excess: settings.noiseExcess) : nil
        let shares = settings.shares ?? Array(repeating: 1, count: ensemble.states.count)
        states = StateShares.labels(shares, count: settings.count, random: random)
        pool = WorkerPool(count: threads)
        renderer = ParticleRenderer(ensemble: ensemble, settings: settings)
    }

    /// What a user should know about settings that are allowed but doubtful.
    public var warnings: [String] {
        let half = Double(settings.box) * settings.pixelSize / 2
        let needed = ensemble.reach + 3 * settings.sigma + settings.maximumShift * settings.pixelSize
        guard needed > half else { return [] }
        return [
            "atoms reach \(Self.rounded(needed)) A with their width and the largest shift, more than "
                + "half the box (\(Self.rounded(half)) A): some images wrap around the edge"
        ]
    }

    private static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }

    /// Particle `index`, 0 ..< count: its truth and its written metadata.
    public func particle(_ index: Int) -> SimulatedParticle {
        precondition(index >= 0 && index < settings.count, "there is no particle \(index)")
        func uniform(_ k: Int) -> Double { random.uniform(.view, item: index, k) }
        let angles = views?[index] ?? EulerAngles(Rotation(uniform: uniform(0), uniform(1), uniform(2)))
        let rotation = angles.rotation
        let reach = settings.maximumShift
        let shift = SIMD2(
            random.uniform(.shift, item: index, 0, in: -reach...reach),
            random.uniform(.shift, item: index, 1, in: -reach...reach))
        var particle = SimulatedParticle(
            index: index, state: states[index], angles: angles, rotation: rotation, shift: shift,
            ctf: table?.parameters(particle: index, random: random)
                ?? settings.ctf.parameters(particle: index, random: random),
            micrograph: index / settings.ctf.particlesPerMicrograph, statedAngles: angles, statedShift: shift)
        func normal(_ stream: RandomStream, _ k: Int) -> Double { random.normal(stream, item: index, k) }
        if settings.scaleSpread > 0 {
            let spread = settings.scaleSpread
            particle.scale = exp(spread * normal(.scale, 0) - spread * spread)
        }
        if settings.poseError > 0 {
            let vector =
                settings.poseError
                * SIMD3(normal(.poseError, 0), normal(.poseError, 1), normal(.poseError, 2))
            particle.statedAngles = EulerAngles(Rotation(degrees: vector.length, about: vector) * rotation)
        }
        if settings.shiftError > 0 {
            particle.statedShift +=
                settings.shiftError * SIMD2(normal(.shiftError, 0), normal(.shiftError, 1))
        }
        return particle
    }

    /// Finds the scale of the images from the CTF-modulated, noise-free images of all particles, or of 1000
    /// evenly spaced ones where there are more.
    public func signalScale() throws -> SignalScale {
        let sampled = min(settings.count, 1000)
        let variances = try pool.map(over: 0..<sampled) { position in
            let index = position * settings.count / sampled
            return SignalScale.variance(try renderer.image(particle(index)).floats())
        }
        let variance = variances.reduce(0, +) / Double(sampled)
        guard variance > 0, variance.isFinite else {
            throw DataError(
                file: nil, "the noise-free images have no contrast", found: "variance \(variance)",
                remedy: "Check the weights of the atoms and the CTF")
        }
        return SignalScale(gain: ((settings.snr ?? 1) / variance).squareRoot(), sampled: sampled)
    }

    /// Images of a range of particles with noise, [y][x] each.
    public func images(_ range: Range<Int>, scale: SignalScale) throws -> [[Float]] {
        try rendered(range, scale: scale).map(\.values)
    }

    /// Images of a range of particles without noise, [y][x] each.
    public func cleanImages(_ range: Range<Int>, scale: SignalScale) throws -> [[Float]] {
        try pool.map(over: range) { index in
            let particle = particle(index)
            return try (renderer.image(particle) * (scale.gain * particle.scale)).floats()
        }
    }

    struct Rendered: Sendable {
        var values: [Float]
        /// Of the image before noise was added.
        var signalVariance: Double
    }

    func rendered(_ range: Range<Int>, scale: SignalScale) throws -> [Rendered] {
        try pool.map(over: range) { index in
            let particle = particle(index)
            var values = try (renderer.image(particle) * (scale.gain * particle.scale)).floats()
            let variance = SignalScale.variance(values)
            if settings.snr != nil {
                if let noise {
                    try noise.add(random, item: index, to: &values)
                } else {
                    random.addNormals(.noise, item: index, to: &values, count: values.count)
                }
            }
            return Rendered(values: values, signalVariance: variance)
        }
    }
}
