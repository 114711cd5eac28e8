import CTorch
import Foundation

/// What libtorch says about itself, and the settings it keeps.
public enum Runtime {
    /// Version of the libtorch that the shim was compiled against, or nil where the shim is absent.
    public static var torchVersion: String? {
        guard case .success(let shim) = Shim.loaded else { return nil }
        return String(cString: shim.api.torch_version())
    }

    /// Throws when the shim cannot be loaded; call it before long work so that the message comes early.
    public static func require() throws(TorchError) { _ = try Shim.api() }

    /// Sets how many threads one operator of the calling thread may use; at least 1.
    public static func setThreads(_ count: Int) throws(TorchError) {
        try Shim.api().set_num_threads(Int32(clamping: max(1, count)))
    }

    /// Threads that one operator of the calling thread may use.
    public static func threads() throws(TorchError) -> Int { Int(try Shim.api().get_num_threads()) }

    /// Runs `body` with one thread for each operator of the calling thread. Waking and waiting for the others
    /// takes longer than the work on small tensors.
    public static func onOneThread<Value>(_ body: () throws -> Value) throws -> Value {
        let count = try threads()
        guard count > 1 else { return try body() }
        try setThreads(1)
        defer { try? setThreads(count) }
        return try body()
    }

    /// Handles alive, over all threads: what a test of memory counts.
    public static func liveTensors() throws(TorchError) -> Int { Int(try Shim.api().tensor_live()) }

    /// CUDA devices that libtorch sees.
    public static func cudaDeviceCount() throws(TorchError) -> Int { Int(try Shim.api().cuda_device_count()) }

    private static let memoryKeeper = Operator("dsd::keep_memory")

    /// Keeps freed memory in the process for the next tensors, where the C library can be told so. Giving
    /// large blocks back to the system and clearing new ones is a sixth of a small training step's time.
    public static func keepMemory() throws(TorchError) { try memoryKeeper.results() }

    private static let hasBFloat16 = Operator("dsd::has_bfloat16")

    /// Whether a device multiplies bfloat16 by instructions of its own; without them libtorch is a hundred
    /// times slower at it than at float32.
    public static func hasBFloat16(_ device: Device) throws(TorchError) -> Bool {
        try hasBFloat16(.device(device)).item() != 0
    }

    private static let peakMemory = Operator("dsd::peak_memory"), allowTF32 = Operator("dsd::allow_tf32")

    /// The most bytes that tensors have taken on a CUDA device since the last reset.
    public static func peakMemory(_ device: Device, reset: Bool = false) throws(TorchError) -> Int {
        Int(try peakMemory(.device(device), .bool(reset)).item())
    }

    private static let tuneConvolutions = Operator("dsd::tune_convolutions")

    /// Whether cuDNN tries its algorithms at every new shape of a convolution and keeps the fastest; it holds
    /// for the whole process, and which one is kept may differ between runs.
    public static func tuneConvolutions(_ on: Bool) throws(TorchError) {
        try tuneConvolutions.results(.bool(on))
    }

    private static let deviceName = Operator("dsd::device_name")

    /// What a CUDA device calls itself.
    public static func name(_ device: Device) throws(TorchError) -> String {
        let letters = try deviceName(.device(device)).ints()
        return String(decoding: letters.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
    }

    /// Whether convolutions and matrix products of float32 may round their factors to the 10 bits of TF32 on
    /// CUDA devices; it holds for the whole process.
    public static func allowTF32(_ allowed: Bool) throws(TorchError) {
        try allowTF32.results(.bool(allowed))
    }

    /// Waits until a device has done what was asked of it; does nothing on the CPU.
    public static func synchronize(_ device: Device) throws(TorchError) {
        let api = try Shim.api()
        try api.check(api.synchronize(device.code))
    }
}

/// Runs `body` without recording gradients on this thread. The body is synchronous: the mode belongs to the
/// thread.
public func withoutGradient<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure)
    -> Result
{
    guard case .success(let shim) = Shim.loaded else { return try body() }
    let was = shim.api.grad_mode_set(false)
    defer { _ = shim.api.grad_mode_set(was) }
    return try body()
}

/// Runs `body` with gradients recorded on this thread, whatever was set outside.
func withGradient<Result>(_ body: () -> Result) -> Result {
    guard case .success(let shim) = Shim.loaded else { return body() }
    let was = shim.api.grad_mode_set(true)
    defer { _ = shim.api.grad_mode_set(was) }
    return body()
}
