import CryoEM
import CryoIO

/// Random contrast transfer functions: particles of one micrograph share its defocus and astigmatism up to a
/// small spread of height.
public struct CTFRange: Sendable, Equatable, Codable {
    /// Larger defocus of a micrograph, Angstrom, uniform in this range.
    public var defocus: ClosedRange<Double>
    /// Standard deviation of a particle's defocus about its micrograph's, Angstrom.
    public var heightSpread: Double
    /// DefocusU minus defocusV is uniform in 0 ... this, Angstrom.
    public var maximumAstigmatism: Double
    /// Particles in a micrograph.
    public var particlesPerMicrograph: Int
    /// kV.
    public var voltage: Double
    /// mm.
    public var sphericalAberration: Double
    /// 0 ... 1.
    public var amplitudeContrast: Double
    /// Degrees, uniform in this range, one for a micrograph.
    public var phaseShift: ClosedRange<Double>

    public init(
        defocus: ClosedRange<Double> = 10_000...25_000, heightSpread: Double = 150,
        maximumAstigmatism: Double = 400,
        particlesPerMicrograph: Int = 100, voltage: Double = 300, sphericalAberration: Double = 2.7,
        amplitudeContrast: Double = 0.1, phaseShift: ClosedRange<Double> = 0...0
    ) {
        self.defocus = defocus
        self.heightSpread = heightSpread
        self.maximumAstigmatism = maximumAstigmatism
        self.particlesPerMicrograph = particlesPerMicrograph
        self.voltage = voltage
        self.sphericalAberration = sphericalAberration
        self.amplitudeContrast = amplitudeContrast
        self.phaseShift = phaseShift
    }

    func validate() throws(DataError) {
        let bounds = [defocus.lowerBound, defocus.upperBound, phaseShift.lowerBound, phaseShift.upperBound]
        guard bounds.allSatisfy(\.isFinite), heightSpread >= 0, heightSpread.isFinite,
            maximumAstigmatism >= 0,
            maximumAstigmatism.isFinite, particlesPerMicrograph >= 1, voltage > 0, voltage.isFinite,
            sphericalAberration >= 0, sphericalAberration.isFinite, (0...1).contains(amplitudeContrast)
        else {
            throw DataError(
                file: nil, "the range of CTFs cannot be used", found: "\(self)",
                wanted: "finite values, spreads of 0 or more, a positive voltage, amplitude contrast in 0...1"
            )
        }
    }

    /// The CTF of one particle.
    func parameters(particle: Int, random: CounterRandom) -> CTFParameters {
        let micrograph = particle / particlesPerMicrograph
        let mean = random.uniform(.micrograph, item: micrograph, 0, in: defocus)
        let astigmatism = random.uniform(.micrograph, item: micrograph, 1, in: 0...maximumAstigmatism)
        let defocusU = mean + heightSpread * random.normal(.defocus, item: particle, 0)
        return CTFParameters(
            defocusU: defocusU, defocusV: defocusU - astigmatism,
            defocusAngle: random.uniform(.micrograph, item: micrograph, 2, in: 0...180), voltage: voltage,
            sphericalAberration: sphericalAberration, amplitudeContrast: amplitudeContrast,
            phaseShift: random.uniform(.micrograph, item: micrograph, 3, in: phaseShift))
    }
}
