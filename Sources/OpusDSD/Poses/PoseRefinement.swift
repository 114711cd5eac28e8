import CryoEM
import Foundation
import Torch

/// Standard deviations of the true poses and contrasts about those of the particle file, as estimated.
public struct PoseSpread: Codable, Sendable, Equatable {
    /// Of the view direction about each axis, and in the plane, degrees.
    public var tilt: Double, inPlane: Double
    /// Along each axis, Angstrom.
    public var shift: Double
    public var contrast: Double

    /// Whether images of a stage would hardly show it: 0.15 pixels at two thirds of the way to the edge of
    /// the crop cube, and 5 % of contrast.
    func isNegligible(in geometry: StageGeometry) -> Bool {
        let turn = max(tilt, inPlane) * .pi / 180 * Double(geometry.cropBox) / 3
        return turn < 0.15 && shift < 0.15 * geometry.pixelSize && contrast < 0.05
    }

    init(_ prior: PosePrior, pixelSize: Double) {
        let widths = prior.variances.map { $0.squareRoot() }
        (tilt, inPlane) = (widths[0] * 180 / .pi, widths[2] * 180 / .pi)
        (shift, contrast) = (widths[3] * pixelSize, widths[5])
    }
}

/// New poses and contrasts for all images of a run, by the decoder as it is.
struct PoseRefinement {
    let evaluation: Evaluation

    struct Outcome {
        var codes: Codes
        var changes: PoseChanges
        var spread: PoseSpread
    }

    /// Nil where no codes are inferred.
    /// - Parameter known: codes of all images to start from; nil takes the encoder's.
    func refined(
        _ effort: JointInference.Effort, for goal: JointInference.Goal, from known: Codes? = nil,
        progress: @escaping @Sendable (Int) -> Void
    ) throws -> Outcome? {
        let all = Array(0..<evaluation.data.particles.count)
        let encoded = try known ?? evaluation.encode(all)
        guard let cells = try evaluation.cells(of: encoded) else { return nil }
        let joint = try evaluation.joint(all, encoded: encoded, cells: cells, effort: effort, goal: goal)
        var found = try evaluation.shared(all) { own, first in
            try joint.posterior(own, codes: encoded.rows(first..<(first + own.count)), progress: progress)
        }
        found.changes.settle(groups: found.cells, count: cells.count, poses: stored)
        return Outcome(
            codes: found.codes, changes: found.changes,
            spread: PoseSpread(joint.prior, pixelSize: evaluation.data.geometry.pixelSize))
    }

    /// Poses of the particle file.
    private var stored: [Rotation] {
        let particles = evaluation.data.particles
        guard let changes = particles.changes else { return particles.rotations }
        return zip(changes.turns, particles.rotations).map { Rotation(vector: $0).inverse * $1 }
    }
}

extension Evaluation {
    /// Images that the prior of poses is estimated from.
    private static let mostMeasured = 500
    private static let estimates = 2

    /// Joint inference with the prior of poses that some of the images are likeliest under.
    /// - Parameter encoded: the encoder's codes of these images.
    func joint(
        _ indices: [Int], encoded: Codes, cells: CodeCells, effort: JointInference.Effort,
        goal: JointInference.Goal = .codes
    ) throws -> JointInference {
        let inference = CodeInference(evaluation: self, settings: configuration.inference, cells: cells)
        let step = max(1, indices.count / Self.mostMeasured)
        let places = Array(stride(from: 0, to: indices.count, by: step))
        let (measured, codes) = (places.map { indices[$0] }, encoded.selecting(places))
        var prior = PosePrior.wide
        for _ in 0..<Self.estimates {
            let joint = JointInference(inference: inference, prior: prior, effort: .quick, goal: goal)
            prior = prior.fitted(to: try joint.likelihoods(measured, codes: codes))
        }
        // Processes on unlike processors would round it differently, and not agree on when to stop.
        if let team {
            let variances = Tensor(prior.variances, shape: [prior.variances.count]).to(data.device)
            try team.adoptFirst([variances])
            prior.variances = try variances.doubles()
        }
        return JointInference(inference: inference, prior: prior, effort: effort, goal: goal)
    }

    /// What `body` finds of all images, each process of a team of its own.
    func shared(
        _ all: [Int], _ body: (_ own: [Int], _ first: Int) throws -> JointInference.Outcome
    ) throws -> JointInference.Outcome {
        guard let team else { return try body(all, 0) }
        let (own, first) = team.share(all)
        return try team.gathered(try body(own, first), first: first, count: all.count)
    }
}
