import ArgumentParser
import CryoEM
import CryoIO
import Torch

struct MaskCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mask",
        abstract: "Soft solvent mask of a map.",
        discussion: """
            With --threshold the mask is what relion_mask_create makes: voxels at or above it, grown by \
            --extend (3 voxels), with a cosine edge of --edge (6 voxels). Without, the threshold comes from \
            the solvent's own spread in a filtered copy of the map, small parts are dropped and cavities \
            filled. Lengths are voxels, or Angstrom with an A: 12A.

            Example: dsd mask consensus.mrc --output solvent.mrc
            """)

    @Argument(help: "A map (.mrc).") var map: String
    @Option(help: "File for the mask.") var output: String
    @Option(
        name: [.long, .customLong("ini_threshold")], help: "Density at and above which a voxel is inside.")
    var threshold: Double?
    @Option(
        name: [.long, .customLong("extend_inimask")], help: "How far the inside grows, voxels or Angstrom.")
    var extend: VoxelLength?
    @Option(
        name: [.long, .customLong("width_soft_edge")], help: "Width of the soft edge, voxels or Angstrom.")
    var edge: VoxelLength?
    @Option(help: "Low-pass filter of the map beforehand, Angstrom.") var lowpass: Double?
    @Flag(help: "Print JSON.") var json = false

    private struct Facts: Encodable {
        let output: String
        let side: Int
        let pixelSize: Double
        /// Share of the box above one half.
        let fraction: Double
        /// Cubic Angstrom.
        let volume: Double
        /// Of the smallest sphere about the box centre that holds the mask, Angstrom.
        let radius: Double
        /// Voxels between the mask and the nearest face of the box.
        let margin: Int
    }

    func run() throws {
        try ErrorPrinting.reporting("mask") {
            try checkNumbers()
            let source = try MapFile.read(map)
            try Runtime.require()
            let mask = try drawn(from: source)
            try mask.map.write(to: output)
            let inside = mask.map.values.count { $0 > 0.5 }
            let facts = Facts(
                output: output, side: mask.side, pixelSize: mask.pixelSize,
                fraction: Double(inside) / Double(mask.map.values.count), volume: mask.volume,
                radius: mask.radius,
                margin: mask.margin)
            if facts.margin < 1 { ErrorPrinting.warn("the mask touches the faces of its box") }
            if json { return try JSONOutput.write(facts) }
            print(
                output + ": \(facts.side)^3 voxels at \(ProgressText.number(facts.pixelSize)) A, "
                    + ProgressText.number(100 * facts.fraction) + " % of the box inside, radius "
                    + ProgressText.number(facts.radius) + " A, \(facts.margin) voxels from the nearest face")
        }
    }

    private func drawn(from source: DensityMap) throws -> SolventMask {
        let size = source.pixelSize
        guard let threshold else {
            return try SolventMask(
                drawnFrom: source, resolution: lowpass, extend: extend?.angstrom(pixelSize: size),
                edge: edge?.angstrom(pixelSize: size), file: map)
        }
        return try SolventMask(
            of: try lowpass.map { try RadialFilter.lowPass(source, resolution: $0) } ?? source,
            threshold: threshold,
            extend: extend?.voxels(pixelSize: size) ?? 3, edge: edge?.voxels(pixelSize: size) ?? 6, file: map)
    }

    private func checkNumbers() throws(DataError) {
        if let threshold, !threshold.isFinite {
            throw DataError(
                file: nil, "--threshold cannot be used", found: "\(threshold)", wanted: "a number")
        }
        if let edge, edge.value < 0 {
            throw DataError(file: nil, "--edge cannot be used", found: "\(edge.value)", wanted: "0 or more")
        }
        if let lowpass, !(lowpass > 0 && lowpass.isFinite) {
            throw DataError(
                file: nil, "--lowpass cannot be used", found: "\(lowpass)", wanted: "more than 0 A")
        }
    }
}
