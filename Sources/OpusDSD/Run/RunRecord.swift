import CryoEM
import CryoIO
import Foundation
import Yams

/// What `config.yaml` of a run holds: what was asked for, with which data, by which program.
public struct RunRecord: Encodable, Sendable, Equatable {
    public struct Program: Codable, Sendable, Equatable {
        public var version: String
        public var torch: String
        public var commandLine: String

        public init(version: String, torch: String, commandLine: String) {
            (self.version, self.torch, self.commandLine) = (version, torch, commandLine)
        }
    }

    /// Files as absolute paths.
    public struct Inputs: Codable, Sendable, Equatable {
        public var particles: String
        /// How the particle file is read.
        public var reading: ParticleReading
        /// Whether images are multiplied by -1.
        public var invert: Bool
        /// Given by the user; where nil, made by the run.
        public var mask: String?
        public var consensus: String?

        public init(
            particles: String, reading: ParticleReading = ParticleReading(), invert: Bool = false,
            mask: String? = nil, consensus: String? = nil
        ) {
            func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }
            self.particles = absolute(particles)
            self.reading = reading.absolute
            self.invert = invert
            self.mask = mask.map(absolute)
            self.consensus = consensus.map(absolute)
        }
    }

    public var program: Program
    public var inputs: Inputs
    public var configuration: Configuration

    public init(program: Program, inputs: Inputs, configuration: Configuration) {
        (self.program, self.inputs, self.configuration) = (program, inputs, configuration)
    }

    public func write(to path: String) throws {
        try AtomicFile.write(text: try YAMLEncoder().encode(self), to: path)
    }

    public static func read(_ path: String) throws(DataError) -> RunRecord {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw DataError(
                file: path, "it cannot be read",
                remedy: "Give the folder of a run that dsd train has started.")
        }
        do {
            return try RunRecord(yaml: String(decoding: bytes, as: UTF8.self), file: path)
        } catch let error as DataError { throw error } catch {
            throw DataError(
                file: path, "it is not the config.yaml of a run: \(error)",
                remedy: "Give the folder of a run that dsd train has started.")
        }
    }

    /// Keys of the configuration that the text does not name have their defaults: those of runs from before
    /// there were such keys. Poses are refined, and frequencies weighed by their noise, only where the text
    /// says so: the codes of a run from before are those of the file's poses and of unweighted images.
    init(yaml text: String, file: String) throws {
        let head = try YAMLDecoder().decode(Head.self, from: text)
        guard let written = try Yams.compose(yaml: text)?["configuration"] else {
            throw DataError(
                file: file, "it has no configuration", wanted: "the key configuration",
                remedy: "Give the folder of a run that dsd train has started.")
        }
        var configuration = try Configuration().merging(written, file: file)
        if written["poseRefinement"] == nil { configuration.poseRefinement.enabled = false }
        if written["inference"]?["rounds"] == nil { configuration.inference.rounds = 0 }
        if written["objective"]?["noiseWeights"] == nil { configuration.objective.noiseWeights = false }
        self.init(program: head.program, inputs: head.inputs, configuration: configuration)
    }

    /// All but the configuration.
    private struct Head: Decodable {
        var program: Program
        var inputs: Inputs
    }
}

extension Configuration {
    /// This configuration with the values of a file: a config.yaml of a run, or a partial list of keys.
    public func merging(file path: String) throws(DataError) -> Configuration {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw DataError(file: path, "it cannot be read", remedy: "Give a YAML file with --config.")
        }
        let text = String(decoding: bytes, as: UTF8.self)
        if let record = try? RunRecord(yaml: text, file: path) { return record.configuration }
        return try merging(yaml: text, file: path)
    }
}
