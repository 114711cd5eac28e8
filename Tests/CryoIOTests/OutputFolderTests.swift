import CryoIO
import Foundation
import TestSupport
import Testing

@Suite struct OutputFolderTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: ["one", "two/three/four", "five/"])
    func foldersAreMadeWithThoseAboveThem(_ name: String) throws {
        for _ in 1...2 { try OutputFolder.create(folder.file(name)) }
        var isFolder: ObjCBool = false
        #expect(FileManager.default.fileExists(atPath: folder.file(name), isDirectory: &isFolder))
        #expect(isFolder.boolValue)
    }

    @Test func theFolderOfABareFileNameIsTheCurrentOne() throws {
        try OutputFolder.create((("map.mrc" as NSString).deletingLastPathComponent))
    }

    @Test func aFileInTheWayIsNamed() throws {
        let path = try folder.write([1], as: "file")
        for wanted in [path, path + "/inner/run"] {
            let error = dataError { try OutputFolder.create(wanted) }
            #expect(error?.file == wanted && error?.found == "\(path), which is a file")
            #expect(error?.description.hasSuffix(". Give a folder that you may write to.") == true)
        }
    }

    @Test func whatTheSystemRefusesComesWithItsReason() throws {
        let error = dataError { try OutputFolder.create("/proc/opusdsd/run") }
        #expect(error?.problem == "the folder cannot be made" && error?.found?.isEmpty == false)
        #expect(error?.remedy == "Give a folder that you may write to")
    }
}
