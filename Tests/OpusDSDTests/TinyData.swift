import CryoEM
import Foundation
import OpusDSD
import Torch

/// Images held in memory.
struct MemoryImages: ImageSource {
    let all: Tensor
    var count: Int { all.size(0) }
    func images(_ indices: [Int]) throws -> Tensor { all.indexSelect(0, Tensor(indices: indices)) }
}

/// A made-up data set small enough for finite differences: random images, smooth consensus, spherical mask.
struct TinyData {
    static let stream = RandomStream(rawValue: 900)
    let box: Int
    let count: Int
    let particles: ParticleTable
    let images: MemoryImages
    let consensus: [Float], mask: [Float]

    init(box: Int = 12, count: Int = 6, seed: UInt64 = 5) {
        let random = CounterRandom(seed: seed)
        self.box = box
        self.count = count
        particles = ParticleTable(
            poses: (0..<count).map {
                EulerAngles(
                    rot: random.uniform(Self.stream, item: 1, $0, in: -180...180),
                    tilt: random.uniform(Self.stream, item: 2, $0, in: 0...180),
                    psi: random.uniform(Self.stream, item: 3, $0, in: -180...180))
            },
            ctf: (0..<count).map {
                CTFParameters(
                    defocusU: 12000 + 900 * Double($0), defocusV: 11000 + 900 * Double($0),
                    defocusAngle: 20 * Double($0),
                    voltage: 300, sphericalAberration: 2.7, amplitudeContrast: 0.1)
            })
        var pixels = [Float](repeating: 0, count: count * box * box)
        random.addNormals(Self.stream, item: 4, to: &pixels, count: pixels.count)
        images = MemoryImages(all: Tensor(pixels, shape: [count, box, box]))
        var map = [Float](repeating: 0, count: box * box * box)
        var solid = map
        for z in 0..<box {
            for y in 0..<box {
                for x in 0..<box {
                    let p = SIMD3(Double(x - box / 2), Double(y - box / 2), Double(z - box / 2))
                    let r2 = (p * p).sum()
                    map[(z * box + y) * box + x] = Float(exp(-r2 / 8) * (1 + 0.3 * p.x))
                    solid[(z * box + y) * box + x] = r2 < 16 ? 1 : r2 < 20 ? 0.5 : 0
                }
            }
        }
        consensus = map
        mask = solid
    }

    /// - Parameter other: images in place of the random ones.
    func stage(_ configuration: Configuration, images other: MemoryImages? = nil) throws -> StageData {
        let geometry = StageGeometry(
            fullBox: box, fullPixelSize: 4, stage: configuration.stages[0], model: configuration.model,
            window: StageGeometry.window(mask: mask, side: box))
        return try StageData(
            configuration, geometry: geometry, particles: particles, images: other ?? images,
            consensus: consensus, mask: mask, device: .cpu)
    }
}
