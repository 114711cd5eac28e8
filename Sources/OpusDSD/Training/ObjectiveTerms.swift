import Torch

/// The terms of one step's objective, each as printed and logged.
public struct ObjectiveTerms: Sendable, Equatable {
    /// Mean over the images of the error, per pixel of the mask's area; less the part that the prediction
    /// cannot change.
    public var reconstruction = 0.0
    public var divergence = 0.0
    public var intraClass = 0.0
    public var interClass = 0.0
    public var totalVariation = 0.0
    public var meanAbsolute = 0.0
    /// What is minimized.
    public var total = 0.0
    public var gradientNorm = 0.0

    public static let names = [
        "reconstruction", "divergence", "intraClass", "interClass", "totalVariation", "meanAbsolute", "total",
        "gradientNorm",
    ]
    public var values: [Double] {
        [
            reconstruction, divergence, intraClass, interClass, totalVariation, meanAbsolute, total,
            gradientNorm,
        ]
    }
}

/// A loss or a gradient that is no number: which term, and for which particles.
public struct NonFiniteLoss: Error, CustomStringConvertible, Sendable {
    public let term: String
    /// Zero-based particle numbers.
    public let particles: [Int]
    public let step: Int
    public var description: String {
        let rows = particles.prefix(8).map { "\($0 + 1)" }.joined(separator: ", ")
        let more = particles.count > 8 ? ", ..." : ""
        return """
            the \(term) is not finite at step \(step); particles (data rows) \(rows)\(more). \
            The last good state is in checkpoint/latest.safetensors. Look at these images, and start a new \
            run with a smaller learning rate (--set stages.0.learningRate=...) or a smaller optimizer.clip.
            """
    }
}

/// What a step leaves where it was computed, so that no step has to wait for its numbers.
public struct StepRecord: Sendable {
    public let step: Int
    /// Zero-based particle numbers of the images of this process.
    public let indices: [Int]
    /// Images of the whole batch.
    public let count: Int
    /// Reconstruction, total variation, mean absolute density, divergence, intraclass and interclass term and
    /// norm of the gradient, float64 [7].
    let values: Tensor
    /// Errors of the images of this process.
    package let errors: Tensor
    /// Weights of total variation, mean absolute density, divergence and the two terms of classes in the
    /// total.
    let weights: [Double]

    /// Euclidean norm of all gradients together, a float64 scalar where it was computed.
    var gradientNorm: Tensor { values.select(0, 6) }

    /// The terms; on a CUDA device this waits for the step.
    ///
    /// - Throws: `NonFiniteLoss` where one is no number.
    public func terms() throws -> ObjectiveTerms {
        let v = try values.doubles()
        var terms = ObjectiveTerms()
        (terms.reconstruction, terms.totalVariation, terms.meanAbsolute) = (v[0], v[1], v[2])
        (terms.divergence, terms.intraClass, terms.interClass) = (v[3], v[4], v[5])
        terms.gradientNorm = v[6]
        terms.total = v[0] + zip(weights, v[1...5]).reduce(0) { $0 + $1.0 * $1.1 }
        guard let bad = zip(ObjectiveTerms.names, terms.values).first(where: { !$1.isFinite })?.0 else {
            return terms
        }
        let named = zip(indices, try errors.doubles()).filter { !$1.isFinite }.map(\.0)
        throw NonFiniteLoss(term: bad, particles: named.isEmpty ? indices : named, step: step)
    }
}
