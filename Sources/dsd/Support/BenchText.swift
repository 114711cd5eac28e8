import Diagnostics
import Foundation

/// What `dsd bench` measured, in words.
struct BenchText {
    let result: BenchResult

    init(_ result: BenchResult) { self.result = result }

    var text: String {
        let (m, s) = (result.machine, result.sizes)
        let head = [
            "", "\(m.processor), \(m.processors) processors, device \(m.device), libtorch \(m.torch)",
            "preset \(result.preset), \(result.convolutions), box \(s.box), crop box \(s.cropBox), volume "
                + "\(s.volumeSide), pseudo-volume \(s.encoderSide), \(s.voxels) voxels in the mask, "
                + "\(s.batch) images a step, \(s.parameters) parameters",
        ]
        let peak = String(
            format: "peak memory %.2f GB, %.1f MB an image", Double(result.peakBytes) * 1e-9,
            Double(result.peakBytesPerImage) * 1e-6)
        let speedUp = result.speedUp.map {
            [String(format: "%d workers train %.2f times as fast as one", result.runs.last?.workers ?? 0, $0)]
        }
        let file = result.fromFile.map {
            [
                String(
                    format:
                        "images read from a file: %.3f ms a step, %.1f %% of the speed with images in memory",
                    $0.file.median * 1000, $0.speed * 100)
            ]
        }
        return (head + result.runs.flatMap(run) + [""] + (speedUp ?? []) + (file ?? []) + [peak])
            .joined(separator: "\n")
    }

    private func run(_ r: BenchResult.Measured) -> [String] {
        let title = r.workers == 1 ? "one worker" : "\(r.workers) workers"
        var lines = ["", title + ", milliseconds a step (tenth to ninetieth percentile)"]
        lines.append(Self.line("whole step", r.step) + String(format: "   %.1f images/s", r.imagesPerSecond))
        lines.append(Self.line("bare layers", r.floor) + String(format: "   %.3f TFLOP/s", r.floorTeraflops))
        lines.append(Self.name("step / bare layers") + String(format: "%10.3f", r.stepOverFloor))
        if let libtorch = r.libtorchFloor {
            lines.append(Self.line("the same layers by libtorch's operators", libtorch))
            lines.append(
                Self.name("step / libtorch's layers")
                    + String(format: "%10.3f", r.step.median / libtorch.median))
        }
        lines += r.lines.map { line in
            let bytes = line.bytes.map { String(format: "%10.1f MB", Double($0) * 1e-6) } ?? ""
            return Self.name("  " + line.name)
                + String(format: "%10.3f  %5.1f %%", line.seconds * 1000, line.share * 100) + bytes
        }
        lines.append("layers, forward and backward")
        lines += r.layers.map {
            Self.name("  " + $0.name)
                + String(format: "%10.3f  %8.3f TFLOP/s", $0.seconds * 1000, $0.teraflops)
                + ($0.libtorchSeconds.map { String(format: "   libtorch %.3f", $0 * 1000) } ?? "")
        }
        return lines
    }

    private static func name(_ text: String) -> String {
        text.padding(toLength: max(44, text.count), withPad: " ", startingAt: 0)
    }

    private static func line(_ text: String, _ t: Timing) -> String {
        name(text) + String(format: "%10.3f  (%.3f to %.3f)", t.median * 1000, t.low * 1000, t.high * 1000)
    }
}
