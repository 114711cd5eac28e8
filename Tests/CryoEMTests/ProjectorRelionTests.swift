import CryoEM
import CryoIO
import Foundation
import TestSupport
import Testing
import Torch

/// Our projections of a map at given poses against those of relion_project
/// (Golden/make_relion_projections.py).
@Suite struct ProjectorRelionTests {
    struct Set: Decodable {
        struct Pose: Decodable {
            let euler: [Double]
            let defocusU: Double, defocusV: Double, defocusAngle: Double
            var rotation: Rotation { Rotation(EulerAngles(rot: euler[0], tilt: euler[1], psi: euler[2])) }
        }
        let pixelSize: Double, voltage: Double, sphericalAberration: Double, amplitudeContrast: Double
        let poses: [Pose]

        func ctf(_ pose: Pose) -> CTFParameters {
            CTFParameters(
                defocusU: pose.defocusU, defocusV: pose.defocusV, defocusAngle: pose.defocusAngle,
                voltage: voltage,
                sphericalAberration: sphericalAberration, amplitudeContrast: amplitudeContrast)
        }
    }

    let set: Set
    let map: DensityMap

    init() throws {
        set = try Golden.load("projections.json")
        map = try DensityMap.read(Golden.url("projections.mrc").path)
    }

    /// RELION's images, [poses, box, box].
    private func theirs(_ name: String, _ count: Int) throws -> Tensor {
        let stack = try MRCStack(path: Golden.url(name).path)
        #expect(stack.count == count && stack.width == map.side && stack.height == map.side)
        let values = try (0..<count).flatMap { try stack.image($0) }
        return Tensor(values, shape: [count, map.side, map.side]).to(.float64)
    }

    /// Ours at these poses, [poses, box, box], from the map on a grid `finer` times as fine; with a CTF where
    /// one is given. RELION leaves what lies at and beyond the Nyquist ring empty.
    private func ours(_ rotations: [Rotation], _ ctf: [CTFParameters]? = nil, finer: Int = 2) throws -> Tensor
    {
        let n = map.side, pitch = 1 / Double(finer)
        let volume = FourierResize.volume(
            Tensor(map.values, shape: [1, n, n, n]).to(.float64), to: finer * n)
        let grid = VoxelGrid.whole(finer * n, pitch: pitch, scale: pitch * pitch * pitch)
        let images = Projector.project(volume, Rotation.tensor(rotations), grid, box: n).select(0, 0)
        var transfer = ProjectionFilter.transfer(box: n, pixelSize: set.pixelSize, dtype: .float64)
        let inside = (0..<n).flatMap { row -> [Double] in
            let ky = Double(row < n / 2 ? row : row - n)
            return (0...n / 2).map { kx -> Double in hypot(Double(kx), ky) < Double(n / 2) ? 1 : 0 }
        }
        transfer = transfer * Tensor(inside, shape: [n, n / 2 + 1])
        if let ctf {
            transfer = transfer * CTFGrid(box: n, pixelSize: set.pixelSize).evaluate(ctf).to(.float64)
        }
        return try images.filtered(transfer).checked()
    }

    @Test(arguments: [1, 2])
    func relionsProjectionsFitOursWithoutShift(_ finer: Int) throws {
        let theirs = try theirs("projections.mrcs", 20),
            ours = try ours(set.poses.map(\.rotation), finer: finer)
        for k in set.poses.indices {
            let fit = try ImageFit(ours.select(0, k), on: theirs.select(0, k))
            #expect(
                fit.correlation > 0.99 && abs(fit.shift.x) < 0.05 && abs(fit.shift.y) < 0.05,
                "pose \(k): \(fit)")
        }
        // The height too: one factor of 1 for all.
        let factor = try (ours * theirs).sum().item() / theirs.square().sum().item()
        #expect(abs(factor - 1) < 0.02)
    }

    @Test func relionsProjectionsWithCTFFitOursWithSign() throws {
        let poses = Array(set.poses.prefix(4))
        let theirs = try theirs("projections_ctf.mrcs", 4)
        let ours = try ours(poses.map(\.rotation), poses.map(set.ctf))
        for k in poses.indices {
            let fit = try ImageFit(ours.select(0, k), on: theirs.select(0, k))
            #expect(
                fit.correlation > 0.99 && abs(fit.shift.x) < 0.05 && abs(fit.shift.y) < 0.05,
                "pose \(k): \(fit)")
        }
    }

    /// A turn of the pose by one degree either way about any axis of the image makes every projection fit
    /// worse.
    @Test func relionsPosesAreOursToWithinADegree() throws {
        let theirs = try theirs("projections.mrcs", 20)
        func correlations(_ turn: Rotation) throws -> [Double] {
            let images = try ours(set.poses.map { turn * $0.rotation })
            return try set.poses.indices.map {
                try ImageFit(images.select(0, $0), on: theirs.select(0, $0)).correlation
            }
        }
        let best = try correlations(.identity)
        for axis in [SIMD3(1.0, 0, 0), SIMD3(0, 1.0, 0), SIMD3(0, 0, 1.0)] {
            for degrees in [-1.0, 1] {
                let turned = try correlations(Rotation(degrees: degrees, about: axis))
                for k in best.indices {
                    #expect(turned[k] < best[k], "pose \(k), \(degrees) degrees about \(axis)")
                }
            }
        }
    }

    @Test func otherHandsAndTransposedPosesDoNotFit() throws {
        let theirs = try theirs("projections.mrcs", 20)
        let wrong = [
            try ours(set.poses.map(\.rotation.inverse)),
            try ours(
                set.poses.map { EulerAngles(rot: -$0.euler[0], tilt: $0.euler[1], psi: $0.euler[2]).rotation }
            ),
            try ours(set.poses.map(\.rotation)).flip([2]),
        ]
        for images in wrong {
            let mean =
                try set.poses.indices.map {
                    try ImageFit(images.select(0, $0), on: theirs.select(0, $0)).correlation
                }.reduce(0, +) / 20
            #expect(mean < 0.9)
        }
    }
}
