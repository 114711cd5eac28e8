import Torch

/// Images of particles beside what the decoder predicts of them.
public struct Reprojections: Sendable {
    /// Side of the images, pixels.
    public let side: Int
    /// Angstrom.
    public let pixelSize: Double
    /// [rows][side][side], noise of deviation 1.
    public let images: [Float]
    /// The same particles by the decoder: the map of the particle's code at its pose, with its CTF.
    public let predicted: [Float]
}

extension Run {
    private static let reprojectedAtOnce = 8

    /// - Parameters:
    ///   - rows: from 0
    ///   - codes: [rows, Z]
    /// - Throws: `DataError` for a row that does not exist.
    public func reprojections(of rows: [Int], codes: [Float]) throws -> Reprojections {
        var images: [Float] = []
        var predicted: [Float] = []
        // For looking, frequencies are shown as they are.
        let stage = stage.weighing(nil)
        for start in stride(from: 0, to: rows.count, by: Self.reprojectedAtOnce) {
            let part = Array(rows[start..<min(start + Self.reprojectedAtOnce, rows.count)])
            let values = Array(codes[(start * latentSize)..<((start + part.count) * latentSize)])
            let (seen, made) = try withoutGradient { () throws -> ([Float], [Float]) in
                let batch = try stage.batch(part)
                let z = Tensor(values, shape: [part.count, latentSize]).to(data.device)
                let volumes = stage.volumes(z, model, gain: evaluation.gain)
                let poses = batch.rotations.narrow(1, 0, 1)
                return (
                    try batch.images.floats(), try stage.render(volumes, rotations: poses, batch).floats()
                )
            }
            images += seen
            predicted += made
        }
        return Reprojections(
            side: stage.geometry.box, pixelSize: stage.geometry.pixelSize, images: images,
            predicted: predicted)
    }
}
