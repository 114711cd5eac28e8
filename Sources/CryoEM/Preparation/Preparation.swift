/// How particle images are brought to the form that training and reconstruction take.
public struct Preparation: Sendable, Equatable, Codable {
    public enum Normalization: String, Sendable, Codable {
        /// Images whose background has mean 0 and deviation 1, as RELION leaves them, and images without
        /// noise stay as they are; others are treated as with `always`.
        case automatic
        /// Every image has its background's mean subtracted and is divided by its background's standard
        /// deviation.
        case always
        /// Pixels stay as they are.
        case never
    }

    /// Side of the images made, even and at most the particles' box; smaller ones are cropped in Fourier
    /// space.
    public var box: Int
    public var normalization: Normalization
    /// Multiplies the images by -1, for data with dark particles.
    public var invert: Bool
    /// Diameter in Angstrom of the circle outside of which an image is background; nil is 75 % of the box, as
    /// in RELION.
    public var particleDiameter: Double?

    public init(
        box: Int, normalization: Normalization = .automatic, invert: Bool = false,
        particleDiameter: Double? = nil
    ) {
        self.box = box
        self.normalization = normalization
        self.invert = invert
        self.particleDiameter = particleDiameter
    }
}
