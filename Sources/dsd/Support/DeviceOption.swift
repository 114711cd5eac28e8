import ArgumentParser
import CryoIO
import Foundation
import Torch

/// Where the work is done.
struct DeviceOption: ParsableArguments {
    @Option(help: "cpu, cuda or cuda:N.") var device = "cpu"
    @OptionGroup var threading: ThreadsOption

    /// As given by the user; nil leaves the number to the command.
    var threads: Int? { threading.threads }

    /// The device, once it is known to be there.
    ///
    /// - Parameter process: number of this process among those of the machine that share its GPUs; `cuda` is
    ///   then the GPU of that number.
    /// - Throws: `DataError` for a device that is none or absent and for an impossible number of threads;
    ///   `TorchError` where libtorch is absent.
    func resolved(process: Int? = nil) throws -> Device {
        _ = try threading.count()
        let named = process.map { device == "cuda" ? "cuda:\($0)" : device } ?? device
        guard let found = Device(named) else {
            throw DataError(
                file: nil, "there is no such kind of device", found: device, wanted: "cpu, cuda or cuda:N",
                remedy: "Change --device")
        }
        guard found.isCUDA else { return found }
        let count = try Runtime.cudaDeviceCount()
        guard found.index < count else {
            let present =
                count == 0 ? "no CUDA device" : count == 1 ? "cuda:0 alone" : "cuda:0 to cuda:\(count - 1)"
            throw DataError(
                file: nil, "the device is not there: libtorch \(Runtime.torchVersion ?? "") sees \(present)",
                found: named,
                remedy: "Use --device cpu, or a libtorch with CUDA and a driver that nvidia-smi shows")
        }
        return found
    }
}
