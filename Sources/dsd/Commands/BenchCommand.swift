import ArgumentParser
import CryoIO
import Diagnostics
import Foundation
import OpusDSD
import Torch

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure a training step and the convolutions and linear layers it cannot do without.",
        discussion: """
            Both are measured in one run on made-up particles, at the shapes and in the number types of the \
            preset, with the other parts of the step line by line. On a CPU the step is measured with one \
            worker and with one for each processor. --kernels measures the projector and the volume priors \
            against the same in libtorch's operators instead. --compare prints what differs between two \
            files that --json wrote, and what got slower.

            Example: dsd bench --preset small --box 32 --seconds 0.05
            """)

    @OptionGroup var device: DeviceOption
    @Option(help: "Configuration to start from: small, standard or paper.") var preset = "small"
    @Option(help: "Side of the images, pixels.") var box = 64
    @Option(help: "Images a step (default: the preset's).") var batch: Int?
    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: "One value to change, key=value; can be repeated.")
    var settings: [String] = []
    @Option(help: "Seconds for each thing measured.") var seconds = 1.0
    @Flag(help: "Measure kernels against libtorch's operators.") var kernels = false
    @Flag(help: "Print the result as JSON.") var json = false
    @Option(
        name: .customLong("compare"), parsing: .upToNextOption, help: "Two results to compare, older first.")
    var compared: [String] = []

    func run() throws {
        try ErrorPrinting.reporting("bench") {
            if !compared.isEmpty { return try compare() }
            guard seconds > 0, seconds <= 3600 else {
                throw DataError(
                    file: nil, "--seconds cannot be used", found: "\(seconds)", wanted: "0 to 3600")
            }
            try Runtime.require()
            try Runtime.keepMemory()
            if kernels { return try measureKernels() }
            let result = try bench().run { if !json { print($0) } }
            if json { try JSONOutput.write(result) } else { print(BenchText(result).text) }
        }
    }

    private func measureKernels() throws {
        let place = try device.resolved()
        try Runtime.setThreads(try device.threading.count())
        let result = try KernelBench(device: place, seconds: seconds).run { row in
            if !json { print(KernelText.line(row)) }
        }
        if json { try JSONOutput.write(result) }
    }

    private func bench() throws -> Bench {
        guard let start = Configuration.Preset(rawValue: preset) else {
            throw DataError(
                file: nil, "there is no preset \(preset)", found: preset,
                wanted: Configuration.Preset.allCases.map(\.rawValue).joined(separator: ", "),
                remedy: "Choose one with --preset.")
        }
        guard (16...1024).contains(box), box % 2 == 0 else {
            throw DataError(
                file: nil, "--box cannot be used", found: "\(box)", wanted: "an even number of 16 to 1024")
        }
        var configuration = start.configuration
        for setting in settings { configuration = try configuration.setting(setting) }
        if let batch { configuration.sampling.batch = batch }
        let place = try device.resolved()
        let processors = try device.threading.count()
        return try Bench(
            try configuration.validated(), box: box, device: place,
            workers: processors > 1 ? [1, processors] : [1], seconds: seconds)
    }

    private func compare() throws {
        guard compared.count == 2 else {
            throw DataError(
                file: nil, "--compare wants two files", found: "\(compared.count)", wanted: "2",
                remedy: "Give the older result first.")
        }
        let comparison = try BenchComparison(older: compared[0], newer: compared[1])
        if json { try JSONOutput.write(comparison) } else { print(ComparisonText(comparison).text) }
    }
}
