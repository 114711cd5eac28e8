import Foundation

/// Sides and pixel sizes of one stage (METHOD 1.7 and 13).
///
/// Images have R pixels a side. The mask's extent fixes the crop box C, a cube about the centre; the
/// decoder's volume has
/// T voxels over it. The encoder sees images Fourier-cropped to at most `model.encoderBox` pixels, and its
/// pseudo-volume
/// has E voxels over the crop cube, so that one encoder serves every stage.
public struct StageGeometry: Codable, Equatable, Sendable {
    /// Side D of the particles and their pixel size, A.
    public let fullBox: Int, fullPixelSize: Double
    /// Side R of the stage's images.
    public let box: Int
    /// Side C of the crop cube, in pixels of the stage.
    public let cropBox: Int
    /// Side T of the decoder's volume over the crop cube.
    public let volumeSide: Int
    /// Side E of the encoder's pseudo-volume over the crop cube.
    public let encoderSide: Int
    /// Side of the images that the pseudo-volume is looked up in.
    public let encoderBox: Int

    /// - Parameter window: share of the full box that the mask needs, from `window(mask:side:)`.
    public init(
        fullBox: Int, fullPixelSize: Double, stage: Configuration.Stage, model: Configuration.Model,
        window: Double
    ) {
        self.fullBox = fullBox
        self.fullPixelSize = fullPixelSize
        box = stage.box == 0 ? fullBox : min(stage.box, fullBox)
        cropBox = max(8, min(box, 2 * Int((Double(box) * window / 2).rounded(.up))))
        volumeSide = Decoder.feasibleSide(atLeast: max(stage.volume, cropBox))
        encoderBox = min(box, model.encoderBox)
        encoderSide = max(4, min(encoderBox, 2 * Int((Double(encoderBox) * window / 2).rounded(.up))))
    }

    public var pixelSize: Double { fullPixelSize * Double(fullBox) / Double(box) }
    /// Side of a voxel of the volume, in pixels of the stage.
    public var volumePitch: Double { Double(cropBox) / Double(volumeSide) }
    /// Side of a voxel of the pseudo-volume, in pixels of the encoder's image.
    public var encoderPitch: Double {
        Double(cropBox) * Double(encoderBox) / (Double(box) * Double(encoderSide))
    }
    /// Density of a map that sums to the particles, times this, sums to the stage's noise-normalized images.
    public var densityGain: Double { pow(Double(fullBox) / Double(box), 2) }

    /// Share of the box that holds every voxel of the mask with two voxels to spare (METHOD 1.7), at most 1.
    public static func window(mask: [Float], side: Int) -> Double {
        var reach = 0
        for flat in mask.indices where mask[flat] > 0 {
            for place in [flat % side, flat / side % side, flat / (side * side)] {
                reach = max(reach, place >= side / 2 ? place - side / 2 + 1 : side / 2 - place)
            }
        }
        return reach == 0 ? 1 : min(1, Double(2 * reach + 4) / Double(side))
    }
}
