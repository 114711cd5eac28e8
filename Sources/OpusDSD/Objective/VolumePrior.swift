import Torch

/// Total variation and mean absolute density of volumes (paper Eq. 8; METHOD 3.3), in one pass with its
/// gradient.
public enum VolumePrior {
    private static let volumePrior = Operator("dsd::volume_prior")

    /// volumes [B, T, T, T] -> means over the voxels lo ..< hi of each side, [B] each; lo at least 1.
    public static func evaluate(
        _ volumes: Tensor, in range: Range<Int>
    ) -> (totalVariation: Tensor, meanAbsolute: Tensor) {
        let (tv, l1) = volumePrior.pair(.tensor(volumes), .int(range.lowerBound), .int(range.upperBound))
        return (tv, l1)
    }

    /// The cube around the mask: one voxel more on each side, inside 1 ..< T.
    public static func range(mask: [Float], side: Int) -> Range<Int> {
        var low = side
        var high = 0
        for flat in mask.indices where mask[flat] > 0 {
            for place in [flat % side, flat / side % side, flat / (side * side)] {
                low = min(low, place)
                high = max(high, place)
            }
        }
        guard low <= high else { return 1..<side }
        return max(1, low - 1)..<min(side, high + 2)
    }
}
