import Foundation

/// Where the files live that the program needs beside itself: the libtorch shim and the plotting library of
/// the pages.
///
/// Looked for, in order, in the folder that the environment variable `DSD_RUNTIME` names, beside the
/// program, in
/// `../lib/opusdsd` (an installed program), and in `.torch/runtime` of a folder above the program (a
/// checkout).
public enum RuntimeFolder {
    public static func file(_ name: String) -> Result<String, TorchError> {
        for folder in candidates() where FileManager.default.fileExists(atPath: folder + "/" + name) {
            return .success(folder + "/" + name)
        }
        return .failure(
            TorchError(
                """
                \(name) was not found beside the program, in ../lib/opusdsd or in .torch/runtime of a folder \
                above it. Run `make build` in the checkout, or set DSD_RUNTIME to the folder that holds it.
                """))
    }

    private static func candidates() -> [String] {
        var folders: [String] = []
        if let named = ProcessInfo.processInfo.environment["DSD_RUNTIME"], !named.isEmpty {
            folders.append(named)
        }
        var folder = programFolder()
        folders.append(folder)
        folders.append(folder + "/../lib/opusdsd")
        while folder.count > 1 {
            folders.append(folder + "/.torch/runtime")
            folder = (folder as NSString).deletingLastPathComponent
        }
        return folders
    }

    private static func programFolder() -> String {
        let program =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            ?? CommandLine.arguments.first ?? "."
        let running = URL(fileURLWithPath: program).resolvingSymlinksInPath().deletingLastPathComponent().path
        // Test bundles are run by a helper of the toolchain; their own path is the first argument.
        if !running.contains("/.build"),
            let bundle = CommandLine.arguments.first(where: { $0.contains(".xctest") })
        {
            return URL(fileURLWithPath: bundle).resolvingSymlinksInPath().deletingLastPathComponent().path
        }
        return running
    }
}
