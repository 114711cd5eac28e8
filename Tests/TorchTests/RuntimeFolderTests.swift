import Foundation
import Testing
import TestSupport
import Torch

@Suite struct RuntimeFolderTests {
    @Test func aFileThatIsNowhereGivesAMessageThatSaysWhereAndWhatToDo() {
        let error = #expect(throws: TorchError.self) { try RuntimeFolder.file("no-such-library.so").get() }
        #expect(
            error?.description == """
                no-such-library.so was not found beside the program, in ../lib/opusdsd or in .torch/runtime \
                of a folder above \
                it. Run `make build` in the checkout, or set DSD_RUNTIME to the folder that holds it.
                """)
    }

    @Test func theNamedFolderComesFirst() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            _ = try folder.write([1], as: "libctorch.so")
            setenv("DSD_RUNTIME", folder.path, 1)
            #expect(try RuntimeFolder.file("libctorch.so").get() == folder.file("libctorch.so"))
        }
    }

    @Test func aShimThatIsNoLibraryIsAnErrorOfEveryTensorAndNoCrash() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            _ = try folder.write(Array("not a library".utf8), as: "libctorch.so")
            setenv("DSD_RUNTIME", folder.path, 1)
            let error = #expect(throws: TorchError.self) { try Runtime.require() }
            #expect(error?.description.hasPrefix(folder.file("libctorch.so") + " cannot be loaded: ") == true)
            #expect(error?.description.contains("make build") == true)
            #expect(Tensor.zeros([2]).error == error)
            #expect((Tensor([Float(1)], shape: [1]) + 1).sum().error == error)
            #expect(withoutGradient { 3 } == 3)
            #expect(Runtime.torchVersion == nil)
            #expect(try WorkerPool(count: 2).map { $0 } == [0, 1])
        }
    }

    @Test func anotherLibraryIsNotTakenForTheShim() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            let libraries = [
                "/lib/x86_64-linux-gnu/libm.so.6", "/lib/aarch64-linux-gnu/libm.so.6", "/lib64/libm.so.6",
            ]
            guard let library = libraries.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
                return
            }
            try FileManager.default.createSymbolicLink(
                atPath: folder.file("libctorch.so"), withDestinationPath: library)
            setenv("DSD_RUNTIME", folder.path, 1)
            let error = #expect(throws: TorchError.self) { try Runtime.require() }
            #expect(error?.description.contains("is not the libtorch shim of this program") == true)
        }
    }

    @Test func theShimSaysItsTorch() {
        #expect(throws: Never.self) { try Runtime.require() }
        #expect(Runtime.torchVersion?.split(separator: ".").count ?? 0 >= 2)
    }
}
