import CryoIO
import Torch

/// Of the candidates so far, the best in every shell: each is compared with the half maps of the best one
/// before, always with the half that it shares no image with.
struct ShellChoice {
    private(set) var transform: Tensor
    private(set) var counts: [Int]
    private(set) var decoderShares: [Double]
    private let shells: RadialShells
    /// Half maps of the best candidate of every shell.
    private var best: (Tensor, Tensor)
    private var power: [[Double]] = []
    private var scores: [Double] = []

    init(_ halves: (Tensor, Tensor), _ map: Tensor, count: Int, shells: RadialShells) throws {
        self.shells = shells
        (best, transform) = (halves, map)
        counts = Array(repeating: count, count: shells.count)
        decoderShares = Array(repeating: 0, count: shells.count)
        try weigh()
    }

    mutating func offer(_ halves: (Tensor, Tensor), _ map: Tensor, count: Int) throws {
        let own = try [halves.0, halves.1].map { try sums($0, $0) }
        let cross = try [sums(halves.0, best.1), sums(halves.1, best.0)]
        let both = try sums(halves.0, halves.1)
        // The finer the detail, the more images it takes: a number is taken from one shell on.
        let isBetter = Self.tail(
            of: scores.indices.map { k in
                let found =
                    (Self.ratio(cross[0][k], own[0][k], power[1][k])
                        + Self.ratio(cross[1][k], own[1][k], power[0][k])) / 2
                return found * Self.gain(Self.ratio(both[k], own[0][k], own[1][k]))
            }, over: scores)
        guard isBetter.contains(true) else { return }
        for shell in counts.indices where isBetter[shell] { counts[shell] = count }
        let chosen = table(isBetter.map { $0 ? 1 : 0 })
        let kept = chosen * -1 + 1
        transform = try (map * chosen + transform * kept).checked()
        best = (
            try (halves.0 * chosen + best.0 * kept).checked(),
            try (halves.1 * chosen + best.1 * kept).checked()
        )
        try weigh()
    }

    /// Adds the decoder's map to that of the images, in every shell by the inverse variance of the errors of
    /// both: what the half maps and their correlation with the decoder's map say. Both are predictions of the
    /// truth, each damped by its own errors; the sum is damped by what is left of them.
    ///
    /// The decoder has learned from the images of both halves and follows some of their noise, so it counts
    /// half of what the correlation says.
    mutating func join(_ decoded: DensityMap, mask: Tensor) throws {
        let map = Tensor(decoded.values, shape: mask.shape)
        let masked = (map * mask).rfftn([0, 1, 2])
        let own = try wideSums(masked, masked)
        let power = try [wideSums(best.0, best.0), wideSums(best.1, best.1)]
        let cross = try [wideSums(masked, best.0), wideSums(masked, best.1)]
        let both = try wideSums(best.0, best.1)
        var (ofImages, ofDecoder) = ([Double](), [Double]())
        for k in counts.indices {
            let agreement = min(0.999, max(0.001, Self.ratio(both[k], power[0][k], power[1][k])))
            let found =
                (Self.ratio(cross[0][k], own[k], power[0][k]) + Self.ratio(cross[1][k], own[k], power[1][k]))
                / 2
            // Squared correlation with the truth, of the map of both halves and of the decoder's.
            let images = 2 * agreement / (1 + agreement)
            let decoder = min(0.999, max(0, found) * max(0, found) / max(agreement, 0.05))
            let (a, b) = (images / (1 - images), decoder / (1 - decoder) / 2)
            let factor = own[k] > 0 ? max(0, (cross[0][k] + cross[1][k]) / 2 / own[k]) : 0
            ofImages.append(1 / (1 - images) / (1 + a + b))
            ofDecoder.append(factor / (1 - decoder) / 2 / (1 + a + b))
            decoderShares[k] = b / (a + b)
        }
        transform = try (transform * table(ofImages) + map.rfftn([0, 1, 2]) * table(ofDecoder)).checked()
    }

    /// The shells from one on, so that `new` gains most over `old` there. A shell counts by its size and by
    /// how far it correlates at all: where there is noise alone, differences mean nothing.
    private static func tail(of new: [Double], over old: [Double]) -> [Bool] {
        var (sum, best, from) = (0.0, 0.0, new.count)
        for k in new.indices.reversed() {
            sum += (new[k] - old[k]) * max(0, new[k], old[k]) * Double(k)
            if sum > best { (best, from) = (sum, k) }
        }
        return new.indices.map { $0 >= from }
    }

    /// Correlation of the best candidate's two halves, as that of the map of both with one.
    private mutating func weigh() throws {
        power = try [sums(best.0, best.0), sums(best.1, best.1)]
        let both = try sums(best.0, best.1)
        scores = both.indices.map { k in
            let agreement = Self.ratio(both[k], power[0][k], power[1][k])
            return agreement * Self.gain(agreement)
        }
    }

    /// By how much the map of both halves correlates better than each, as it has half the noise.
    private static func gain(_ agreement: Double) -> Double {
        (2 / (1 + min(1, max(0, agreement)))).squareRoot()
    }

    private static func ratio(_ cross: Double, _ a: Double, _ b: Double) -> Double {
        a > 0 && b > 0 ? cross / (a * b).squareRoot() : 0
    }

    /// Real part of a times the conjugate of b, summed over every shell.
    private func sums(_ a: Tensor, _ b: Tensor) throws -> [Double] {
        try shells.sums(a.real() * b.real() + a.imaginary() * b.imaginary()).doubles()
    }

    /// Sums over a shell and those about it, the more the finer they are.
    private func wideSums(_ a: Tensor, _ b: Tensor) throws -> [Double] {
        let all = try sums(a, b)
        return all.indices.map { k in
            let reach = 1 + k / 8
            return all[max(0, k - reach)...min(all.count - 1, k + reach)].reduce(0, +)
        }
    }

    /// A value of each shell at every frequency; beyond the last shell that of the last.
    private func table(_ values: [Double]) -> Tensor {
        let all = (values + [values[values.count - 1]]).map { Float($0) }
        return Tensor(all, shape: [all.count]).indexSelect(0, shells.index).reshape(transform.shape)
    }
}
