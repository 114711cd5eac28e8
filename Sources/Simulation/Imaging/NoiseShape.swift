import CryoEM
import Torch

/// Coloured noise of variance 1, stronger at low frequencies as that of ice and carbon is.
///
/// Its power at the spatial frequency s is proportional to 1 + excess / (1 + (s / s0)^2), s0 = 1/40 A.
struct NoiseShape: Sendable {
    /// Angstrom at which the excess has fallen to a half.
    static let corner = 40.0

    private let box: Int
    /// [N, N/2 + 1]: square root of the power, whose mean over all frequencies is 1.
    private let amplitude: Tensor

    init(box: Int, pixelSize: Double, excess: Double) {
        self.box = box
        let half = box / 2
        var power: [Double] = []
        var sum = 0.0
        for y in 0..<box {
            for x in 0...half {
                let ky = Double(y < half ? y : y - box)
                let s = (ky * ky + Double(x * x)).squareRoot() / (Double(box) * pixelSize) * Self.corner
                power.append(1 + excess / (1 + s * s))
                sum += power[power.count - 1] * (x == 0 || x == half ? 1 : 2)
            }
        }
        let mean = sum / Double(box * box)
        amplitude = Tensor(power.map { Float(($0 / mean).squareRoot()) }, shape: [box, half + 1])
    }

    /// Adds the noise of an image to its pixels, [y][x].
    func add(_ random: CounterRandom, item: Int, to values: inout [Float]) throws {
        var white = [Float](repeating: 0, count: box * box)
        random.addNormals(.noise, item: item, to: &white, count: white.count)
        let coloured = (Tensor(white, shape: [box, box]).rfft2() * amplitude).irfft2(box, box)
        for (i, value) in try coloured.floats().enumerated() { values[i] += value }
    }
}
