import CryoIO
import Foundation
import Torch

/// A run's tensors and state in one safetensors file, replaced as a whole by rename.
public struct Checkpoint: Sendable {
    public let tensors: [String: Tensor]
    public let state: RunState
    /// The configuration of the run, YAML.
    public let configuration: String
    public let geometry: StageGeometry

    private static let version = "1"

    public static func write(
        _ tensors: [Parameter], state: RunState, configuration: String, geometry: StageGeometry,
        to path: String
    ) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let metadata = [
            "format": "opusdsd checkpoint", "version": version, "configuration": configuration,
            "state": String(decoding: try encoder.encode(state), as: UTF8.self),
            "geometry": String(decoding: try encoder.encode(geometry), as: UTF8.self),
        ]
        try AtomicFile.write(try Safetensors.encode(tensors, metadata: metadata), to: path)
    }

    public init(path: String) throws {
        guard let file = FileManager.default.contents(atPath: path) else {
            throw DataError(
                file: path, "the checkpoint cannot be read",
                remedy: "Give the folder of a run that dsd train has started.")
        }
        let (tensors, metadata) = try Safetensors.decode(file, name: path)
        guard metadata["format"] == "opusdsd checkpoint", metadata["version"] == Self.version,
            let state = metadata["state"], let geometry = metadata["geometry"],
            let configuration = metadata["configuration"]
        else {
            throw DataError(
                file: path, "it is not a checkpoint of this version", found: metadata["version"] ?? "none",
                wanted: Self.version, remedy: "Use the program version that wrote it, named in config.yaml.")
        }
        self.tensors = tensors
        self.configuration = configuration
        self.state = try JSONDecoder().decode(RunState.self, from: Data(state.utf8))
        self.geometry = try JSONDecoder().decode(StageGeometry.self, from: Data(geometry.utf8))
    }
}

extension Parameter {
    /// Copies the tensor of the same name of a checkpoint into this one.
    func restore(from tensors: [String: Tensor], file: String) throws {
        guard let saved = tensors[name].flatMap(fitting) else {
            throw DataError(
                file: file, "the checkpoint does not fit the configuration: \(name)",
                found: tensors[name].map { "\($0.shape)" } ?? "nothing", wanted: "\(tensor.shape)",
                remedy: "Resume with the configuration that the run was started with.")
        }
        try withoutGradient { () throws(TorchError) in try tensor.copy(from: saved) }
    }
}
