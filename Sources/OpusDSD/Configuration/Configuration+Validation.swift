import CryoIO

extension Configuration {
    /// Throws for values that cannot work, with the key and its range.
    public func validated() throws(DataError) -> Configuration {
        func require(_ holds: Bool, _ key: String, _ found: Any, _ wanted: String) throws(DataError) {
            if !holds {
                throw DataError(
                    file: nil, "the configuration's \(key) cannot be used", found: "\(found)", wanted: wanted,
                    remedy: "Change it in the file given with --config or with --set \(key)=...")
            }
        }
        try require((1...512).contains(model.latentSize), "model.latentSize", model.latentSize, "1 to 512")
        try require(
            model.encoderWidth > 0 && model.encoderWidth <= 4, "model.encoderWidth", model.encoderWidth,
            "above 0, at most 4")
        try require(
            model.decoderWidth > 0 && model.decoderWidth <= 4, "model.decoderWidth", model.decoderWidth,
            "above 0, at most 4")
        try require((4...256).contains(model.encoderBox), "model.encoderBox", model.encoderBox, "4 to 256")
        try require(model.outputGain >= 0, "model.outputGain", model.outputGain, "0 or more")
        try require(
            (1...64).contains(model.poseCorrectionSize), "model.poseCorrectionSize", model.poseCorrectionSize,
            "1 to 64")
        for (key, value) in [
            ("objective.lambdaKL", objective.lambdaKL), ("objective.lambdaTV", objective.lambdaTV),
            ("objective.lambdaL1", objective.lambdaL1), ("objective.lambda", objective.lambda),
            ("prior.farWeight", prior.farWeight), ("prior.bankWeight", prior.bankWeight),
            ("augmentation.contrast", augmentation.contrast),
            ("augmentation.brightness", augmentation.brightness), ("augmentation.tilt", augmentation.tilt),
            ("optimizer.clip", optimizer.clip),
        ] { try require(value >= 0 && value.isFinite, key, value, "0 or more") }
        try require(
            (0..<1).contains(augmentation.fourierDropout), "augmentation.fourierDropout",
            augmentation.fourierDropout, "0 to below 1")
        try require(prior.intraNeighbours >= 1, "prior.intraNeighbours", prior.intraNeighbours, "1 or more")
        try require(prior.candidates >= 8, "prior.candidates", prior.candidates, "8 or more")
        try require(prior.interNeighbours >= 1, "prior.interNeighbours", prior.interNeighbours, "1 or more")
        try require(prior.interFar >= 1, "prior.interFar", prior.interFar, "1 or more")
        try require(
            (0..<1).contains(prior.bankMomentum), "prior.bankMomentum", prior.bankMomentum, "0 to below 1")
        try require(prior.epsilon > 0, "prior.epsilon", prior.epsilon, "above 0")
        try require(annealing.cycles >= 1, "annealing.cycles", annealing.cycles, "1 or more")
        try require((0...1).contains(annealing.ramp), "annealing.ramp", annealing.ramp, "0 to 1")
        try require((0...1).contains(annealing.floor), "annealing.floor", annealing.floor, "0 to 1")
        try require((1...4096).contains(sampling.batch), "sampling.batch", sampling.batch, "1 to 4096")
        try require(
            (0...sampling.batch).contains(sampling.classBlocks), "sampling.classBlocks", sampling.classBlocks,
            "0 to the batch")
        try require(
            (1...4096).contains(sampling.imagesPerVolume), "sampling.imagesPerVolume",
            sampling.imagesPerVolume, "1 to 4096")
        try require(
            (0..<0.9).contains(sampling.validationFraction), "sampling.validationFraction",
            sampling.validationFraction, "0 to below 0.9")
        try require((0...1).contains(optimizer.decay), "optimizer.decay", optimizer.decay, "0 to 1")
        try require(optimizer.epsilon > 0, "optimizer.epsilon", optimizer.epsilon, "above 0")
        try require((0...256).contains(numerics.workers), "numerics.workers", numerics.workers, "0 to 256")
        try require(
            numerics.checkpointSteps >= 1, "numerics.checkpointSteps", numerics.checkpointSteps, "1 or more")
        try require(
            (0...4096).contains(numerics.imagesAtOnce), "numerics.imagesAtOnce", numerics.imagesAtOnce,
            "0 to 4096")
        try require((1...4096).contains(inference.cells), "inference.cells", inference.cells, "1 to 4096")
        try require(
            (1...inference.cells).contains(inference.closer), "inference.closer", inference.closer,
            "1 to inference.cells")
        try require((0...100).contains(inference.rounds), "inference.rounds", inference.rounds, "0 to 100")
        try require(
            inference.roundImages > 0, "inference.roundImages", inference.roundImages, "at least 1")
        try require(
            inference.temperature > 0 && inference.temperature.isFinite, "inference.temperature",
            inference.temperature, "above 0")
        try require(
            poseRefinement.after.allSatisfy { $0 > 0 && $0 < 1 }, "poseRefinement.after",
            poseRefinement.after, "shares above 0 and below 1")
        try require(!stages.isEmpty, "stages", "none", "at least one")
        for (index, stage) in stages.enumerated() {
            let key = "stages.\(index)"
            try require(
                stage.box == 0 || (stage.box >= 8 && stage.box % 2 == 0), "\(key).box", stage.box,
                "0, or even and at least 8")
            try require(
                stage.volume == 0 || stage.volume >= 8, "\(key).volume", stage.volume, "0, or at least 8")
            try require(stage.mostEpochs >= 2, "\(key).mostEpochs", stage.mostEpochs, "2 or more")
            try require(
                stage.epochs >= 0 && stage.images >= 0 && stage.epochs + stage.images > 0, "\(key).epochs",
                stage.epochs, "epochs or images above 0")
            try require(
                stage.learningRate > 0 && stage.learningRate < 1, "\(key).learningRate", stage.learningRate,
                "above 0, below 1")
        }
        return self
    }
}
