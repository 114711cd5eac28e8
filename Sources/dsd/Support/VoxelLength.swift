import ArgumentParser
import Foundation

/// A length as a user gives it: `6` voxels or `12A` in Angstrom.
struct VoxelLength: ExpressibleByArgument, Equatable {
    let value: Double
    let isInAngstrom: Bool

    init?(argument: String) {
        isInAngstrom = argument.hasSuffix("A")
        guard let value = Double(isInAngstrom ? String(argument.dropLast()) : argument), value.isFinite else {
            return nil
        }
        self.value = value
    }

    func voxels(pixelSize: Double) -> Double { isInAngstrom ? value / pixelSize : value }

    func angstrom(pixelSize: Double) -> Double { isInAngstrom ? value : value * pixelSize }
}
