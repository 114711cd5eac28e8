import Analysis
import CryoIO
import Foundation
import OpusDSD

/// Keeps movies that the page recorded: `movies/NAME.webm`, or the frames as `movies/NAME/frame_000.png`.
struct MovieWriter {
    let folder: RunFolder

    /// - Parameter frame: number of a PNG picture; nil for a whole WebM film.
    /// - Returns: the path, relative to the run's folder.
    func write(_ data: Data, as name: String, frame: Int?, replacing: Bool) throws -> String {
        let plain = try RunPath.newName(name)
        let starts: [UInt8] = frame == nil ? [0x1A, 0x45, 0xDF, 0xA3] : [0x89, 0x50, 0x4E, 0x47]
        guard data.prefix(4).elementsEqual(starts) else {
            throw Refusal.malformed("The data are no \(frame == nil ? "WebM film" : "PNG picture").")
        }
        let file =
            frame.map { String(format: "movies/\(plain)/frame_%03d.png", $0) } ?? "movies/\(plain).webm"
        let path = "\(folder.path)/\(file)"
        guard replacing || !FileManager.default.fileExists(atPath: path) else {
            throw Refusal(.conflict, "There is a \(file) already.")
        }
        try OutputFolder.create((path as NSString).deletingLastPathComponent)
        try AtomicFile.write(data, to: path)
        return file
    }
}
