import Foundation

/// A program of others that tests compare with: one of RELION's, or a Python with packages of the field.
/// Tests that need one are skipped with a line where it is absent:
/// `@Test(.enabled(if: referee.isPresent, Comment(rawValue: referee.absence)))`.
public struct Referee: Sendable {
    /// Reads STAR, MRC and NumPy files.
    public static let formats = python("numpy, starfile, mrcfile")
    public static let cryoDRGN = python("numpy, cryodrgn.commands.parse_pose_star")

    public let isPresent: Bool
    /// Why a test without it is skipped.
    public let absence: String
    private let command: [String]

    /// A program on the PATH.
    public static func program(_ name: String) -> Referee {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        let isPresent = folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
        return Referee(isPresent: isPresent, absence: "\(name) is not installed", command: [name])
    }

    /// `DSD_TEST_PYTHON`, or `python3` on the PATH, if it has these packages.
    public static func python(_ packages: String) -> Referee {
        let python = ProcessInfo.processInfo.environment["DSD_TEST_PYTHON"] ?? "python3"
        let found = try? run([python, "-c", "import " + packages], in: nil)
        return Referee(
            isPresent: found?.status == 0, absence: "no Python with \(packages) (DSD_TEST_PYTHON)",
            command: [python])
    }

    /// Runs it to its end.
    /// - Returns: exit status, and standard output and error together.
    @discardableResult public func run(
        _ arguments: [String], in folder: String? = nil
    ) throws -> (status: Int32, output: String) {
        try Self.run(command + arguments, in: folder)
    }

    private static func run(
        _ command: [String], in folder: String?
    ) throws -> (status: Int32, output: String) {
        let process = Process(), pipe = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        if let folder { process.currentDirectoryURL = URL(filePath: folder) }
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
