import CryoIO
import FlyingFox
import Foundation
import OpusDSD
import Synchronization
import Torch

/// Answers the requests of the page: checks them, finds what they ask for, and turns errors into messages.
final class ViewerHandler: HTTPHandler {
    let scene: RunScene
    let decoder: LiveDecoder
    let jobs = Jobs()
    let assets: PageAssets
    /// Nil until the server listens; until then nobody is let in.
    private let access = Mutex<AccessGuard?>(nil)

    init(scene: RunScene, decoder: LiveDecoder, assets: PageAssets) {
        (self.scene, self.decoder, self.assets) = (scene, decoder, assets)
    }

    func open(to guarded: AccessGuard) { access.withLock { $0 = guarded } }

    func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
        do {
            let query = try RequestQuery(request)
            guard let guarded = access.withLock({ $0 }) else {
                return Reply.refusal(Refusal(.serviceUnavailable, "The viewer is not ready yet."))
            }
            if let refusal = guarded.refusal(of: request, query: query) { return Reply.refusal(refusal) }
            switch request.method {
            case .GET: return try await get(query, token: guarded.token)
            case .POST: return try await post(query, body: try await Self.body(of: request))
            default: throw Refusal(.methodNotAllowed, "Only GET and POST are answered.")
            }
        } catch let refusal as Refusal {
            return Reply.refusal(refusal)
        } catch let error as DataError {
            return Reply.refusal(Refusal(.unprocessableContent, error.description))
        } catch {
            return Reply.refusal(Refusal(.internalServerError, "\(error)"))
        }
    }

    private func get(_ query: RequestQuery, token: String) async throws -> HTTPResponse {
        if let asset = assets.reply(query.path, token: token) { return asset }
        switch query.path {
        case "/api/run": return try Reply.json(await RunFactsReply(scene, decoder: decoder))
        case "/api/training": return try Reply.json(try TrainingWatch(scene.folder))
        case "/api/points": return try await points(query)
        case "/api/column": return try await column(query)
        case "/api/map": return try await map(query)
        case "/api/job": return try await job(query)
        default: throw Refusal.missing("There is nothing at \(query.path).")
        }
    }

    private func post(_ query: RequestQuery, body: Data) async throws -> HTTPResponse {
        switch query.path {
        case "/api/decode": return try await decode(body)
        case "/api/route": return try await route(body)
        case "/api/gallery": return try await gallery(body)
        case "/api/selection": return try await saveSelection(query, body)
        case "/api/path": return try await savePath(query, body)
        case "/api/movie": return try await saveMovie(query, body)
        default: throw Refusal.missing("There is nothing at \(query.path).")
        }
    }

    /// A film of minutes, or 16 million rows.
    private static let largestBody = 64 << 20

    /// The size is judged before the body is read.
    private static func body(of request: HTTPRequest) async throws -> Data {
        guard let text = request.headers[.contentLength], let size = Int(text), size >= 0 else {
            throw Refusal(.lengthRequired, "The request does not say how long it is.")
        }
        guard size <= largestBody else {
            throw Refusal(.payloadTooLarge, "The request is longer than \(largestBody) bytes.")
        }
        return try await request.bodyData
    }

    /// JSON of a request.
    static func decoded<Value: Decodable>(_ type: Value.Type, _ body: Data) throws(Refusal) -> Value {
        do { return try JSONDecoder().decode(type, from: body) } catch {
            throw .malformed("The request's JSON is not as wanted.")
        }
    }
}
