extension Configuration {
    /// The stages that particles of side `fullBox` go through: those of the configuration, joined where two
    /// come to one box, with the rounds of `inference` after the encoder's last stage. Of stages that were
    /// made so before, the same.
    public func stages(fullBox: Int) -> [Stage] { withRounds(joined(fullBox: fullBox)) }

    /// Of two stages that come to the same box the second joins the first, or is left out where it would
    /// refine the decoder alone. Rounds are left out, to be made anew.
    private func joined(fullBox: Int) -> [Stage] {
        var merged: [Stage] = []
        for stage in stages where !stage.settles {
            func side(_ stage: Stage) -> Int { stage.box == 0 ? fullBox : min(stage.box, fullBox) }
            guard let last = merged.last, side(last) == side(stage), last.volume == stage.volume else {
                merged.append(stage)
                continue
            }
            if last.trainsEncoder && !stage.trainsEncoder { continue }
            guard last.trainsEncoder == stage.trainsEncoder, (last.epochs > 0) == (stage.epochs > 0) else {
                merged.append(stage)
                continue
            }
            merged[merged.count - 1].epochs += stage.epochs
            merged[merged.count - 1].images += stage.images
        }
        return merged
    }

    /// Whether images share volumes in a stage: where codes are known before, and say nothing of poses.
    func sharesVolumes(_ stage: Stage) -> Bool {
        !stage.trainsEncoder && sampling.imagesPerVolume > 1 && !model.poseCorrection
    }

    private func withRounds(_ stages: [Stage]) -> [Stage] {
        guard inference.enabled, inference.rounds > 0, let last = stages.lastIndex(where: \.trainsEncoder)
        else { return stages }
        var round = stages[last]
        (round.trainsEncoder, round.settles) = (false, true)
        round.images = inference.roundImages
        round.epochs = round.epochs > 0 ? max(1, round.epochs / 3) : 0
        return stages[...last] + Array(repeating: round, count: inference.rounds) + stages[(last + 1)...]
    }
}
