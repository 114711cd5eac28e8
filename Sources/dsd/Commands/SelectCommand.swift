import ArgumentParser
import CryoEM
import CryoIO
import Foundation
import OpusDSD

extension ParticleList.Identity: ExpressibleByArgument {}

struct SelectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "select",
        abstract: "Particles of a selection as a file for RELION, cryoSPARC or cryoDRGN.",
        discussion: """
            The rows chosen are written in the dialect of the particle file, every other column as it was, \
            image paths valid from where the file is written. The passthrough files of a .cs file are cut to \
            the same particles as NAME_passthrough.cs. With --onto the same particles are taken from \
            another file, the unbinned set or the original one, say; they are found by uid, image name, or \
            image number and file name, in this order, or as --match says. In place of a run a particle file \
            can be given, with --index.

            With --refined-poses the poses and origins are those that training has refined, of all particles \
            where nothing else is said.

            Example: dsd select run --cluster 0,1 --output selected.star
            """)

    @Argument(help: ArgumentHelp("Folder of a run, or a particle file.", valueName: "run")) var source: String
    @OptionGroup(title: "Selection") var selection: SelectionOptions
    @Option(help: "Take the particles' rows from this file (.star or .cs).") var onto: String?
    @Option(help: "How particles are found in --onto: name, fileName or uid.")
    var match: ParticleList.Identity?
    @Flag(help: "Write the poses and origins that training has refined (STAR files).")
    var refinedPoses = false
    @OptionGroup var files: ReadingOptions
    @Option(help: "File for the rows: .star or .cs as the particles were, .pkl for a stack of cryoDRGN.")
    var output: String
    @Flag(help: "Print JSON.") var json = false

    private struct Facts: Encodable {
        let output: String
        /// Passthrough files of cryoSPARC, cut to the same particles.
        let passthrough: [String]
        /// Rows of the run's particle file, from 0.
        let rows: [Int]
        let selected: Int
        let particles: Int
    }

    func run() throws {
        try ErrorPrinting.reporting("select") {
            let (run, list) = try particles()
            let rows = try selection.rows(of: run, count: list.count, all: refinedPoses)
            let target = try onto.map { path throws(DataError) in
                try ParticleList(path: path, reading: files.reading())
            }
            let taken = try target?.rows(matching: rows, of: list, by: match) ?? rows
            let written = try refinedPoses ? posed(list, run) : target ?? list
            try checkOutput(written)
            let missing = try written.write(rows: taken, to: output)
            if let first = missing.first {
                ErrorPrinting.warn(
                    "\(missing.count) stacks are not where the file says, such as \(first): "
                        + "their paths are left as they are (--datadir names their folder)")
            }
            let facts = Facts(
                output: output, passthrough: written.passthroughNames(beside: output), rows: rows,
                selected: taken.count, particles: written.count)
            if json { return try JSONOutput.write(facts) }
            print("\(output): \(taken.count) of the \(written.count) particles of \(written.file)")
            for path in facts.passthrough { print("\(path): their passthrough fields") }
        }
    }

    /// The run, where there is one, and its particle file or the one given.
    private func particles() throws(DataError) -> (RunFolder?, ParticleList) {
        if ["star", "cs", "mrcs", "mrc", "txt"].contains((source as NSString).pathExtension.lowercased()) {
            return (nil, try ParticleList(path: source, reading: files.reading()))
        }
        let folder = RunFolder(source)
        let inputs = try RunRecord.read(folder.configuration).inputs
        return (folder, try ParticleList(path: inputs.particles, reading: inputs.reading))
    }

    /// The run's particles with refined poses.
    private func posed(_ list: ParticleList, _ run: RunFolder?) throws -> ParticleList {
        guard let run, onto == nil else {
            throw DataError(
                file: nil, "--refined-poses wants a run and no --onto", found: onto ?? source,
                remedy: "Poses are those of the run's own particle file; leave out one of the two")
        }
        guard let particles = try RunData.refinedParticles(run) else {
            throw DataError(
                file: run.path, "the run has no refined poses",
                remedy: "Train with poseRefinement.enabled=true, or leave out --refined-poses")
        }
        return try list.posed(as: particles)
    }

    private func checkOutput(_ list: ParticleList) throws(DataError) {
        guard output.lowercased().hasSuffix("." + list.source.fileExtension) else {
            throw DataError(
                file: output, "the output has another format than the particles", found: list.file,
                wanted: "a name that ends in .\(list.source.fileExtension)",
                remedy: "Change --output; formats are not converted")
        }
    }
}
