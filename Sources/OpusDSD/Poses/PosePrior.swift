/// How far poses and contrasts lie from those of the particle file: independent normal distributions about
/// them.
struct PosePrior: Equatable, Sendable {
    /// Variances of turns about x, y, z (radians), shifts along x, y (pixels) and the contrast.
    var variances: [Double]

    init(turn: Double, shift: Double, contrast: Double) {
        variances = [turn, turn, turn, shift, shift, contrast].map { $0 * $0 }
    }

    /// Wide: 3 degrees, a pixel, a contrast of 10 %.
    static let wide = PosePrior(turn: 3 * .pi / 180, shift: 1, contrast: 0.1)

    /// Unknowns that share a variance: tilts, the turn in the plane, shifts, the contrast.
    private static let groups = [[0, 1], [2], [3, 4], [5]]
    private static let rounds = 30
    private static let least = 1e-8

    /// The variances under which images are most likely, found from these by expectation and maximisation.
    func fitted(to images: [JointLikelihood]) -> PosePrior {
        var prior = self
        for _ in 0..<Self.rounds {
            var sums = [Double](repeating: 0, count: JointLikelihood.poseSize)
            for image in images {
                for (d, square) in image.poseSquares(prior).enumerated() { sums[d] += square }
            }
            for group in Self.groups {
                let mean = group.reduce(0) { $0 + sums[$1] } / Double(group.count * max(1, images.count))
                for d in group { prior.variances[d] = max(mean, Self.least) }
            }
        }
        return prior
    }
}
