import Foundation

/// Programs of others that tests compare with, where they are installed.
public enum ProgramReferee {
    /// Why a test without its referee is skipped, for `.enabled(if:)`.
    public static func absence(_ name: String) -> String { "\(name) is not installed" }

    public static func isPresent(_ name: String) -> Bool { path(name) != nil }

    /// Runs a program of the search path to its end.
    /// - Returns: exit status, and standard output and error together.
    @discardableResult public static func run(
        _ name: String, _ arguments: [String], in folder: String? = nil
    ) throws -> (status: Int32, output: String) {
        let process = Process(), pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: path(name) ?? name)
        process.arguments = arguments
        if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    private static func path(_ name: String) -> String? {
        if name.hasPrefix("/") { return name }
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
