import Foundation
import OpusDSD

@testable import Viewer

/// A viewer that serves while a test runs.
struct OpenViewer {
    let link: String
    var port: UInt16 { UInt16(URLComponents(string: link)?.port ?? 0) }
    var token: String { URLComponents(string: link)?.queryItems?.first?.value ?? "" }

    /// Serves the run of a folder while `body` works, which waits for answers: it has a thread of its own, so
    /// that the server's tasks find theirs free.
    static func with(_ folder: RunFolder, _ body: @escaping @Sendable (OpenViewer) throws -> Void)
        async throws
    {
        let viewer = try Viewer(folder, threads: 1)
        let (links, sender) = AsyncStream.makeStream(of: String.self)
        let serving = Task {
            try await viewer.run { link in
                sender.yield(link)
                sender.finish()
            }
        }
        var iterator = links.makeAsyncIterator()
        let link = await iterator.next() ?? ""
        var failure: (any Error)?
        do {
            try await withTaskExecutorPreference(ThreadOfItsOwn()) { try body(OpenViewer(link: link)) }
        } catch { failure = error }
        await viewer.stop()
        _ = await serving.result
        if let failure { throw failure }
    }

    struct Answer {
        /// 0 where the connection was closed without an answer.
        let status: Int
        let headers: String
        let body: Data

        func json() throws -> [String: Any] {
            try JSONSerialization.jsonObject(with: body) as? [String: Any] ?? [:]
        }

        /// The JSON and the arrays of a packet.
        func packet() throws -> (facts: [String: Any], floats: [Float]) {
            let length = body.prefix(4).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
            let facts = try JSONSerialization.jsonObject(with: body.dropFirst(4).prefix(length))
            let rest = [UInt8](body.dropFirst(4 + length))
            let floats = rest.withUnsafeBytes { raw in
                (0..<rest.count / 4).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
            }
            return (facts as? [String: Any] ?? [:], floats)
        }
    }

    func get(_ path: String) throws -> Answer { try send("GET \(path) HTTP/1.1", headers: known) }

    func post(_ path: String, _ body: Data) throws -> Answer {
        try send("POST \(path) HTTP/1.1", headers: known + ["Content-Length: \(body.count)"], body: body)
    }

    func post(_ path: String, json: Any) throws -> Answer {
        try post(path, try JSONSerialization.data(withJSONObject: json))
    }

    private var known: [String] { ["Host: 127.0.0.1:\(port)", "X-Token: \(token)"] }

    /// Sends exactly these lines and reads until the connection ends.
    func send(_ line: String, headers: [String], body: Data = Data()) throws -> Answer {
        let head = ([line] + headers + ["Connection: close", "", ""]).joined(separator: "\r\n")
        let received = try RawConnection.exchange(Data(head.utf8) + body, port: port)
        guard let gap = received.range(of: Data("\r\n\r\n".utf8)) else {
            return Answer(status: 0, headers: "", body: received)
        }
        let text = String(decoding: received[..<gap.lowerBound], as: UTF8.self)
        let status = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return Answer(status: status, headers: text, body: Data(received[gap.upperBound...]))
    }
}

/// Runs a task where it may block.
private final class ThreadOfItsOwn: TaskExecutor {
    private let queue = DispatchQueue(label: "test")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
