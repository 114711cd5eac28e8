import CryoIO
import Foundation
import OpusDSD

/// The folder of a demonstration.
struct DemoFolder {
    let path: String

    var record: String { "\(path)/demo.json" }
    /// Simulated particles and their truth.
    var data: String { "\(path)/data" }
    var particles: String { "\(data)/particles.star" }
    var truth: String { "\(data)/truth.npz" }
    /// The last file that the simulation writes.
    var simulation: String { "\(data)/dataset.json" }
    var run: RunFolder { RunFolder("\(path)/run") }
    var report: String { "\(path)/report.html" }

    /// Opens the folder for a demonstration, new or begun before with the same settings.
    /// - Returns: the record of one that is complete.
    func open(_ settings: DemoSettings) throws -> DemoRecord? {
        let wanted = DemoRecord(version: DSD.version, settings: settings)
        guard let found = try DemoRecord.read(record) else {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
            guard names.isEmpty else {
                throw DataError(
                    file: path, "the folder holds other files",
                    found: names.sorted().prefix(3).joined(separator: ", "),
                    wanted: "an empty or new folder, or one of dsd demo", remedy: "Give another --output")
            }
            try OutputFolder.create(path)
            try wanted.write(to: record)
            return nil
        }
        guard found.settings == settings, found.version == wanted.version else {
            throw DataError(
                file: path, "the folder holds a demonstration with other settings",
                remedy: "Remove the folder, or give another --output")
        }
        return found.score != nil && FileManager.default.fileExists(atPath: report) ? found : nil
    }
}
