import CryoIO
import Torch

/// A model's atoms as tensors, in pieces that keep the work on one image inside the processor's cache.
struct AtomTensors: Sendable {
    struct Piece: Sendable {
        /// [3, atoms], Angstrom.
        let positions: Tensor
        /// [atoms].
        let weights: Tensor
    }

    /// Atoms in a piece at most: with a box of 64 pixels their cosines and sines take 1 MB.
    static let pieceLength = 2048

    let pieces: [Piece]

    init(_ model: AtomModel) {
        pieces = stride(from: 0, to: model.count, by: Self.pieceLength).map { start in
            let range = start..<min(start + Self.pieceLength, model.count)
            let positions = model.positions[range]
            let columns =
                positions.map { Float($0.x) } + positions.map { Float($0.y) } + positions.map { Float($0.z) }
            return Piece(
                positions: Tensor(columns, shape: [3, range.count]),
                weights: Tensor(model.weights[range].map(Float.init), shape: [range.count]))
        }
    }
}
