import ArgumentParser
import CryoIO
import Foundation
import OpusDSD
import Torch

struct DecodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode",
        abstract: "Maps of codes, in the box, pixel size and origin of the consensus.",
        discussion: """
            Exactly one of --latent, --index, --clusters, --component and --path says which codes.

            With --local each map is made from the images whose codes lie near, as many as suit each shell of
            frequencies, together with the decoder's map, each by what its errors are: the resolution is that
            of the images. local.csv then says how many images each shell came from and the decoder's share.

            Example: dsd decode run --index 1,5 --output maps
            """)

    @Argument(help: ArgumentHelp("Folder of the run.", valueName: "run")) var folder: String
    @Option(help: "Codes as an array [n, Z] (.npy).") var latent: String?
    @Option(help: "Codes of particles: row numbers of the particle file, from 1, with commas.") var index:
        String?
    @Option(help: "Codes of the centres of dsd analyze with this number of clusters.") var clusters: Int?
    @Option(help: "Codes along this principal component, from 1: the 5th to the 95th percentile.")
    var component: Int?
    @Option(help: "Codes on the straight line between two particles: two row numbers, from 1, with a comma.")
    var path: String?
    @Option(help: "Number of maps along --component or --path.") var points = 10
    @Flag(help: "Make the maps from the images whose codes lie near.") var local = false
    @Option(help: "Folder for the maps: map_000.mrc and so on, and codes.npy.") var output: String
    @OptionGroup var device: DeviceOption

    func run() throws {
        try ErrorPrinting.reporting("decode") {
            let display = ProgressByTitle()
            let runFolder = RunFolder(folder)
            let source = try CodeSource(
                latent: latent, index: index, clusters: clusters, component: component, path: path,
                points: points)
            let opened = try Run(runFolder, device: try device.resolved(), progress: display.update)
            let codes = try source.codes(runFolder, size: opened.latentSize)
            let locals = local ? try LocalMaps(opened, progress: display.update) : nil
            try OutputFolder.create(output)
            try NPYArray(shape: [codes.count, opened.latentSize], floats: codes.flatMap { $0 }).write(
                to: "\(output)/codes.npy")
            func write(_ map: DensityMap, _ row: Int) throws {
                try map.write(to: String(format: "%@/map_%03d.mrc", output, row))
                display.update("decoding", row + 1, codes.count)
            }
            if let maps = locals {
                var lines = ["map,frequency,images,decoder_share"]
                for (row, code) in codes.enumerated() {
                    let found = try maps.map(code)
                    try write(found.map, row)
                    let step = 1 / (Double(found.map.side) * found.map.pixelSize)
                    lines += zip(found.counts, found.decoderShares).enumerated().map { shell, entry in
                        String(format: "%d,%.6f,%d,%.4f", row, Double(shell) * step, entry.0, entry.1)
                    }
                }
                try AtomicFile.write(text: lines.joined(separator: "\n") + "\n", to: "\(output)/local.csv")
            } else {
                try opened.maps(codes: codes.flatMap { $0 }, count: codes.count) { try write($1, $0) }
            }
            display.finish()
            print("\(codes.count) maps in \(output)")
        }
    }
}
