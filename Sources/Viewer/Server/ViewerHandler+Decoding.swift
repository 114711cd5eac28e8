import CryoIO
import FlyingFox
import Foundation
import Latent

/// Maps of codes, paths through a plane, and images beside their reprojections.
extension ViewerHandler {
    private struct Place: Decodable {
        var plane: String?
        var x: Float?
        var y: Float?
        var row: Int?
        var code: [Float]?
    }

    /// The map of a place of a plane, of a particle, or of a code.
    func decode(_ body: Data) async throws -> HTTPResponse {
        let place = try Self.decoded(Place.self, body)
        let code = try await code(of: place)
        guard code.allSatisfy(\.isFinite) else { throw Refusal.malformed("The code is not finite.") }
        let reply = try await decoder.perform { opened in
            let start = ContinuousClock.now
            let map = try opened.quickMap(code)
            let spent = ContinuousClock.now - start
            var reply = try MapReply(map)
            reply.facts.code = code
            reply.facts.milliseconds = spent / .milliseconds(1)
            return try reply.packet().bytes
        }
        return Reply.make(reply, "application/octet-stream")
    }

    private func code(of place: Place) async throws -> [Float] {
        if let code = place.code { return code }
        let data = try await scene.data()
        if let row = place.row {
            guard (0..<data.codes.rows).contains(row) else {
                throw Refusal.malformed("There is no particle \(row + 1).")
            }
            return Array(data.codes.row(row))
        }
        guard let id = place.plane, let x = place.x, let y = place.y else {
            throw Refusal.malformed("The request names no place.")
        }
        return try data.plane(id).code(at: SIMD2(x, y))
    }

    private struct Line: Decodable {
        let plane: String
        let points: [[Float]]
        let count: Int
    }

    private struct LineReply: Encodable {
        let places: [[Float]]
        let codes: [[Float]]
    }

    static let longestPath = 200

    /// Codes evenly spaced along a line through places of a plane.
    func route(_ body: Data) async throws -> HTTPResponse {
        let line = try Self.decoded(Line.self, body)
        guard line.points.count >= 2, line.points.count <= 1000,
            line.points.allSatisfy({ $0.count == 2 && $0.allSatisfy(\.isFinite) })
        else { throw Refusal.malformed("A path wants two places or more.") }
        guard (2...Self.longestPath).contains(line.count) else {
            throw Refusal.malformed("A path has 2 to \(Self.longestPath) maps.")
        }
        let plane = try await scene.data().plane(line.plane)
        let places = Plane.places(along: line.points.map { SIMD2($0[0], $0[1]) }, count: line.count)
        return try Reply.json(
            LineReply(
                places: places.map { [$0.x, $0.y] }, codes: try places.map { try plane.code(at: $0) }))
    }

    private struct GalleryReply: Encodable {
        let side: Int
        /// Angstrom.
        let pixelSize: Double
        let rows: [Int]
    }

    static let largestGallery = 32

    /// Images, then their reprojections.
    func gallery(_ body: Data) async throws -> HTTPResponse {
        let rows = try SelectionWriter.rows(body)
        let data = try await scene.data()
        guard (1...Self.largestGallery).contains(rows.count), rows.allSatisfy({ $0 < data.codes.rows }) else {
            throw Refusal.malformed("1 to \(Self.largestGallery) particles of the run can be shown.")
        }
        let codes = data.codes.selecting(rows: rows).values
        let made = try await decoder.performWithRun { try $0.reprojections(of: rows, codes: codes) }
        var packet = try Packet(GalleryReply(side: made.side, pixelSize: made.pixelSize, rows: rows))
        packet.append(made.images)
        packet.append(made.predicted)
        return Reply.packet(packet)
    }
}
