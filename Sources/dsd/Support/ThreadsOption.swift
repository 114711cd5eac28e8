import ArgumentParser
import CryoIO
import Foundation

/// How many processor threads work.
struct ThreadsOption: ParsableArguments {
    @Option(help: "Processor threads (default: one for each processor).") var threads: Int?

    /// Threads to work with.
    /// - Throws: `DataError` for an impossible number.
    func count() throws(DataError) -> Int {
        guard let threads else { return ProcessInfo.processInfo.activeProcessorCount }
        guard (1...1024).contains(threads) else {
            throw DataError(
                file: nil, "the number of threads cannot be used", found: "\(threads)", wanted: "1 to 1024",
                remedy: "Change --threads")
        }
        return threads
    }
}
