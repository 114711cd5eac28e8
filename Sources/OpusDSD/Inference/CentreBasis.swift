import Latent
import Torch

/// Volumes of cells' centres as sums of a few: their mean, and the directions in which they differ.
///
/// What a sum of volumes looks like is the sum of what they look like, so the errors of an image against all
/// centres are products of what the few look like. Centres are far more alike than they are many: 64 of a
/// molecule in eight states need about a dozen directions.
struct CentreBasis {
    /// The mean of the centres and the directions, [V, T, T, T].
    let volumes: Tensor
    /// Of every centre how much of each it has, [V] each; the first is 1.
    let factors: [[Double]]
    /// Share of the centres' squared differences that is left out.
    private static let leftOut = 0.002

    /// - Parameters:
    ///   - centres: [centres, T, T, T].
    ///   - mask: where they count, [T^3].
    init(_ centres: Tensor, mask: Tensor) throws {
        let count = centres.size(0)
        let shape = [-1] + centres.shape.dropFirst()
        let flat = centres.reshape([count, -1])
        let mean = flat.mean([0], keep: true)
        let differences = flat - mean
        let seen = differences * mask.to(flat.dtype).reshape([1, -1])
        let eigen = SymmetricEigen(try seen.matmul(seen.transposed(0, 1)).doubles(), order: count)
        let total = eigen.values.reduce(0) { $0 + max(0, $1) }
        var (kept, sum) = (0, 0.0)
        while kept < count && sum < (1 - Self.leftOut) * total {
            sum += max(0, eigen.values[kept])
            kept += 1
        }
        factors = (0..<count).map { centre in [1] + (0..<kept).map { eigen.vectors[$0][centre] } }
        guard kept > 0 else {
            volumes = mean.reshape(shape)
            return
        }
        let directions = Tensor(eigen.vectors.prefix(kept).flatMap { $0 }, shape: [kept, count])
            .to(flat.dtype).to(flat.device).matmul(differences)
        volumes = Tensor.cat([mean, directions]).reshape(shape)
    }

    /// Errors |p|^2 - 2 p.x of images x against the predictions p of all centres, [B, K, centres].
    ///
    /// - Parameters:
    ///   - images: as rows, [B, 1, n].
    ///   - rendered: what the volumes look like, [B, K, V, n].
    func errors(_ images: Tensor, _ rendered: Tensor) -> Tensor {
        let (count, poses, terms) = (rendered.size(0), rendered.size(1), rendered.size(2))
        let squares = rendered.matmul(rendered.transposed(2, 3)).reshape([-1, terms * terms])
        let linear = rendered.matmul(images.unsqueeze(1).transposed(2, 3)).reshape([-1, terms])
        func onDevice(_ values: [Double], _ columns: Int) -> Tensor {
            Tensor(values, shape: [factors.count, columns]).to(rendered.dtype).to(rendered.device)
                .transposed(0, 1)
        }
        let pairs = factors.flatMap { row in row.flatMap { a in row.map { a * $0 } } }
        let found =
            squares.matmul(onDevice(pairs, terms * terms))
            - 2 * linear.matmul(onDevice(factors.flatMap { $0 }, terms))
        return found.reshape([count, poses, factors.count])
    }
}
