import FlyingFox
import Foundation

/// Answers of the viewer with the headers that all of them have.
enum Reply {
    /// The page may run its own scripts and talk to its own server, no more. Plotly sets styles.
    private static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        + "connect-src 'self'; img-src 'self' data: blob:; media-src blob:; worker-src blob:; "
        + "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

    static func make(
        _ body: Data, _ type: String, status: HTTPStatusCode = .ok
    ) -> HTTPResponse {
        HTTPResponse(
            statusCode: status,
            headers: [
                .contentType: type,
                HTTPHeader("Cache-Control"): "no-store",
                HTTPHeader("Content-Security-Policy"): policy,
                HTTPHeader("Cross-Origin-Resource-Policy"): "same-origin",
                HTTPHeader("Referrer-Policy"): "no-referrer",
                HTTPHeader("X-Content-Type-Options"): "nosniff",
            ],
            body: HTTPBodySequence(data: body, suggestedBufferSize: 1 << 18))
    }

    static func text(_ text: String, _ type: String = "text/plain", status: HTTPStatusCode = .ok)
        -> HTTPResponse
    {
        make(Data(text.utf8), type + "; charset=utf-8", status: status)
    }

    static func json(_ value: some Encodable, status: HTTPStatusCode = .ok) throws -> HTTPResponse {
        make(try ViewerJSON.encode(value), "application/json", status: status)
    }

    static func packet(_ packet: Packet) -> HTTPResponse {
        make(packet.bytes, "application/octet-stream")
    }

    /// `{"error": ...}`, which the page shows.
    static func refusal(_ refusal: Refusal) -> HTTPResponse {
        let body = (try? ViewerJSON.encode(["error": refusal.message])) ?? Data()
        return make(body, "application/json", status: refusal.status)
    }
}
