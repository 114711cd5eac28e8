import ArgumentParser
import Diagnostics
import Foundation
import Torch

struct SelftestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "selftest",
        abstract: "Compare every kernel and a short training on a device with the CPU.",
        discussion: """
            Kernels are held against plain tensor operators in float64, and twenty updates of two presets \
            against the same in float32 on the CPU. The table has the difference found and the one allowed; \
            the exit status is 1 where one is larger.

            Example: dsd selftest --device cpu
            """)

    @OptionGroup var device: DeviceOption
    @Flag(help: "Print the table as JSON.") var json = false

    func run() throws {
        try ErrorPrinting.reporting("selftest") {
            try Runtime.require()
            let test = Selftest(device: try device.resolved())
            if !json { print("device \(test.device), libtorch \(Runtime.torchVersion ?? "")") }
            let result = try test.run { if !json { print(CheckText.line($0)) } }
            let failed = result.checks.filter { !$0.passed }.count
            if json {
                try JSONOutput.write(result)
            } else {
                print(failed == 0 ? "all \(result.checks.count) checks passed" : "\(failed) checks failed")
            }
            if failed > 0 { throw ExitCode.failure }
        }
    }
}
