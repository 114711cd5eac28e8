import ArgumentParser
import CryoIO
import Foundation
import Simulation
import Torch

struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Make a particle set with known truth.",
        discussion: """
            States come from a built-in phantom, from one structure and moves of its parts, or from one \
            structure file a state. Phantoms are a dumbbell whose lobes move, a composition of parts that \
            are present or absent, and assemblies that have nothing in common. --series makes states \
            along one move, --random draws them, both as many as --states says; --broken adds broken \
            particles, halves of the states. The folder gets particles.mrcs, particles.star, truth.npz \
            (state, coordinate, pose, shift, CTF), states/*.mrc, consensus.mrc, mask.mrc and dataset.json. \
            The SNR is the \(SimulationSummary.snrDefinition).

            A move is SELECTION:ACTION[:ACTION...], moves of one state separated by semicolons: a selection \
            such as H,L or K/230-240; actions rotate=DEGREES@AXIS, hinge=SELECTION, about=X,Y,Z, shift=X,Y,Z \
            (A), remove. A move of --random turns about any axis: rotate=DEGREES@any.

            Example: dsd simulate --phantom dumbbell --count 8000 --snr 0.1 --output set
            """)

    enum Phantom: String, CaseIterable, ExpressibleByArgument { case dumbbell, composition, assemblies }

    @Option(help: "Built-in phantom: \(Phantom.allCases.map(\.rawValue).joined(separator: ", ")).")
    var phantom: Phantom?
    @Option(parsing: .upToNextOption, help: "Structure files (.pdb, .cif): one with --move, or one a state.")
    var structure: [String] = []
    @Option(
        name: .customLong("move"), parsing: .singleValue,
        help: "One more state of the structure; can be repeated.")
    var moves: [String] = []
    @Option(help: "One structure's states along this move: a circle for a turn of 360 degrees.") var series:
        String?
    @Option(help: "One structure's states drawn at random: moves with rotate=DEGREES@any.") var random:
        String?
    @Option(
        help: "States of the phantom (default: 8 of the dumbbell, 6 compositions, 16 assemblies) or family.")
    var states: Int?
    @Option(help: "Share of the images that show broken particles.") var broken = 0.0
    @Option(help: "Times the size of every motion of the phantom or the moves.") var motion = 1.0
    @Option(help: "Images in all.") var count = 8000
    @Option(help: "Side of the images, pixels, even.") var box = 64
    @Option(help: "Angstrom per pixel.") var pixelSize = 4.0
    @Option(help: "Resolution of the maps, A (default: 10/3 pixels).") var resolution: Double?
    @Option(help: "Signal-to-noise ratio, or none for images without noise.") var snr = "0.1"
    @Option(
        help: "STAR file or cryoDRGN pickle whose CTFs are drawn at random (default: 1 to 2.5 um at 300 kV).")
    var ctfTable: String?
    @Option(help: "Error of the written poses: degrees about each axis, standard deviation.")
    var poseError = 0.0
    @Option(help: "Error of the written origins: pixels along each axis, standard deviation.")
    var shiftError = 0.0
    @Option(help: "Spread s of the images' contrast: factors exp(s n - s^2), n normal.") var scaleSpread = 0.0
    @Option(help: "How much stronger noise is at low frequencies than at high ones; 0 is white.")
    var noiseExcess = 0.0
    @Option(help: "Relative numbers of images of the states, with commas (default: equal).")
    var shares: String?
    @Option(help: "Seed of every random value but the structures.") var seed: UInt64 = 1
    @Option(help: "Seed of the structures: phantom, random family, breaks.") var modelSeed: UInt64 = 20
    @Option(help: "Folder for the set.") var output: String
    @OptionGroup var threading: ThreadsOption
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        try ErrorPrinting.reporting("simulate") {
            guard (0..<1).contains(broken) else {
                throw DataError(
                    file: nil, "--broken cannot be used", found: "\(broken)", wanted: "0 to below 1")
            }
            let plan = SimulatedStates(count: stateCount, shares: try shareNumbers(), broken: broken)
            let settings = SimulationSettings(
                count: count, box: box, pixelSize: pixelSize, resolution: resolution, snr: try ratio(),
                poseError: poseError, shiftError: shiftError, scaleSpread: scaleSpread,
                noiseExcess: noiseExcess, shares: try plan.allShares(), seed: seed)
            let threads = try threading.count()
            try settings.validate(states: plan.total)
            var ensemble = try ensemble()
            if plan.brokenStates > 0 {
                ensemble = try ensemble.adding(broken: plan.brokenStates, seed: modelSeed)
            }
            let table = try ctfTable.map { try CTFTable(path: $0) }
            guard !FileManager.default.fileExists(atPath: output + "/particles.star") else {
                throw DataError(
                    file: output, "the folder already holds a particle set", remedy: "Give another --output")
            }
            try Runtime.require()
            let simulator = try ParticleSimulator(
                ensemble: ensemble, settings: settings, table: table, threads: threads)
            simulator.warnings.forEach(ErrorPrinting.warn)
            let line = ProgressLine("simulating", unit: "images")
            let summary = try OutputFolder.filling(output) {
                try simulator.write(to: output) { line.update(done: $0, of: $1) }
            }
            line.finish()
            if json { return try JSONOutput.write(summary) }
            show(summary)
        }
    }

    func validate() throws {
        guard (phantom == nil) != structure.isEmpty else {
            throw ValidationError("Give either --phantom or --structure.")
        }
        let families = [series, random].compactMap { $0 }
        guard phantom != nil || !families.isEmpty || states == nil else {
            throw ValidationError(
                "--states goes with --phantom, --series or --random; structures have one a file or move."
            )
        }
        guard families.isEmpty || (families.count == 1 && moves.isEmpty && states != nil) else {
            throw ValidationError(
                "--series or --random goes with --states, and neither with the other nor --move.")
        }
        guard (moves.isEmpty && families.isEmpty) || structure.count == 1 else {
            throw ValidationError("--move, --series and --random go with one --structure file.")
        }
    }

    private var stateCount: Int {
        switch phantom {
        case .dumbbell: states ?? 8
        case .composition: states ?? 6
        case .assemblies: states ?? 16
        case nil: states ?? (structure.count == 1 ? 1 + moves.count : structure.count)
        }
    }

    private func ensemble() throws(DataError) -> Ensemble {
        guard motion.isFinite else {
            throw DataError(file: nil, "--motion cannot be used", found: "\(motion)", wanted: "a number")
        }
        switch phantom {
        case .dumbbell:
            return try DumbbellPhantom(states: stateCount, motion: motion, seed: modelSeed).ensemble()
        case .composition: return try CompositionPhantom(states: stateCount, seed: modelSeed).ensemble()
        case .assemblies: return try AssembliesPhantom(states: stateCount, seed: modelSeed).ensemble()
        case nil: break
        }
        guard structure.count == 1 else { return try Ensemble(files: structure) }
        if let series {
            return try Ensemble(
                try StructureFile.read(structure[0]), along: try StateMove(series), states: stateCount,
                scale: motion, provenance: ["structure": structure[0]])
        }
        if let random {
            return try Ensemble(
                try StructureFile.read(structure[0]), random: try StateMove(random), states: stateCount,
                scale: motion, seed: modelSeed, provenance: ["structure": structure[0]])
        }
        var changes: [StateMove] = []
        for move in moves { changes.append(try StateMove(move)) }
        return try Ensemble(file: structure[0], moves: changes, scale: motion)
    }

    private func ratio() throws(DataError) -> Double? {
        if snr == "none" { return nil }
        guard let value = Double(snr) else {
            throw DataError(
                file: nil, "--snr cannot be used", found: snr, wanted: "a number above 0, or none")
        }
        return value
    }

    private func shareNumbers() throws(DataError) -> [Double]? {
        guard let shares else { return nil }
        let numbers = shares.split(separator: ",", omittingEmptySubsequences: false).compactMap {
            Double($0.trimmingCharacters(in: .whitespaces))
        }
        guard numbers.count == shares.split(separator: ",", omittingEmptySubsequences: false).count else {
            throw DataError(
                file: nil, "--shares cannot be used", found: shares,
                wanted: "numbers with commas, such as 3,1,1")
        }
        return numbers
    }

    private func show(_ summary: SimulationSummary) {
        let settings = summary.settings
        print(
            "\(output)/particles.star: \(settings.count) images of \(settings.box) x \(settings.box) pixels "
                + "at \(settings.pixelSize) A, \(summary.states.count) states")
        for state in summary.states {
            print(
                "  \(state.map): \(state.particles) images, coordinate "
                    + String(format: "%.3f", state.coordinate)
                    + ", \(state.name)")
        }
        guard let measured = summary.measuredSNR, let wanted = settings.snr else { return print("no noise") }
        print(String(format: "SNR %.4g asked, %.4g measured: ", wanted, measured) + summary.snrDefinition)
    }
}
