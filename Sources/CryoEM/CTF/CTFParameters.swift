import Foundation

/// What decides the contrast transfer function of one image, in RELION's units and signs.
public struct CTFParameters: Sendable, Equatable, Codable {
    /// Defocus along the major axis, Angstrom; underfocus is positive.
    public var defocusU: Double
    /// Defocus along the minor axis, Angstrom.
    public var defocusV: Double
    /// Angle from the image's x axis to the axis of `defocusU`, degrees.
    public var defocusAngle: Double
    /// Accelerating voltage, kV.
    public var voltage: Double
    /// Spherical aberration, mm.
    public var sphericalAberration: Double
    /// Share of amplitude contrast, 0...1.
    public var amplitudeContrast: Double
    /// Phase shift of a phase plate, degrees.
    public var phaseShift: Double

    public init(
        defocusU: Double, defocusV: Double, defocusAngle: Double, voltage: Double,
        sphericalAberration: Double,
        amplitudeContrast: Double, phaseShift: Double = 0
    ) {
        self.defocusU = defocusU
        self.defocusV = defocusV
        self.defocusAngle = defocusAngle
        self.voltage = voltage
        self.sphericalAberration = sphericalAberration
        self.amplitudeContrast = amplitudeContrast
        self.phaseShift = phaseShift
    }

    /// Wavelength of the electrons, Angstrom, with RELION's constants.
    public var wavelength: Double {
        let volts = voltage * 1e3
        return 12.2643247 / (volts * (1 + 0.978466e-6 * volts)).squareRoot()
    }

    /// The transfer at a spatial frequency in 1/Angstrom: `-sin(gamma - asin w)`.
    ///
    /// RELION's sign: +`amplitudeContrast` at frequency 0 and rising for underfocus, so particles are bright.
    public func value(_ kx: Double, _ ky: Double) -> Double {
        let c = phaseCoefficients
        let basis = CTFGrid.basis(kx, ky)
        var phase = 0.0
        for k in 0..<basis.count { phase += c[k] * basis[k] }
        return -sin(phase)
    }

    /// `gamma - asin w` is a sum of five functions of frequency; these are its coefficients, in the order of
    /// `CTFGrid.basis`: s², kx² - ky², 2 kx ky, s⁴ and 1.
    ///
    /// With `df(a) = (U + V)/2 + (U - V)/2 cos 2(a - angle)`: `gamma = 2 pi (-df lambda s²/2 + Cs lambda³
    /// s⁴/4) - phase`.
    var phaseCoefficients: [Double] {
        let lambda = wavelength
        let astigmatism = -.pi * lambda * 0.5 * (defocusU - defocusV)
        let angle = 2 * radians(defocusAngle)
        return [
            -.pi * lambda * 0.5 * (defocusU + defocusV), astigmatism * cos(angle), astigmatism * sin(angle),
            0.5 * .pi * sphericalAberration * 1e7 * lambda * lambda * lambda,
            -radians(phaseShift) - asin(amplitudeContrast),
        ]
    }
}
