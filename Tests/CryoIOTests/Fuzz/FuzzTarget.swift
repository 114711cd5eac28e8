import TestSupport
import Testing

@testable import CryoIO

/// A reader, files that it reads, and what is done with them: everything a caller could ask for.
struct FuzzTarget: Sendable, CustomTestStringConvertible {
    let name: String
    let words: [String]
    let seeds: @Sendable () throws -> [[UInt8]]
    let read: @Sendable ([UInt8]) throws(DataError) -> Void

    var testDescription: String { name }

    static let all = [star, mrcStack, mrcMap, npy, structured, npz, pickle]

    static let star = FuzzTarget(
        name: "STAR",
        words: [
            "data_", "data_particles\n", "loop_\n", "_rlnA #1\n", "\n", "\r\n", " # ", "'", "\"", "nan",
            "1e999", "-", "000001@a.mrcs", "\u{feff}", "\n\n",
        ],
        seeds: {
            [
                "# version 30001\n\ndata_optics\n\nloop_\n_rlnOpticsGroup #1\n_rlnVoltage #2\n1 300.0\n"
                    + "2 200\n\n# version 30001\n\ndata_particles\n\nloop_\n_rlnImageName #1\n"
                    + "_rlnDefocusU #2\n_rlnOpticsGroup #3\n000001@a.mrcs 10000.5 1\n2@a.mrcs -1e4 2\n",
                "data_\r\n_rlnA 'a b' # comment\r\n_rlnB \"c\"\r\n",
                "data_x\nloop_\n_a\n1\n2\n\n# c\n3\ndata_y\nloop_\n_b\n",
            ].map { Array($0.utf8) }
        },
        read: { bytes throws(DataError) in
            for block in try STARFile(bytes: bytes, file: "fuzz").blocks {
                for label in block.labels {
                    _ = block.column(label)
                    do throws(DataError) { _ = try block.doubles(label) } catch {}
                    do throws(DataError) { _ = try block.integers(label) } catch {}
                }
                _ = try block.selecting(rows: Array((0..<block.rowCount).reversed()))
                _ = try STARFile(blocks: [block]).encoded()
            }
        })

    static let mrcStack = FuzzTarget(
        name: "MRC stack", words: ["MAP ", "DD", "\u{11}\u{11}"], seeds: { mrcFiles(stack: true) },
        read: { bytes throws(DataError) in
            let stack = try MRCStack(FileMap(copying: bytes, path: "fuzz"))
            _ = stack.pixelSize
            for image in 0..<min(stack.count, 4) { _ = try stack.image(image) }
        })

    static let mrcMap = FuzzTarget(
        name: "MRC map", words: ["MAP ", "DD", "\u{11}\u{11}"], seeds: { mrcFiles(stack: false) },
        read: { bytes throws(DataError) in
            _ = try DensityMap.decoded(FileMap(copying: bytes, path: "fuzz"))
        })

    static let npy = FuzzTarget(
        name: "npy", words: npyWords,
        seeds: {
            try ["f4_little", "f8_big", "i4_big", "bool", "f4_fortran", "scalar", "version2", "empty"].map {
                try GoldenFile.bytes($0 + ".npy")
            }
        },
        read: { bytes throws(DataError) in
            let array = try NPYArray(encoded: bytes[...], file: "fuzz")
            _ = (array.doubles(), array.floats(), array.bools(), array.encoded())
            do throws(DataError) { _ = try array.integers() } catch {}
        })

    static let structured = FuzzTarget(
        name: "cs", words: npyWords + ["'blob/path'", "'|S4'", "'<U2'", "'|O'", "(3,)", "'<f2'"],
        seeds: { try [GoldenFile.bytes("structured.npy"), GoldenFile.bytes("fields.npy")] },
        read: { bytes throws(DataError) in
            let table = try StructuredArray(bytes: bytes, file: "fuzz")
            for field in table.fields {
                do throws(DataError) { _ = try table.doubles(field.name) } catch {}
                do throws(DataError) { _ = try table.unsigned(field.name) } catch {}
                do throws(DataError) { _ = try table.strings(field.name) } catch {}
            }
            let rows = Array((0..<table.rowCount).reversed().prefix(64))
            let part = try table.selecting(rows: rows + rows)
            _ = try StructuredArray(bytes: part.encoded(), file: "again")
        })

    static let npz = FuzzTarget(
        name: "npz", words: ["PK\u{1}\u{2}", "PK\u{3}\u{4}", "PK\u{5}\u{6}", "PK\u{6}\u{6}", ".npy"],
        seeds: { try [GoldenFile.bytes("stored.npz"), GoldenFile.bytes("wide.npz")] },
        read: { bytes throws(DataError) in _ = try NPZ(bytes: bytes, file: "fuzz") })

    static let pickle = FuzzTarget(
        name: "pickle",
        words: ["(", "t", "\u{29}", "]", "R", "b", "q\u{1}", "h\u{1}", "N", "cos\nsystem\n", "."],
        seeds: {
            try ["poses", "ctf", "rows", "numbers"].flatMap { name in
                try (2...5).map { try GoldenFile.bytes("\(name).\($0).pkl") }
            }
        },
        read: { bytes throws(DataError) in
            for array in try Pickle.arrays(bytes: bytes, file: "fuzz") { _ = array.doubles() }
        })

    private static let npyWords = [
        "'descr'", "'shape'", "'fortran_order'", "True", "False", "{", "}", "(", ")", ",", "99999999999",
        "'<f8'", "'>i4'", "[", "]",
    ]

    private static func mrcFiles(stack: Bool) -> [[UInt8]] {
        [(0, false), (1, true), (2, false), (6, true), (12, false)].map { mode, isBig in
            var file = MRCBytes(columns: 4, rows: 4, sections: 3, mode: mode, isBig: isBig)
            file.cell = [8, 8, 6]
            file.spaceGroup = stack ? 0 : 1
            if mode == 1 { file.extendedHeader = [UInt8](repeating: 7, count: 80) }
            file.data = file.encoded(Array(0..<48))
            return file.bytes
        }
    }
}
