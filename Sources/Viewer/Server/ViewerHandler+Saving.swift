import CryoIO
import FlyingFox
import Foundation

/// What the page keeps in the run's folder: selections, paths, movies.
extension ViewerHandler {
    private static func isReplacing(_ query: RequestQuery) -> Bool { query["replace"] == "1" }

    func saveSelection(_ query: RequestQuery, _ body: Data) async throws -> HTTPResponse {
        let data = try await scene.data()
        guard let particles = data.particles else {
            throw Refusal(.unprocessableContent, data.particlesProblem ?? "The particle file is not there.")
        }
        let writer = SelectionWriter(folder: scene.folder, particles: particles)
        let written = try writer.write(
            try SelectionWriter.rows(body), as: try query.required("name"),
            replacing: Self.isReplacing(query))
        return try Reply.json(written, status: .created)
    }

    private struct Path: Decodable {
        let codes: [[Float]]
        let level: Double?
    }

    /// Begins to write the maps; the answer says where to ask how far it is.
    func savePath(_ query: RequestQuery, _ body: Data) async throws -> HTTPResponse {
        let path = try Self.decoded(Path.self, body)
        let size = try await scene.data().codes.columns
        guard (2...Self.longestPath).contains(path.codes.count),
            path.codes.allSatisfy({ $0.count == size && $0.allSatisfy(\.isFinite) })
        else { throw Refusal.malformed("A path has 2 to \(Self.longestPath) codes of \(size) numbers.") }
        let writer = try PathWriter(
            try query.required("name"), replacing: Self.isReplacing(query), folder: scene.folder,
            decoder: decoder)
        let status = await jobs.start(
            "Writing maps", all: path.codes.count, result: "\(writer.place)/morph.cxc"
        ) { progress in
            try await writer.write(path.codes, level: path.level, progress: progress)
        }
        return try Reply.json(status, status: .accepted)
    }

    private struct MovieReply: Encodable {
        let path: String
    }

    func saveMovie(_ query: RequestQuery, _ body: Data) async throws -> HTTPResponse {
        let frame = try query["frame"].map { text throws(Refusal) -> Int in
            guard let number = Int(text), (0..<10_000).contains(number) else {
                throw Refusal.malformed("There is no frame \(text.prefix(20)).")
            }
            return number
        }
        let path = try MovieWriter(folder: scene.folder).write(
            body, as: try query.required("name"), frame: frame, replacing: Self.isReplacing(query))
        return try Reply.json(MovieReply(path: path), status: .created)
    }
}
