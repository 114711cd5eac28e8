import CryoIO
import FlyingFox
import Foundation

/// Points, columns and maps that are there already.
extension ViewerHandler {
    /// x of all particles, then y.
    func points(_ query: RequestQuery) async throws -> HTTPResponse {
        let plane = try await scene.data().plane(query.required("plane"))
        var packet = try Packet(plane.facts)
        packet.append(plane.x)
        packet.append(plane.y)
        return Reply.packet(packet)
    }

    private struct ColumnReply: Encodable {
        let name: String
        let kind: String
        var unit: String?
        var names: [String]?
    }

    func column(_ query: RequestQuery) async throws -> HTTPResponse {
        let column = try await scene.data().column(query.required("id"))
        switch try column.values() {
        case .numbers(let values, let unit):
            var packet = try Packet(ColumnReply(name: column.facts.name, kind: "numbers", unit: unit))
            packet.append(values)
            return Reply.packet(packet)
        case .categories(let labels, let names):
            var packet = try Packet(
                ColumnReply(name: column.facts.name, kind: "categories", names: names))
            packet.append(categories: labels)
            return Reply.packet(packet)
        }
    }

    func map(_ query: RequestQuery) async throws -> HTTPResponse {
        let name = try query.required("path")
        let path = try RunPath.file(name, in: scene.folder.path)
        guard path.hasSuffix(".mrc") else { throw Refusal(.forbidden, "Only maps are given out.") }
        return Reply.packet(try MapReply(try DensityMap.read(path)).packet())
    }

    func job(_ query: RequestQuery) async throws -> HTTPResponse {
        guard let id = Int(try query.required("id")), let status = await jobs.status(id) else {
            throw Refusal.missing("There is no such work.")
        }
        return try Reply.json(status)
    }
}
