import Analysis
import CryoIO
import Foundation
import OpusDSD

/// Writes the maps along a path as `paths/NAME/` of the run, with a script that plays them in ChimeraX.
struct PathWriter {
    let folder: RunFolder
    let decoder: LiveDecoder
    let name: String
    /// Relative to the run's folder.
    var place: String { "paths/\(name)" }

    /// - Throws: `Refusal` for a name that is no file name or is taken.
    init(_ name: String, replacing: Bool, folder: RunFolder, decoder: LiveDecoder) throws(Refusal) {
        (self.folder, self.decoder, self.name) = (folder, decoder, try RunPath.newName(name))
        guard replacing || !FileManager.default.fileExists(atPath: "\(folder.path)/\(place)") else {
            throw Refusal(.conflict, "There is a \(place) already.")
        }
    }

    /// The folder appears whole. Between maps the decoder is free for others.
    func write(_ codes: [[Float]], level: Double?, progress: @Sendable (Int) async -> Void) async throws {
        try OutputFolder.create("\(folder.path)/paths")
        let staged = try StagedFolder("\(folder.path)/\(place)")
        for (number, code) in codes.enumerated() {
            try await decoder.perform { opened in
                try opened.maps(codes: code, count: 1) { _, map in
                    try map.write(to: staged.file(Self.file(number)))
                }
            }
            await progress(number + 1)
        }
        let width = codes.first?.count ?? 0
        try NPYArray(shape: [codes.count, width], floats: codes.flatMap { $0 })
            .write(to: staged.file("codes.npy"))
        try AtomicFile.write(
            text: Self.script(count: codes.count, level: level), to: staged.file("morph.cxc"))
        try staged.commit()
    }

    private static func file(_ number: Int) -> String { String(format: "map_%03d.mrc", number) }

    /// ChimeraX runs a script in the script's own folder, so that the names need no path.
    static func script(count: Int, level: Double?) -> String {
        let files = (0..<count).map(file).joined(separator: " ")
        let surface = level.map { String(format: "level %.6g ", $0) } ?? ""
        return """
            # Maps along a path through the space of codes. Open this file in ChimeraX.
            open \(files) vseries true
            volume #1 \(surface)style surface step 1 color #6aa6d6
            lighting soft
            view #1
            vseries play #1 loop true direction oscillate
            # A movie: movie record; vseries play #1 loop false; wait \(count); movie encode morph.mp4

            """
    }
}
