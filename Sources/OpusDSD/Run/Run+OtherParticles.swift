import CryoEM
import CryoIO
import Foundation

extension Run {
    /// Encodes particles that the run was not trained on; writes mean.npy and logsigma.npy to a folder.
    ///
    /// Codes are sought under the finished decoder. Those of the run's own particles were settled before a
    /// last stage that refined the decoder alone, and with poses refined while it was trained, so the same
    /// image can get a slightly different code here.
    public func encode(
        _ inputs: RunRecord.Inputs, to folder: String, progress: @escaping RunData.Progress = { _, _, _ in }
    ) throws -> Int {
        let others = try ParticleSet(
            path: inputs.particles,
            reading: inputs.reading)
        guard others.box == data.particles.box,
            abs(others.pixelSize - data.particles.pixelSize) < 1e-3 * others.pixelSize
        else {
            throw DataError(
                file: inputs.particles, "box or pixel size differ from the run's",
                found: "\(others.box) at \(others.pixelSize) A",
                wanted: "\(data.particles.box) at \(data.particles.pixelSize) A",
                remedy: "Extract or scale the particles like the run's.")
        }
        try OutputFolder.create(folder)
        let box = stage.geometry.box
        let cache = "\(folder)/cache"
        defer { try? FileManager.default.removeItem(atPath: cache) }
        let images = try PreparedParticles(
            others, Preparation(box: box, invert: data.record.inputs.invert), folder: cache
        ) {
            progress("preparing images of \(box) pixels", $0, $1)
        }
        let otherStage = try StageData(
            data.record.configuration, geometry: stage.geometry,
            particles: ParticleTable(poses: others.angles, ctf: others.ctf), images: images,
            consensus: data.consensus.values, mask: data.mask.map.values, device: data.device
        ).weighing(stage.weights)
        let evaluation = Evaluation(
            data.record.configuration, data: otherStage, model: model, workers: workers)
        let counter = ProgressCounter { done in progress("encoding", done, others.count) }
        let all = Array(0..<others.count)
        let codes = try evaluation.inferred(
            all, encoded: try evaluation.encode(all), cells: try evaluation.cells(of: try codesOfCells())
        ) { counter.add($0) }
        try codes.write(mean: "\(folder)/mean.npy", logSigma: "\(folder)/logsigma.npy")
        return others.count
    }

    /// Codes of the run's own particles, whose cells those of other images are sought in: those that the
    /// decoder learned with, which are the encoder's unless codes were settled in rounds.
    func codesOfCells() throws -> Codes {
        let folder = data.folder
        let settled = data.record.configuration.stages.contains(where: \.settles)
        let path = settled ? folder.mean : folder.encoderMean
        let (mean, logSigma) = (
            try NPYArray.read(path), try NPYArray.read(settled ? folder.logSigma : folder.encoderLogSigma)
        )
        guard mean.shape == logSigma.shape, mean.shape.count == 2, mean.shape[0] == data.particles.count
        else {
            throw DataError(
                file: path, "the codes are not those of the run's particles",
                found: "\(mean.shape)", wanted: "\(data.particles.count) rows",
                remedy: "Make them again with dsd encode RUN.")
        }
        return Codes(mean: mean.floats(), logSigma: logSigma.floats(), width: mean.shape[1])
    }
}
