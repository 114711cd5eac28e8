import Foundation
import TestSupport

/// The built program, run as a user runs it.
enum Program {
    struct Outcome {
        let status: Int32
        let output: String
        let error: String

        /// Lines of standard error but warnings and finished progress.
        var messages: [String] {
            error.split(separator: "\n").map(String.init).filter {
                !$0.hasPrefix("warning: ") && !($0.contains(" images, ") && $0.hasSuffix(" s"))
            }
        }
    }

    /// Beside the tests' own bundle.
    static let path: String = {
        let bundle =
            CommandLine.arguments.first { $0.contains(".xctest") } ?? Bundle.main.executablePath ?? "."
        var folder = URL(fileURLWithPath: bundle).resolvingSymlinksInPath()
        while folder.path != "/", !FileManager.default.isExecutableFile(atPath: folder.path + "/dsd") {
            folder.deleteLastPathComponent()
        }
        return folder.path + "/dsd"
    }()

    /// Runs `dsd` with arguments in a folder and waits.
    static func run(_ arguments: [String], in folder: String) throws -> Outcome {
        let process = Process()
        let output = Pipe()
        let error = Pipe()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardOutput = output
        process.standardError = error
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let complaint = error.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
            error: String(decoding: complaint, as: UTF8.self))
    }

    /// The JSON that a successful run prints.
    static func json(_ arguments: [String], in folder: String) throws -> [String: Any] {
        let outcome = try run(arguments + ["--json"], in: folder)
        guard outcome.status == 0 else { throw Failure(description: outcome.error) }
        let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
        return object as? [String: Any] ?? [:]
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }
}
