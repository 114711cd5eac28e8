import CryoIO

/// Weights of a domain's points that leave out those that another motion, or none, explains: Tukey's
/// biweight of the residuals (Beaton and Tukey 1974).
struct RobustWeights {
    /// One a point.
    let values: [Double]

    /// - Parameters:
    ///   - template: the points with the weights that scale and offset are to be found with.
    ///   - whole: the same points with the mask's weights.
    ///   - limit: residual without weight, in standard deviations estimated by the median.
    /// - Returns: nil where the residuals vanish, as of a map on itself.
    init?(
        _ template: DomainTemplate, _ whole: DomainTemplate, _ sampler: some MapSampler,
        _ motion: RigidTransform, limit: Double
    ) {
        let samples = whole.points.map { sampler.value(at: motion * $0) }
        var sums = FitSums()
        for i in samples.indices { sums.add(whole.values[i], samples[i], template.weights[i]) }
        let (slope, offset) = sums.line
        let rests = samples.indices.map { (whole.values[$0] - slope * samples[$0] - offset).magnitude }
        let core = rests.indices.filter { whole.weights[$0] > 0.5 }.map { rests[$0] }.sorted()
        guard let middle = core.isEmpty ? nil : core[core.count / 2] else { return nil }
        // The median of the residuals' sizes over that of a standard normal distribution.
        let end = limit * middle / 0.674_490
        let strength = (whole.values.max() ?? 0) - (whole.values.min() ?? 0)
        guard end > 1e-9 * strength else { return nil }
        values = rests.indices.map { i in
            let share = min(1, rests[i] / end)
            return whole.weights[i] * (1 - share * share) * (1 - share * share)
        }
    }
}
