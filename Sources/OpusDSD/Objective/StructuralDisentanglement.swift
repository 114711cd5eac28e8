import Torch

/// The structural-disentanglement prior (paper Eq. 5 to 7; METHOD 3.4): neighbours attract by log(1 + d^2),
/// others repel
/// by log(1 + 1 / (d^2 + epsilon)).
public struct StructuralDisentanglement: Sendable {
    public let settings: Configuration.Prior

    public init(_ settings: Configuration.Prior) { self.settings = settings }

    /// Eq. 5, within the view classes of a batch: the k nearest of the same class attract, all of the same
    /// class repel.
    /// mu [B, Z] carries the gradient; classes int64 [B].
    public func intraClass(_ mu: Tensor, classes: Tensor) -> Tensor {
        let batch = mu.size(0)
        guard batch > 1 else { return Tensor.zeros([], mu.dtype, on: mu.device) }
        let squares = (mu.unsqueeze(1) - mu.unsqueeze(0)).square().sum([2])
        let itself = Tensor.identity(batch, .bool, on: mu.device)
        let same = classes.unsqueeze(1).equals(classes.unsqueeze(0)).and(!itself)
        let sameCount = same.to(mu.dtype).sum([1])

        let k = min(settings.intraNeighbours, batch - 1)
        let nearest = squares.maskedFill(!same, .infinity).topK(k, largest: false).values
        let exists = nearest.isFinite()
        let attraction =
            (nearest.maskedFill(!exists, 0).log1p()).sum([1]) / exists.to(mu.dtype).sum([1]).clamp(min: 1)

        let apart = squares + settings.epsilon
        var weight = same.to(mu.dtype)
        if settings.boundedRepulsion { weight = weight * apart.clamp(max: 1).detached() }
        let repulsion = (weight * (1 / apart).log1p()).sum([1]) / sameCount.clamp(min: 1)
        return (attraction + repulsion).mean()
    }

    /// Candidates of the memory bank that a batch is compared with: the nearest and the furthest of other
    /// view classes, int64 [B, k]; -1 stands for none.
    public struct Neighbours: Sendable {
        let nearest: Tensor, furthest: Tensor
    }

    /// - Parameter mu: [B, Z]; classes int64 [B].
    func neighbours(of mu: Tensor, classes: Tensor, in bank: MemoryBank.Candidates) throws -> Neighbours {
        let (near, far) = counts(in: bank)
        let (nearest, furthest) = Self.search.pair(
            .tensor(mu.detached()), .tensor(classes), .tensor(bank.codes), .tensor(bank.classes), .int(near),
            .int(far))
        return Neighbours(nearest: try nearest.checked(), furthest: try furthest.checked())
    }

    /// How many of the nearest attract and of the furthest repel: at most a quarter each of what there is.
    func counts(in bank: MemoryBank.Candidates) -> (near: Int, far: Int) {
        let most = bank.count / 4
        return (max(1, min(settings.interNeighbours, most)), max(1, min(settings.interFar, most)))
    }

    private static let search = Operator("dsd::bank_neighbours")

    /// Eq. 6, against codes of other view classes in the memory bank: the nearest attract, the furthest
    /// repel.
    func interClass(_ mu: Tensor, _ found: Neighbours, in bank: MemoryBank.Candidates) -> Tensor {
        let attraction = meanOver(found.nearest, mu, bank.codes) { $0.log1p() }
        let repulsion = meanOver(found.furthest, mu, bank.codes) { (1 / ($0 + settings.epsilon)).log1p() }
        return settings.bankWeight * (attraction + settings.farWeight * repulsion)
    }

    public func interClass(_ mu: Tensor, classes: Tensor, bank: MemoryBank.Candidates) throws -> Tensor {
        guard settings.bankWeight > 0 else { return Tensor.zeros([], mu.dtype, on: mu.device) }
        return interClass(mu, try neighbours(of: mu, classes: classes, in: bank), in: bank)
    }

    /// Mean over the batch of the mean of `term(d^2)` over the chosen candidates [B, k]; -1 stands for none.
    private func meanOver(_ chosen: Tensor, _ mu: Tensor, _ codes: Tensor, _ term: (Tensor) -> Tensor)
        -> Tensor
    {
        let (batch, k) = (chosen.size(0), chosen.size(1))
        let exists = (chosen > -0.5).to(mu.dtype)
        let picked = codes.indexSelect(0, chosen.clamp(atLeast: 0).flattened()).reshape([batch, k, -1]).to(
            mu.dtype)
        let squares = (mu.unsqueeze(1) - picked).square().sum([2])
        return ((term(squares) * exists).sum([1]) / exists.sum([1]).clamp(min: 1)).mean()
    }
}
