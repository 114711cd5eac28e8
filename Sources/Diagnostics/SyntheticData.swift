import CryoEM
import Foundation
import OpusDSD
import Torch

extension RandomStream {
    static let synthetic = RandomStream(rawValue: 301)
}

/// Particles made of noise at random poses, a ball as mask and a smooth consensus: data of any size for
/// timing and for comparisons between devices, where what the images show does not matter.
public struct SyntheticData: Sendable {
    public let box: Int
    public let table: ParticleTable
    package let images: NoiseImages
    let consensus: [Float], mask: [Float]
    private let pixelSize: Double

    /// Images [n, R, R] in memory, which particles share in turn.
    package struct NoiseImages: ImageSource {
        let all: Tensor
        package let count: Int
        package func images(_ indices: [Int]) throws -> Tensor {
            let different = all.size(0)
            return try all.indexSelect(0, Tensor(indices: indices.map { $0 % different })).checked()
        }
    }

    /// - Parameters:
    ///   - images: how many are different; nil: as many as there are particles.
    ///   - radius: of the mask's ball, pixels.
    public init(
        count: Int, images different: Int? = nil, box: Int, radius: Double, pixelSize: Double = 1.5,
        seed: UInt64 = 1
    ) throws {
        let random = CounterRandom(seed: seed)
        func uniform(_ item: Int, _ k: Int) -> Double { random.uniform(.synthetic, item: item, k) }
        (self.box, self.pixelSize) = (box, pixelSize)
        table = ParticleTable(
            poses: (0..<count).map {
                EulerAngles(
                    rot: 360 * uniform($0, 0), tilt: acos(1 - 2 * uniform($0, 1)) * 180 / .pi,
                    psi: 360 * uniform($0, 2))
            },
            ctf: (0..<count).map {
                CTFParameters(
                    defocusU: 10_000 + 15_000 * uniform($0, 3),
                    defocusV: 10_000 + 15_000 * uniform($0, 3) - 300,
                    defocusAngle: 180 * uniform($0, 4), voltage: 300, sphericalAberration: 2.7,
                    amplitudeContrast: 0.1)
            })
        let pixels = random.normals(
            .synthetic, items: Tensor(indices: (0..<(different ?? count)).map { 1 << 32 | $0 }),
            count: box * box)
        images = NoiseImages(all: try pixels.to(.float32).reshape([-1, box, box]).checked(), count: count)
        var map = [Float](repeating: 0, count: box * box * box)
        var ball = map
        for flat in map.indices {
            let (x, y, z) = (flat % box - box / 2, flat / box % box - box / 2, flat / (box * box) - box / 2)
            let square = Double(x * x + y * y + z * z)
            ball[flat] = square <= radius * radius ? 1 : 0
            map[flat] = Float(exp(-square / (radius * radius / 3)) * (1 + Double(x) / radius))
        }
        (consensus, mask) = (map, ball)
    }

    public func stage(_ configuration: Configuration, device: Device) throws -> StageData {
        let geometry = StageGeometry(
            fullBox: box, fullPixelSize: pixelSize, stage: configuration.stages[0],
            model: configuration.model,
            window: StageGeometry.window(mask: mask, side: box))
        let wanted = configuration.model.base == .consensus || configuration.model.encoderInput == .residual
        return try StageData(
            configuration, geometry: geometry, particles: table, images: images,
            consensus: wanted ? consensus : nil, mask: mask, device: device)
    }
}
