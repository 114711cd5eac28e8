extension Evaluation {
    /// Codes of all images of the data: those given or the encoder's, then by the likelihood under the
    /// decoder where the configuration wants it.
    func codes(
        from known: Codes? = nil, progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws -> Codes {
        let all = Array(0..<data.particles.count)
        let encoded = try known ?? encode(all)
        return try inferred(all, encoded: encoded, cells: try cells(of: encoded), progress: progress)
    }

    /// The cells that codes are divided into; nil where the configuration wants the encoder's codes as they
    /// are.
    func cells(of encoded: Codes) throws -> CodeCells? {
        let settings = configuration.inference
        guard settings.enabled else { return nil }
        return try CodeCells(
            codes: encoded, size: model.latentSize, wanted: settings.cells, seed: configuration.seed,
            threads: workers.count)
    }

    func inferred(
        _ indices: [Int], encoded: Codes, cells: CodeCells?, progress: @escaping @Sendable (Int) -> Void
    ) throws -> Codes {
        guard let cells else {
            progress(indices.count)
            return encoded
        }
        if configuration.refinesPoses {
            let joint = try joint(indices, encoded: encoded, cells: cells, effort: .full)
            return try shared(indices) { own, first in
                try joint.posterior(own, codes: encoded.rows(first..<(first + own.count)), progress: progress)
            }.codes
        }
        let inference = CodeInference(evaluation: self, settings: configuration.inference, cells: cells)
        guard let team else { return try inference.posterior(indices, codes: encoded, progress: progress) }
        let (own, first) = team.share(indices)
        let codes = try inference.posterior(
            own, codes: encoded.rows(first..<(first + own.count)), progress: progress)
        return try team.gathered(codes, first: first, count: indices.count)
    }
}
