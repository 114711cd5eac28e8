import Foundation

/// Outside programs that say what a file holds: a Python with the packages of the field, and RELION.
///
/// The Python is `DSD_TEST_PYTHON`, or `python3` on the PATH. Tests that need one are skipped with a line
/// where it is absent.
public enum Referee {
    /// Whether the Python has these packages.
    public static func has(_ packages: String) -> Bool {
        (try? run([python, "-c", "import " + packages]).status) == 0
    }

    public static let python = ProcessInfo.processInfo.environment["DSD_TEST_PYTHON"] ?? "python3"

    /// Reads STAR, MRC and NumPy files.
    public static let readsFormats = has("numpy, starfile, mrcfile")
    public static let readsCryoDRGN = has("numpy, cryodrgn.commands.parse_pose_star")
    public static let readsRELION = (try? run(["relion_star_handler", "--version"]).status) == 0

    public static let noFormats = "no Python with numpy, starfile and mrcfile (DSD_TEST_PYTHON)"
    public static let noCryoDRGN = "no Python with cryodrgn (DSD_TEST_PYTHON)"
    public static let noRELION = "RELION is not on the PATH"

    /// Runs a program found on the PATH.
    @discardableResult
    public static func run(
        _ command: [String], in folder: String? = nil
    ) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        if let folder { process.currentDirectoryURL = URL(filePath: folder) }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
