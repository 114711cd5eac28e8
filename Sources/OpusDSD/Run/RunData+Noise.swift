import CryoEM
import CryoIO
import Foundation
import Torch

extension RunData {
    /// Images that the noise is measured on, spread over the set.
    private static let noiseImages = 2000

    /// The noise of the images of a stage, measured once and kept in the run's folder.
    func noise(_ images: PreparedParticles) throws -> NoiseSpectrum {
        let path = folder.noise(box: images.box)
        if FileManager.default.fileExists(atPath: path) {
            let kept = try NPYArray.read(path)
            let power = kept.doubles()
            guard kept.shape == [images.box / 2], power.allSatisfy({ $0.isFinite && $0 > 0 }) else {
                throw DataError(
                    file: path, "the noise is not that of the stage's images", found: "\(kept.shape)",
                    wanted: "[\(images.box / 2)], finite and above 0",
                    remedy: "Delete the file; it is made again.")
            }
            return NoiseSpectrum(box: images.box, power: power)
        }
        let step = max(1, images.count / Self.noiseImages)
        let rows = stride(from: 0, to: images.count, by: step).map { $0 }
        let pixels = Double(images.box) / Double(mask.side)
        let found = try NoiseSpectrum(
            box: images.box, radius: mask.reach * pixels + 1, blocks: EpochPlan.chunks(rows, of: 256),
            images: images.images)
        try NPYArray(shape: [found.power.count], doubles: found.power).write(to: path)
        return found
    }
}

extension SolventMask {
    /// Largest distance of a voxel of the mask from the centre, voxels.
    fileprivate var reach: Double {
        var most = 0.0
        for (flat, value) in map.values.enumerated() where value > 0 {
            let square = [flat % side, flat / side % side, flat / (side * side)].reduce(0) {
                $0 + ($1 - side / 2) * ($1 - side / 2)
            }
            most = max(most, Double(square))
        }
        return most.squareRoot()
    }
}
