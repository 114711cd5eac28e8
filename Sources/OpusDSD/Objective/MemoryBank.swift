import CryoEM
import Torch

/// A slowly moving code of every image (METHOD 3.5): after each encoding, code <- momentum * code + (1 -
/// momentum) * mu.
/// It feeds the prior alone; published codes come from a final encoding.
public final class MemoryBank {
    /// Codes [N, Z], float32.
    public let codes: Tensor
    /// View class of every image, int64 [N].
    public let classes: Tensor
    private let momentum: Double
    private let random: CounterRandom
    private let count: Int

    /// Codes drawn for one batch: rows of the bank, int64 [n], or all of it.
    public struct Candidates: Sendable {
        let bank: Tensor, bankClasses: Tensor, rows: Tensor?

        init(bank: Tensor, bankClasses: Tensor, rows: Tensor?) {
            (self.bank, self.bankClasses, self.rows) = (bank, bankClasses, rows)
        }
        /// These codes [n, Z] with their classes, int64 [n].
        public init(codes: Tensor, classes: Tensor) {
            self.init(bank: codes, bankClasses: classes, rows: nil)
        }

        public var count: Int { rows?.count ?? bank.size(0) }
        /// [n, Z]
        public var codes: Tensor { rows.map { bank.indexSelect(0, $0) } ?? bank }
        /// int64 [n]
        public var classes: Tensor { rows.map { bankClasses.indexSelect(0, $0) } ?? bankClasses }
    }

    public init(classes: [Int], latentSize: Int, momentum: Double, seed: UInt64, device: Device = .cpu) {
        count = classes.count
        random = CounterRandom(seed: seed)
        self.momentum = momentum
        var values = [Float](repeating: 0, count: classes.count * latentSize)
        random.addNormals(.bank, item: 0, to: &values, count: values.count)
        codes = Tensor(values, shape: [classes.count, latentSize]).to(device)
        self.classes = Tensor(indices: classes).to(device)
    }

    /// Moves the codes of images `indices` (int64 [B]) towards `mu` [B, Z].
    public func update(_ indices: Tensor, _ mu: Tensor) throws(TorchError) {
        try withoutGradient { () throws(TorchError) in
            let moved = codes.indexSelect(0, indices) * momentum + mu.detached().to(.float32) * (1 - momentum)
            try codes.setRows(indices, moved)
        }
    }

    /// `limit` codes drawn with replacement (all of them where the bank is no larger), by the step's own
    /// random numbers.
    public func candidates(_ limit: Int, step: Int) -> Candidates {
        guard count > limit else { return Candidates(codes: codes, classes: classes) }
        let drawn = random.uniforms(.candidates, item: step, count: limit, on: codes.device) * Double(count)
        return Candidates(bank: codes, bankClasses: classes, rows: drawn.to(.int64))
    }
}
