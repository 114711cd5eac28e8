import Foundation
import Torch

/// Where something was measured.
public struct Machine: Codable, Sendable, Equatable {
    public let processor: String
    public let processors: Int
    /// "cpu", or index and name of the CUDA device.
    public let device: String
    public let torch: String

    public init(device: Device) throws(TorchError) {
        let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let model = lines.split(separator: "\n").first { $0.hasPrefix("model name") }
        processor =
            model.flatMap { $0.split(separator: ":").last }?.trimmingCharacters(in: .whitespaces) ?? "unknown"
        processors = ProcessInfo.processInfo.activeProcessorCount
        self.device = device.isCUDA ? "\(device), \(try Runtime.name(device))" : "cpu"
        torch = Runtime.torchVersion ?? "unknown"
    }

    /// Most bytes of memory that this process has had; 0 where the system does not say.
    static var peakResidentBytes: Int {
        let lines = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = lines.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let kilobytes = line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
        return (kilobytes.flatMap { Int($0) } ?? 0) * 1024
    }
}
