import CryoEM
import Torch

/// Every kernel of a device, and a short training on it, against tensor operators in float64 on the CPU.
public struct Selftest: Sendable {
    public let device: Device

    public init(device: Device) { self.device = device }

    public struct Result: Codable, Sendable {
        public let device: String
        public let torch: String
        public let checks: [Check]
        public var passed: Bool { checks.allSatisfy(\.passed) }
    }

    /// - Parameter report: called with every check as it is done.
    public func run(report: (Check) -> Void = { _ in }) throws -> Result {
        if device.isCUDA { try Runtime.allowTF32(false) }
        var checks: [Check] = []
        let parts = [
            projectorChecks, priorChecks, densityLayerChecks, imageErrorChecks, upsamplingChecks, bankChecks,
            randomChecks, convolutionChecks, groupChecks, trainingChecks,
        ]
        for part in parts {
            for check in try part() {
                checks.append(check)
                report(check)
            }
        }
        return Result(
            device: device.description, torch: Runtime.torchVersion ?? "unknown", checks: checks)
    }

    /// Random numbers on the CPU, float64; `item` sets tensors apart.
    func normal(_ shape: [Int], _ item: Int) -> Tensor {
        CounterRandom(seed: 17).normals(
            .synthetic, items: Tensor(indices: [item]), count: shape.reduce(1, *)
        ).reshape(shape)
    }

    /// Largest difference of two tensors relative to the largest value of the second.
    func difference(_ found: Tensor, _ wanted: Tensor) throws -> Double {
        let reference = wanted.to(.float64)
        let scale = try reference.abs().max().item()
        return try (found.to(.cpu).to(.float64) - reference).abs().max().item() / max(scale, 1e-300)
    }
}
