import FlyingFox
import Foundation

/// The path and the named values of a request, decoded strictly: what is not well formed is refused, not
/// guessed at.
struct RequestQuery: Sendable {
    let path: String
    private let values: [String: String]

    init(_ request: HTTPRequest) throws(Refusal) {
        guard let path = request.target.path().removingPercentEncoding, path.hasPrefix("/") else {
            throw .malformed("The address is not well formed.")
        }
        var values: [String: String] = [:]
        for part in request.target.query().split(separator: "&") {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2,
                let name = String(sides[0]).removingPercentEncoding,
                let value = String(sides[1]).removingPercentEncoding, values[name] == nil
            else { throw .malformed("The query is not well formed.") }
            values[name] = value
        }
        (self.path, self.values) = (path, values)
    }

    subscript(name: String) -> String? { values[name] }

    func required(_ name: String) throws(Refusal) -> String {
        guard let value = values[name], !value.isEmpty else {
            throw .malformed("The request has no \(name).")
        }
        return value
    }
}
