import CryoIO
import Foundation
import OpusDSD
import Torch

/// Images [count, R, R] in a stack on the disk, mapped into memory as training has them.
final class FileImages: ImageSource, @unchecked Sendable {
    private let stack: MRCStack
    private let folder: URL
    let count: Int

    /// Writes the different images of another source to a folder of its own, which goes when this does.
    init(_ images: SyntheticData.NoiseImages, box: Int) throws {
        count = images.count
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "dsd-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.appendingPathComponent("images.mrcs").path
        let writer = try MRCStackWriter(path: path, width: box, height: box, pixelSize: 1)
        for index in 0..<images.all.size(0) { try writer.append(try images.images([index]).floats()) }
        try writer.finish()
        stack = try MRCStack(path: path)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func images(_ indices: [Int]) throws -> Tensor {
        let pixels = stack.width * stack.height
        var values = [Float](repeating: 0, count: indices.count * pixels)
        try values.withUnsafeMutableBufferPointer { buffer in
            for (place, index) in indices.enumerated() {
                try stack.read(
                    index % stack.count,
                    into: UnsafeMutableBufferPointer(rebasing: buffer[place * pixels..<(place + 1) * pixels]))
            }
        }
        return Tensor(values, shape: [indices.count, stack.height, stack.width])
    }
}
