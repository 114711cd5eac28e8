import CryoIO

/// Everything that decides a simulated particle set besides its structures; written to `dataset.json`.
public struct SimulationSettings: Sendable, Equatable, Codable {
    /// Particles in all.
    public var count: Int
    /// Side of the images and maps in pixels; even.
    public var box: Int
    /// Angstrom.
    public var pixelSize: Double
    /// Angstrom. Every atom is a Gaussian with the standard deviation of `sigma`; nil is 10/3 pixels.
    public var resolution: Double?
    /// Signal-to-noise ratio (see `SimulationSummary.snrDefinition`); nil writes noise-free images.
    public var snr: Double?
    /// Shifts are uniform within plus and minus this on both axes, pixels.
    public var maximumShift: Double
    /// Standard deviation in degrees, for each component of a rotation vector, of the error of the written
    /// poses.
    public var poseError: Double
    /// Standard deviation in pixels, on each axis, of the error of the written origins.
    public var shiftError: Double
    /// Spread s of the contrast of images: each is multiplied by exp(s n - s^2), n standard normal, which
    /// leaves the mean power as it is.
    public var scaleSpread: Double
    /// How much stronger noise is at the lowest frequencies than at the highest; 0 is white (`NoiseShape`).
    public var noiseExcess: Double
    /// Relative numbers of particles of the states, of any sum; nil for equal numbers.
    public var shares: [Double]?
    /// Seed of views, shifts, CTFs, noise, errors and the order of the states.
    public var seed: UInt64
    /// Where CTFs come from when no table is given.
    public var ctf: CTFRange

    public init(
        count: Int, box: Int = 64, pixelSize: Double = 4, resolution: Double? = nil, snr: Double? = 0.1,
        maximumShift: Double = 2, poseError: Double = 0, shiftError: Double = 0, scaleSpread: Double = 0,
        noiseExcess: Double = 0, shares: [Double]? = nil, seed: UInt64 = 1, ctf: CTFRange = .init()
    ) {
        self.count = count
        self.box = box
        self.pixelSize = pixelSize
        self.resolution = resolution
        self.snr = snr
        self.maximumShift = maximumShift
        self.poseError = poseError
        self.shiftError = shiftError
        self.scaleSpread = scaleSpread
        self.noiseExcess = noiseExcess
        self.shares = shares
        self.seed = seed
        self.ctf = ctf
    }

    /// Standard deviation of an atom's Gaussian in Angstrom: resolution / (pi sqrt 2) = 0.225 resolution,
    /// Chimera's `molmap` relation, with which the paper made its maps. The Fourier transform of an atom
    /// falls to 1/e at 1/resolution; its full width at half maximum in real space is 0.530 resolution.
    public var sigma: Double { (resolution ?? pixelSize * 10 / 3) / (Double.pi * 2.0.squareRoot()) }

    /// - Throws: `DataError` that names the setting out of range.
    public func validate(states: Int) throws(DataError) {
        func need(_ holds: Bool, _ name: String, _ found: Any, _ wanted: String) throws(DataError) {
            if !holds {
                throw DataError(
                    file: nil, "the simulation's \(name) is out of range", found: "\(found)", wanted: wanted)
            }
        }
        func atLeastZero(_ value: Double, _ name: String) throws(DataError) {
            try need(value >= 0 && value.isFinite, name, value, "0 or more")
        }
        try need(count >= 1, "count", count, "1 or more")
        try need(box >= 4 && box % 2 == 0 && box <= 4096, "box", box, "an even number of pixels, 4...4096")
        try need(pixelSize > 0 && pixelSize.isFinite, "pixel size", pixelSize, "more than 0 A")
        if let resolution {
            try need(
                resolution >= 2 * pixelSize && resolution.isFinite, "resolution", resolution,
                "at least two pixels, \(2 * pixelSize) A")
        }
        if let snr {
            try need(snr > 0 && snr.isFinite, "SNR", snr, "more than 0; without a value there is no noise")
        }
        try atLeastZero(maximumShift, "shift")
        try need(maximumShift < Double(box) / 2, "shift", maximumShift, "less than half a box")
        try atLeastZero(poseError, "pose error")
        try atLeastZero(shiftError, "shift error")
        try atLeastZero(scaleSpread, "scale spread")
        try need(scaleSpread <= 2, "scale spread", scaleSpread, "at most 2")
        try atLeastZero(noiseExcess, "noise excess")
        if let shares {
            try need(shares.count == states, "number of state shares", shares.count, "\(states), one a state")
            try need(
                shares.allSatisfy { $0 >= 0 && $0.isFinite } && shares.reduce(0, +) > 0, "state shares",
                shares,
                "values of 0 or more with a positive sum")
        }
        try ctf.validate()
    }
}
