import CryoEM
import CryoIO
import Foundation
import Torch

/// The decoder of a run by itself: maps of codes without its particles and their images. It opens in a
/// moment, also while the run is still being trained.
public struct RunDecoder: Sendable {
    public let geometry: StageGeometry
    /// The epoch that it is of.
    public let state: RunState
    /// Pixel size of full maps, Angstrom.
    public var pixelSize: Double { maker.pixelSize }
    public var latentSize: Int { maker.latentSize }
    private let maker: MapMaker

    /// Opens the best epoch of a run folder.
    /// - Throws: `DataError` where the run has no checkpoint yet, or consensus and mask are not those it was
    ///   trained with.
    public init(_ folder: RunFolder, device: Device = .cpu) throws {
        let record = try RunRecord.read(folder.configuration)
        let best = try Checkpoint(path: folder.bestCheckpoint)
        let geometry = best.geometry
        var configuration = record.configuration
        configuration.stages = configuration.stages(fullBox: geometry.fullBox)
        let mask = try SolventMask(
            path: folder.mask, box: geometry.fullBox, pixelSize: geometry.fullPixelSize)
        let consensus = try DensityMap.read(folder.consensus)
        guard consensus.isCube, consensus.side == geometry.fullBox else {
            throw DataError(
                file: folder.consensus, "the consensus' box is not that of the checkpoint",
                found: "\(consensus.size)", wanted: "\(geometry.fullBox)",
                remedy: "Restore consensus.mrc of the run.")
        }
        let stage = try StageData(
            configuration, geometry: geometry, particles: ParticleTable(poses: [], ctf: []),
            images: NoImages(), consensus: consensus.values, mask: mask.map.values, device: device)
        let model = try Model(configuration, geometry: geometry, mask: stage.mask, device: device)
        for parameter in model.parameters where parameter.name.hasPrefix("decoder.") {
            try parameter.restore(from: best.tensors, file: folder.bestCheckpoint)
        }
        self.geometry = geometry
        state = best.state
        maker = MapMaker(
            evaluation: Evaluation(
                configuration, data: stage, model: model, workers: WorkerPool(count: 1)),
            latentSize: model.latentSize, wideSize: model.encoder.mean.bias.count, geometry: geometry,
            side: consensus.side, pixelSize: geometry.fullPixelSize, origin: consensus.origin)
    }

    /// Maps of codes, row-major [count, Z], as `Run.maps` makes them.
    public func maps(codes: [Float], count: Int, each body: (Int, DensityMap) throws -> Void) throws {
        try maker.maps(codes: codes, count: count, each: body)
    }

    /// The map of a code on the decoder's own grid, side T over the crop cube: for looking, where a full map
    /// would take too long.
    public func quickMap(_ code: [Float]) throws -> DensityMap { try maker.quickMap(code) }
}

/// Stands where a stage wants images that nothing will ask for.
private struct NoImages: ImageSource {
    var count: Int { 0 }

    func images(_ rows: [Int]) throws -> Tensor {
        throw DataError(file: nil, "the decoder was opened without images")
    }
}
