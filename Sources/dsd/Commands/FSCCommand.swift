import ArgumentParser
import CryoEM
import CryoIO
import Torch

struct FSCCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fsc",
        abstract: "Fourier shell correlation of two maps.",
        discussion: """
            Prints one row a shell, then the resolution at 0.143 and 0.5 and the area under the curve up to \
            Nyquist as a share of the perfect one. With --mask the curve is that of the masked maps freed of \
            what the mask itself correlates, by maps with random phases (Chen et al. 2013). With --sharpened \
            the mean of the two half maps is written, sharpened by Guinier's fit and weighted by the curve, \
            as relion_postprocess does.

            Example: dsd fsc reconstruction/halfmap1.mrc reconstruction/halfmap2.mrc --mask mask.mrc
            """)

    @Argument(help: "A map (.mrc).") var map1: String
    @Argument(help: "A map of the same box and pixel size.") var map2: String
    @Option(help: "Soft mask of the same box.") var mask: String?
    @Option(help: "File for the curve, as comma-separated values.") var output: String?
    @Option(help: "File for the sharpened mean of the two half maps.") var sharpened: String?
    @Option(help: "B factor of the sharpening, A^2, positive sharpens (default: estimated).")
    var bFactor: Double?
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        try ErrorPrinting.reporting("fsc") {
            let a = try MapFile.read(map1)
            let b = try MapFile.read(map2, like: a, map1)
            let solvent = try mask.map { try SolventMask(path: $0, box: a.side, pixelSize: a.pixelSize) }
            try Runtime.require()
            let curves = try solvent.map { try MaskedFSC((a, b), mask: $0.map) }
            let fsc = try curves?.corrected ?? FSC(a, b)
            let table = FSCTable(fsc, masked: curves)
            try sharpen(a, b, fsc)
            if let output { try AtomicFile.write(text: table.csv, to: output) }
            if json { return try JSONOutput.write(table) }
            print(table.text)
            print(table.summary)
        }
    }

    private func sharpen(_ a: DensityMap, _ b: DensityMap, _ fsc: FSC) throws {
        guard let sharpened else {
            guard bFactor == nil else {
                throw DataError(
                    file: nil, "--b-factor is for a sharpened map", remedy: "Name its file with --sharpened")
            }
            return
        }
        var mean = a
        mean.values = zip(a.values, b.values).map { ($0 + $1) / 2 }
        let sharpening = Sharpening(fsc)
        let found = try bFactor ?? sharpening.bFactor(of: mean)
        if found == nil { ErrorPrinting.warn("8 A are not reached: the map is weighted but not sharpened") }
        try sharpening.apply(mean, bFactor: found ?? 0).write(to: sharpened)
        let text = found.map { String(format: "B factor %.1f A^2", $0) } ?? "no B factor"
        ErrorPrinting.standardError("\(sharpened): \(text)\n")
    }
}
