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
            what the mask itself correlates, by maps with random phases (Chen et al. 2013).

            Example: dsd fsc reconstruction/halfmap1.mrc reconstruction/halfmap2.mrc --mask mask.mrc
            """)

    @Argument(help: "A map (.mrc).") var map1: String
    @Argument(help: "A map of the same box and pixel size.") var map2: String
    @Option(help: "Soft mask of the same box.") var mask: String?
    @Option(help: "File for the curve, as comma-separated values.") var output: String?
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        try ErrorPrinting.reporting("fsc") {
            let a = try MapFile.read(map1)
            let b = try MapFile.read(map2, like: a, map1)
            let solvent = try mask.map { try SolventMask(path: $0, box: a.side, pixelSize: a.pixelSize) }
            try Runtime.require()
            let table: FSCTable
            if let solvent {
                let curves = try MaskedFSC((a, b), mask: solvent.map)
                table = FSCTable(curves.corrected, masked: curves)
            } else {
                table = FSCTable(try FSC(a, b))
            }
            if let output { try AtomicFile.write(text: table.csv, to: output) }
            if json { return try JSONOutput.write(table) }
            print(table.text)
            print(table.summary)
        }
    }
}
