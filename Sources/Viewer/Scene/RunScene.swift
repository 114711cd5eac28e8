import Analysis
import CryoIO
import Foundation
import OpusDSD

/// The run that is looked at: its data, read when first asked for and again when its files change.
actor RunScene {
    nonisolated let folder: RunFolder
    private var stamp: FileStamp?
    private var loaded: Result<SceneData, any Error>?

    init(_ folder: RunFolder) { self.folder = folder }

    private var files: [String] {
        let analysis = AnalysisFolder(folder)
        return [folder.configuration, folder.mean, analysis.summary, analysis.embedding]
    }

    /// - Throws: what is in the way: no codes yet, or files that do not belong together.
    func data() throws -> SceneData {
        let now = FileStamp(files)
        if let loaded, now == stamp { return try loaded.get() }
        stamp = now
        let result = Result { try SceneData(folder) }
        loaded = result
        return try result.get()
    }

    /// Changes when what `data` gives has changed.
    func version() -> String { FileStamp(files).text }
}
