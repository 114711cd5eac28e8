import CTorch
import Foundation

/// The table of function pointers of `libctorch.so`, loaded at the first tensor call.
struct Shim: @unchecked Sendable {
    let api: CTApi

    /// Loaded once; the result stays, success or not.
    static let loaded: Result<Shim, TorchError> = load()

    static func api() throws(TorchError) -> CTApi { try loaded.get().api }

    private static func load() -> Result<Shim, TorchError> {
        let path: String
        switch RuntimeFolder.file("libctorch.so") {
        case .success(let found): path = found
        case .failure(let error): return .failure(error)
        }
        // Threads of OpenMP that have nothing to do shall sleep. By default they look for work in a loop for
        // a while, and take the processors from the workers that split the images: a quarter of a training's
        // time on two cores. The library reads this when it is loaded; what the user has set holds.
        setenv("OMP_WAIT_POLICY", "PASSIVE", 0)
        guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            let reason = dlerror().map { String(cString: $0) } ?? "unknown reason"
            return .failure(
                TorchError("\(path) cannot be loaded: \(reason). Build it again with `make build`."))
        }
        guard let symbol = dlsym(library, "ct_api") else {
            return .failure(
                TorchError("\(path) is not the libtorch shim of this program. Build it with `make build`."))
        }
        let api = unsafeBitCast(symbol, to: CTApiGetter.self)().pointee
        guard api.abi_version == UInt32(CT_ABI_VERSION), Int(api.size) == MemoryLayout<CTApi>.size else {
            return .failure(
                TorchError("\(path) belongs to another version of this program. Build it with `make build`."))
        }
        return .success(Shim(api: api))
    }
}

extension CTApi {
    func check(_ code: Int32) throws(TorchError) {
        if code != 0 { throw TorchError(String(cString: last_error())) }
    }
}
