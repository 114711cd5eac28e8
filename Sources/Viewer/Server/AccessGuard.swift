import FlyingFox
import Foundation

/// Who may ask the viewer: a browser on this machine that was given the link.
///
/// The token keeps out other users of the machine. The `Host` header keeps out web pages whose name was made
/// to lead to this machine (DNS rebinding), `Origin` those that only send requests here.
struct AccessGuard: Sendable {
    let token: String
    let port: UInt16

    /// 128 random bits as hexadecimal digits.
    static func randomToken() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in String(format: "%016lx", generator.next() as UInt64) }.joined()
    }

    /// Why a request is refused; nil where it is welcome.
    func refusal(of request: HTTPRequest, query: RequestQuery) -> Refusal? {
        let hosts = ["127.0.0.1:\(port)", "localhost:\(port)"]
        guard let host = request.headers[.host], hosts.contains(host) else {
            return Refusal(.misdirectedRequest, "This viewer answers only at its own address.")
        }
        if let origin = request.headers[HTTPHeader("Origin")], !hosts.map({ "http://" + $0 }).contains(origin)
        {
            return Refusal(.forbidden, "This viewer answers only its own page.")
        }
        let given = request.headers[HTTPHeader("X-Token")] ?? query["token"] ?? ""
        guard Self.areEqual(given, token) else {
            return Refusal(.forbidden, "The token is missing or wrong: use the link that dsd view printed.")
        }
        return nil
    }

    /// Takes as long for a wrong token as for one that is nearly right.
    private static func areEqual(_ a: String, _ b: String) -> Bool {
        let (a, b) = (Array(a.utf8), Array(b.utf8))
        guard a.count == b.count else { return false }
        return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// A request that is not answered, and why.
struct Refusal: Error {
    let status: HTTPStatusCode
    let message: String

    init(_ status: HTTPStatusCode, _ message: String) {
        (self.status, self.message) = (status, message)
    }

    static func malformed(_ message: String) -> Refusal { Refusal(.badRequest, message) }
    static func missing(_ message: String) -> Refusal { Refusal(.notFound, message) }
}
