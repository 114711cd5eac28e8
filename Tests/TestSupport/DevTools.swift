import Foundation

/// The conversation with a browser over its DevTools pipe: JSON messages, a zero byte behind each.
///
/// The pipe needs no port and no WebSocket; the shell puts the browser's file descriptors 3 and 4 on it.
final class DevTools {
    private let process = Process()
    private let toBrowser = Pipe()
    private let fromBrowser = Pipe()
    private var received = Data()
    private var last = 0
    private(set) var events: [[String: Any]] = []
    var session: String?

    init(program: String, arguments: [String]) throws {
        process.executableURL = URL(filePath: "/bin/sh")
        let line = "exec \"$@\" 3<&0 4>&1 0</dev/null 1>/dev/null 2>/dev/null"
        process.arguments = ["-c", line, "sh", program, "--remote-debugging-pipe"] + arguments
        process.standardInput = toBrowser
        process.standardOutput = fromBrowser
        try process.run()
        try? fromBrowser.fileHandleForWriting.close()
    }

    func close() {
        session = nil
        _ = try? call("Browser.close")
        let deadline = Date().addingTimeInterval(5)
        while process.isRunning, Date() < deadline { Thread.sleep(forTimeInterval: 0.05) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    /// Calls a method and waits for its answer; events that come meanwhile are kept.
    @discardableResult func call(_ method: String, _ parameters: [String: Any] = [:]) throws -> [String: Any]
    {
        last += 1
        var message: [String: Any] = ["id": last, "method": method, "params": parameters]
        if let session { message["sessionId"] = session }
        let data = try JSONSerialization.data(withJSONObject: message) + [0]
        try toBrowser.fileHandleForWriting.write(contentsOf: data)
        while true {
            let answer = try next()
            guard answer["id"] as? Int == last else {
                events.append(answer)
                continue
            }
            if let error = answer["error"] { throw BrowserError("\(method): \(error)") }
            return answer["result"] as? [String: Any] ?? [:]
        }
    }

    private func next() throws -> [String: Any] {
        while true {
            if let end = received.firstIndex(of: 0) {
                let message = received[received.startIndex..<end]
                defer { received.removeSubrange(received.startIndex...end) }
                guard let object = try JSONSerialization.jsonObject(with: message) as? [String: Any] else {
                    throw BrowserError("a message is no object")
                }
                return object
            }
            let more = fromBrowser.fileHandleForReading.availableData
            guard !more.isEmpty else { throw BrowserError("the browser ended") }
            received.append(more)
        }
    }
}

public struct BrowserError: Error, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }
}
