import ArgumentParser
import CryoEM
import CryoIO
import Foundation
import Torch

struct ReconstructCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconstruct",
        abstract: "CTF-corrected reconstruction at the stored poses, with half maps and their resolution.",
        discussion: """
            The folder gets halfmap1.mrc and halfmap2.mrc (no prior), map.mrc (all particles, filtered by \
            what the halves agree on), sharpened.mrc (B factor of Guinier's fit, weighted by the FSC) and \
            fsc.csv. With --mask the FSC is that inside the mask, freed of the mask's own effect by maps \
            with random phases. Images are taken as they are, as relion_reconstruct does, and densities are \
            in their units: summed along z a map is the CTF-free image of that view.

            Example: dsd reconstruct particles.star --mask mask.mrc --output reconstruction
            """)

    @OptionGroup var particles: ParticleOptions
    @Option(help: "Folder for the maps.") var output: String
    @Option(help: "Soft mask in the particles' box, for the resolution and the filter.") var mask: String?
    @Option(help: "Side of the maps, even: images are Fourier-cropped to it (default: the particles' box).")
    var box: Int?
    @Option(
        help: "B factor of the sharpening, A^2, positive sharpens (default: estimated where 8 A are reached)."
    )
    var bFactor: Double?
    @OptionGroup(title: "Images and symmetry") var options: ReconstructionOptions
    @OptionGroup var threading: ThreadsOption
    @Flag(help: "Print JSON.") var json = false

    private struct Facts: Encodable {
        let output: String
        let particles: Int
        let halves: [Int]
        let symmetry: PointGroup
        let side: Int
        let pixelSize: Double
        let bFactor: Double?
        let fsc: FSCTable
    }

    func run() throws {
        try ErrorPrinting.reporting("reconstruct") {
            if let bFactor, !bFactor.isFinite {
                throw DataError(
                    file: nil, "--b-factor cannot be used", found: "\(bFactor)", wanted: "a number")
            }
            let threads = try threading.count()
            var settings = Reconstruction.Settings()
            settings.symmetry = try options.group()
            let set = try particles.load()
            // The background of noise-free images is the CTF's ringing, and no measure for their scale.
            let preparation = Preparation(
                box: box ?? set.box, normalization: .never, invert: particles.invert)
            let solvent = try solventMask(set, side: preparation.box)
            try Runtime.setThreads(threads)
            let facts = try OutputFolder.filling(output) {
                let workers = WorkerPool(count: threads)
                return try write(
                    try reconstruction(set, preparation, solvent, settings, workers), of: set, settings)
            }
            if json { return try JSONOutput.write(facts) }
            let b =
                facts.bFactor.map { String(format: "%.0f A^2", $0) } ?? "not estimated: 8 A are not reached"
            print(
                "\(output)/map.mrc: \(facts.side)^3 voxels at \(ProgressText.number(facts.pixelSize)) A "
                    + "from \(facts.particles) particles (\(facts.halves[0]) and \(facts.halves[1]))"
                    + (settings.symmetry == .c1 ? "" : ", \(facts.symmetry)"))
            print(facts.fsc.summary)
            print("B factor \(b)")
        }
    }

    /// The mask on the grid of the maps.
    private func solventMask(_ set: ParticleSet, side: Int) throws(DataError) -> SolventMask? {
        guard let mask else { return nil }
        let solvent = try SolventMask(path: mask, box: set.box, pixelSize: set.pixelSize)
        guard side != set.box, side > 0, side % 2 == 0 else { return solvent }
        return try solvent.resampled(side: side, pixelSize: set.pixelSize * Double(set.box) / Double(side))
    }

    /// Prepared images lie in a folder of their own while they are needed.
    private func reconstruction(
        _ set: ParticleSet, _ preparation: Preparation, _ solvent: SolventMask?,
        _ settings: Reconstruction.Settings, _ workers: WorkerPool
    ) throws -> (Reconstruction, gain: Double) {
        let (weights, halves) = (try options.weights(of: set), try options.halves(of: set))
        let cache = output + "/cache"
        defer { try? FileManager.default.removeItem(atPath: cache) }
        let display = ProgressByTitle()
        defer { display.finish() }
        let images = try PreparedParticles(set, preparation, folder: cache) {
            display.update("preparing images", $0, $1)
        }
        images.record.warnings.forEach(ErrorPrinting.warn)
        let made = try Reconstruction(
            set, images, weights: weights, halves: halves, settings: settings, mask: solvent, workers: workers
        ) { display.update("reconstructing", $0, $1) }
        return (made, images.contrastGain)
    }

    /// Cropped images carry their signal amplified by `gain`; the maps are brought back to the images as
    /// stored.
    private func write(
        _ made: (Reconstruction, gain: Double), of set: ParticleSet, _ settings: Reconstruction.Settings
    ) throws -> Facts {
        let (result, gain) = made
        func write(_ map: DensityMap, _ name: String) throws {
            var scaled = map
            scaled.values = map.values.map { $0 / Float(gain) }
            try scaled.write(to: "\(output)/\(name).mrc")
        }
        let b = try bFactor ?? result.bFactor()
        try write(result.halves.0, "halfmap1")
        try write(result.halves.1, "halfmap2")
        try write(result.sharpened(bFactor: b ?? 0), "sharpened")
        let table = FSCTable(result.fsc, masked: result.masked)
        try AtomicFile.write(text: table.csv, to: "\(output)/fsc.csv")
        try write(result.map, "map")
        return Facts(
            output: output, particles: set.count, halves: [result.counts.0, result.counts.1],
            symmetry: settings.symmetry, side: result.map.side, pixelSize: result.map.pixelSize, bFactor: b,
            fsc: table)
    }
}
