import CryoIO
import FlyingFox
import FlyingSocks
import Foundation
import OpusDSD
import Torch

/// The local viewer of a run: a server on 127.0.0.1 that serves one page and what it asks for.
public struct Viewer: Sendable {
    private let server: HTTPServer
    private let handler: ViewerHandler
    private let port: UInt16
    private let token = AccessGuard.randomToken()

    /// - Parameters:
    ///   - port: 0 takes a free one.
    ///   - threads: of the decoder.
    /// - Throws: `DataError` where the folder is no run or the page's parts are missing.
    public init(_ folder: RunFolder, port: UInt16 = 0, device: Device = .cpu, threads: Int) throws {
        _ = try RunRecord.read(folder.configuration)
        self.port = port
        handler = ViewerHandler(
            scene: RunScene(folder), decoder: LiveDecoder(folder, device: device, threads: threads),
            assets: try PageAssets())
        server = HTTPServer(
            config: HTTPServer.Configuration(
                address: try sockaddr_in.inet(ip4: "127.0.0.1", port: port), timeout: Self.patience,
                logger: .disabled),
            handler: handler)
    }

    /// Seconds that a request may take: the first look at images may have to prepare them.
    private static let patience: TimeInterval = 3600

    /// Serves until it is stopped.
    /// - Parameter ready: called once with the link of the page.
    /// - Throws: `DataError` where the port cannot be used.
    public func run(ready: @Sendable (String) -> Void) async throws {
        let serving = Task { try await server.run() }
        do {
            try await server.waitUntilListening(timeout: 10)
        } catch {
            serving.cancel()
            throw DataError(
                file: nil, "port \(port) of this machine cannot be used",
                remedy: "Give another --port, or leave it out.")
        }
        guard case .ip4(_, let bound)? = await server.listeningAddress else { return }
        handler.open(to: AccessGuard(token: token, port: bound))
        ready("http://127.0.0.1:\(bound)/?token=\(token)")
        await withTaskCancellationHandler {
            _ = await serving.result
        } onCancel: {
            serving.cancel()
        }
    }

    public func stop() async {
        await server.stop()
        handler.decoder.stop()
    }
}
