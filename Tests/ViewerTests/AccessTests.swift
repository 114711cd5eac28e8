import CryoIO
import Foundation
import OpusDSD
import TestSupport
import Testing

@testable import Viewer

/// Who is let in, and what is given out.
extension ViewerTests {
    @Suite struct AccessTests {
        private func folder() throws -> RunFolder { try ViewerFixture.shared.get().folder }

        @Test func thePageNeedsTheToken() async throws {
            try await OpenViewer.with(try folder()) { viewer throws in
                let host = "Host: 127.0.0.1:\(viewer.port)"
                #expect(viewer.token.count == 32)
                let page = try viewer.send("GET /?token=\(viewer.token) HTTP/1.1", headers: [host])
                #expect(page.status == 200)
                #expect(page.headers.contains("Content-Security-Policy: default-src 'none'"))
                for (path, headers) in [
                    ("/", []), ("/?token=", []), ("/?token=\(String(viewer.token.reversed()))x", []),
                    ("/api/run", ["X-Token: 0"]), ("/plotly.js", []), ("/api/points?plane=umap", []),
                ] {
                    let answer = try viewer.send("GET \(path) HTTP/1.1", headers: [host] + headers)
                    #expect(answer.status == 403, "\(path)")
                    #expect(try answer.json()["error"] != nil)
                }
                let posted = try viewer.send(
                    "POST /api/selection?name=a HTTP/1.1", headers: [host, "Content-Length: 4"],
                    body: Data([0, 0, 0, 0]))
                #expect(posted.status == 403)
            }
        }

        @Test func otherHostsAndOriginsAreRefused() async throws {
            try await OpenViewer.with(try folder()) { viewer throws in
                let token = "X-Token: \(viewer.token)"
                for host in ["example.org", "127.0.0.1", "127.0.0.1:1", "example.org:\(viewer.port)"] {
                    let answer = try viewer.send("GET /api/run HTTP/1.1", headers: ["Host: \(host)", token])
                    #expect(answer.status == 421, "\(host)")
                }
                #expect(try viewer.send("GET /api/run HTTP/1.1", headers: [token]).status == 421)
                let own = "Host: localhost:\(viewer.port)"
                #expect(try viewer.send("GET /api/run HTTP/1.1", headers: [own, token]).status == 200)
                let foreign = try viewer.send(
                    "GET /api/run HTTP/1.1", headers: [own, token, "Origin: http://example.org"])
                #expect(foreign.status == 403)
            }
        }

        @Test func itListensToThisMachineAlone() async throws {
            try await OpenViewer.with(try folder()) { viewer throws in
                // Other addresses of the loopback network reach only servers that listen to all addresses.
                #expect(throws: ConnectionRefused.self) {
                    try RawConnection.exchange(Data("GET".utf8), port: viewer.port, address: "127.0.0.2")
                }
            }
        }

        @Test func filesOutsideTheRunAreRefused() async throws {
            let fixture = try ViewerFixture.shared.get()
            let outside = fixture.temporary.file("secret.mrc")
            try DensityMap(cube: [Float](repeating: 1, count: 8), side: 2, pixelSize: 1).write(to: outside)
            let link = fixture.folder.path + "/link.mrc"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: outside)
            defer { try? FileManager.default.removeItem(atPath: link) }
            try await OpenViewer.with(fixture.folder) { viewer throws in
                for path in [
                    "../secret.mrc", "..%2Fsecret.mrc", "analysis/../../secret.mrc", "link.mrc",
                    "%2Fetc%2Fpasswd", "./consensus.mrc", "analysis//volumes/decoded_000.mrc", "a%00.mrc",
                    "config.yaml",
                ] {
                    #expect(try viewer.get("/api/map?path=\(path)").status == 403, "\(path)")
                }
                #expect(try viewer.get("/api/map?path=consensus.mrc").status == 200)
                #expect(try viewer.get("/api/map?path=nothing.mrc").status == 404)
                for path in [
                    "/../secret.mrc", "/config.yaml", "/analysis/analysis.json", "/%2e%2e/secret.mrc",
                ] {
                    #expect([400, 404].contains(try viewer.get(path).status), "\(path)")
                }
            }
        }

        @Test func malformedRequestsAreRefused() async throws {
            try await OpenViewer.with(try folder()) { viewer throws in
                for path in [
                    "/api/map?path", "/api/map?path=%zz", "/api/map?path=a&path=b", "/api/map", "/%zz",
                ] {
                    #expect(try viewer.get(path).status == 400, "\(path)")
                }
                let known = ["Host: 127.0.0.1:\(viewer.port)", "X-Token: \(viewer.token)"]
                #expect(try viewer.send("DELETE /api/run HTTP/1.1", headers: known).status == 405)
                #expect(try viewer.send("POST /api/decode HTTP/1.1", headers: known).status == 411)
                let long = known + ["Content-Length: 99999999999"]
                #expect(try viewer.send("POST /api/decode HTTP/1.1", headers: long).status == 413)
                for (line, headers) in [
                    ("nonsense", known), ("POST /api/decode HTTP/1.1", known + ["Content-Length: -1"]),
                    ("POST /api/decode HTTP/1.1", known + ["Transfer-Encoding: odd"]),
                ] {
                    let answer = try viewer.send(line, headers: headers)
                    #expect(answer.status == 0 && answer.body.isEmpty, "\(line)")
                }
                for body in [
                    "", "{", "[]", #"{"plane":"umap"}"#, #"{"code":[1]}"#, #"{"row":-1}"#, #"{"row":120}"#,
                ] {
                    let status = try viewer.post("/api/decode", Data(body.utf8)).status
                    #expect([400, 422].contains(status), "\(body)")
                }
                #expect(try viewer.get("/api/run").status == 200)
            }
        }
    }
}
