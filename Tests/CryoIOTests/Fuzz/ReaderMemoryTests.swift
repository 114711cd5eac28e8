#if os(Linux) && compiler(>=6.2)
    import Foundation
    import TestSupport
    import Testing

    @testable import CryoIO

    /// Readers take no more than twice the size of a file, also where its values are as short as they can be.
    /// Each reads in a process of its own, whose largest memory Linux tells.
    @Suite struct ReaderMemoryTests {
        @Test func aTableOfShortValues() async {
            await #expect(processExitsWith: .success) {
                try expectTwiceAtMost(
                    start: Array("data_\nloop_\n_a\n_b\n".utf8), piece: Array("1 2\n".utf8), size: 8 << 20,
                    end: []
                ) { path in try STARFile(path: path).blocks[0].rowCount }
            }
        }

        @Test func aTableOfOneColumn() async {
            await #expect(processExitsWith: .success) {
                try expectTwiceAtMost(
                    start: Array("data_\nloop_\n_a\n".utf8), piece: Array("7\n".utf8), size: 8 << 20, end: []
                ) { path in try STARFile(path: path).blocks[0].rowCount }
            }
        }

        /// Protocol 4 puts a thousand numbers of two bytes each between a mark and `e`.
        @Test func aPickledListOfSmallNumbers() async {
            await #expect(processExitsWith: .success) {
                let thousand = (0..<1000).flatMap { [0x4b, UInt8(truncatingIfNeeded: $0)] as [UInt8] }
                try expectTwiceAtMost(
                    start: [0x80, 4, 0x5d], piece: [0x28] + thousand + [0x65], size: 8 << 20, end: [0x2e]
                ) { path in try Pickle.read(path)[0].count }
            }
        }

        /// NumPy's numbers one by one, each kept in the memo three times and never recalled.
        @Test func aPickledListOfNumPyNumbers() async {
            await #expect(processExitsWith: .success) {
                let names =
                    [UInt8](arrayLiteral: 0x80, 4) + Array("cnumpy.core.multiarray\nscalar\n".utf8)
                    + [0x94, 0x30] + Array("cnumpy\ndtype\n".utf8)
                    + [0x8c, 2, 0x69, 0x38, 0x89, 0x88, 0x87, 0x52]
                    + [0x28, 0x4b, 3, 0x8c, 1, 0x3c, 0x4e, 0x4e, 0x4e, 0x4b, 0, 0x4b, 0, 0x4b, 0, 0x74, 0x62]
                    + [0x94, 0x30, 0x5d]
                let number: [UInt8] =
                    [0x68, 0, 0x68, 1, 0x43, 8, 9, 0, 0, 0, 0, 0, 0, 0, 0x94, 0x86, 0x94, 0x52, 0x94, 0x61]
                try expectTwiceAtMost(start: names, piece: number, size: 8 << 20, end: [0x2e]) { path in
                    try Pickle.read(path)[0].count
                }
            }
        }

        @Test func anArrayInFortranOrder() async {
            await #expect(processExitsWith: .success) {
                let header = NPYHeader.encoded(element: .float64, shape: [1 << 17, 8])
                let text = String(decoding: header[10...], as: UTF8.self)
                    .replacingOccurrences(of: "False, ", with: "True,  ")
                try expectTwiceAtMost(
                    start: header[..<10] + Array(text.utf8), piece: [UInt8](repeating: 1, count: 512),
                    size: 8 << 20, end: []
                ) { path in try NPYArray.read(path).count }
            }
        }
    }

    /// Writes `start`, whole pieces of about `size` bytes and `end` to a file, and reads that.
    /// - Parameter read: gives how many values were read, at least one for each piece.
    private func expectTwiceAtMost(
        start: [UInt8], piece: [UInt8], size: Int, end: [UInt8], read: (String) throws -> Int
    ) throws {
        let folder = try TemporaryFolder()
        func write(_ pieces: Int, _ name: String) throws -> (path: String, size: Int) {
            let writer = try AtomicFileWriter(path: folder.file(name))
            try writer.write(start)
            for _ in 0..<pieces { try writer.write(piece) }
            try writer.write(end)
            try writer.finish()
            return (folder.file(name), writer.count)
        }
        let pieces = size / piece.count
        let large = try write(pieces, "large")
        // Code that is loaded when it is first called is no memory of a reader.
        _ = try? read(write(1, "small").path)
        try "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
        let before = memory("VmRSS")
        let count = try read(large.path)
        let taken = memory("VmHWM") - before
        #expect(count >= pieces)
        // Half a megabyte more is the allocator's and Linux's, which adds up pages in batches for each processor.
        #expect(
            taken > large.size / 2 && taken <= 2 * large.size + (1 << 19), "\(taken) bytes for \(large.size)")
    }

    /// A line of what Linux tells of this process, bytes.
    private func memory(_ key: String) -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix(key + ":") }
        return (line.flatMap { Int($0.filter(\.isNumber)) } ?? 0) * 1024
    }
#endif
