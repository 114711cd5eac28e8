import Foundation

/// A `dsd view` that serves while a test looks at it.
final class Viewing {
    private let process = Process()
    /// The first line that it prints.
    let line: String
    var isServing: Bool { process.isRunning }

    /// - Parameter arguments: those behind `view`.
    init(_ arguments: [String], in folder: String) throws {
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: Program.path)
        process.arguments = ["view"] + arguments + ["--no-open"]
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var text = ""
        while !text.contains("\n") {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { break }
            text += String(decoding: more, as: UTF8.self)
        }
        line = text.split(separator: "\n").first.map(String.init) ?? ""
    }

    /// The link that was printed.
    var link: URLComponents? {
        let pattern = "http://127\\.0\\.0\\.1:[0-9]+/\\?token=[0-9a-f]{32}$"
        return line.range(of: pattern, options: .regularExpression).flatMap {
            URLComponents(string: String(line[$0]))
        }
    }

    /// Asks it to end, as closing its terminal would, and says whether it did.
    func end() -> Bool {
        process.terminate()
        let patience = Date().addingTimeInterval(10)
        while process.isRunning, Date() < patience { usleep(20_000) }
        return !process.isRunning
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
}
