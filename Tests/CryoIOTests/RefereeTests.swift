import Foundation
import TestSupport
import Testing

@testable import CryoIO

/// Values that the readers give are those of starfile, mrcfile and NumPy, and these read what is written.
@Suite(.enabled(if: Referee.formats.isPresent, Comment(rawValue: Referee.formats.absence)))
struct RefereeTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @discardableResult
    private func ask(_ kind: String, _ path: String) throws -> Data {
        let output = folder.file("answer")
        let outcome = try Referee.formats.run([GoldenFile.path("referee.py"), kind, path, output])
        try #require(outcome.status == 0, "\(path): \(outcome.output)")
        return kind == "validate" ? Data() : try Data(contentsOf: URL(filePath: output))
    }

    private func lines(_ kind: String, _ path: String) throws -> [[Substring]] {
        String(decoding: try ask(kind, path), as: UTF8.self).split(separator: "\n")
            .map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
    }

    /// Files of other programs, and made ones.
    private func files(_ end: String) throws -> [String] {
        let made = try GoldenFile.path("")
        let shared = SharedData.path("formats") ?? made
        return try Set([made, shared]).flatMap { folder in
            try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(end) }
                .map { folder + "/" + $0 }
        }.sorted()
    }

    private func compareSTAR(_ path: String) throws {
        let star = try STARFile(path: path)
        var count = 0
        for line in try lines("star", path) {
            let column = try #require(star[block: String(line[0])]?[String(line[1])], "\(path) \(line)")
            let value = column[try #require(Int(line[2]))]
            count += 1
            if value == line[3] { continue }
            // A column of numbers comes back as numbers, and so do texts that look like them.
            let isSame = Double(value).map { $0 == Double(line[3]) } ?? false
            try #require(isSame, "\(path) \(line): \(value)")
        }
        #expect(count == star.blocks.reduce(0) { $0 + $1.rowCount * $1.columns.count }, "\(path)")
    }

    @Test func starFilesHoldWhatStarfileSays() throws {
        for path in try files(".star") { try compareSTAR(path) }
        let text = """
            # a comment
            data_one

            _rlnA   1.500
            _rlnB   "two words"

            data_two
            loop_
            _rlnName #1
            _rlnValue #2
            'a b'   -1e-3
            c       7
            """
        try compareSTAR(try folder.write(Array(text.utf8), as: "made.star"))
    }

    @Test func writtenSTARFilesAreReadByStarfile() throws {
        for path in try files(".star") {
            let star = try STARFile(path: path)
            var part = STARFile(blocks: [])
            for block in star.blocks where block.rowCount > 0 {
                part.blocks.append(try block.selecting(rows: Array((0..<min(block.rowCount, 40)).reversed())))
            }
            try part.write(to: folder.file("part.star"))
            try compareSTAR(folder.file("part.star"))
        }
    }

    private func compareRecords(_ table: StructuredArray, _ path: String) throws {
        var answers: [Substring: [Substring]] = [:]
        for line in try lines("npy", path) { answers[line[0], default: []].append(line[1]) }
        for field in table.fields {
            let wanted = answers[field.name[...]] ?? []
            switch field.kind {
            case .bytes, .unicode:
                #expect(try table.strings(field.name).elementsEqual(wanted) { $0 == $1 })
            case .unsigned where field.shape.isEmpty:
                #expect(try table.unsigned(field.name).map(String.init) == wanted.map(String.init))
            default:
                #expect(try table.doubles(field.name) == wanted.compactMap { Double($0) }, "\(field.name)")
            }
        }
    }

    @Test func recordsHoldWhatNumPySays() throws {
        for path in try files(".cs") + [GoldenFile.path("fields.npy")] {
            let table = try StructuredArray(path: path)
            try compareRecords(table, path)
            let rows = Array(stride(from: table.rowCount - 1, through: 0, by: -7))
            let part = try table.selecting(rows: rows)
            try part.write(to: folder.file("part.npy"))
            try compareRecords(part, folder.file("part.npy"))
        }
    }

    @Test func arraysHoldWhatNumPySays() throws {
        for path in try files(".npy") {
            guard let array = try? NPYArray.read(path) else { continue }
            #expect(try lines("npy", path).compactMap { Double($0[1]) } == array.doubles(), "\(path)")
            try array.write(to: folder.file("again.npy"))
            #expect(
                try lines("npy", folder.file("again.npy")).compactMap { Double($0[1]) } == array.doubles())
        }
    }

    @Test func imagesHoldWhatMrcfileSays() throws {
        for path in try files(".mrcs") + files(".mrc") {
            let wanted = try ask("mrc", path).withUnsafeBytes { raw in
                (0..<raw.count / 4).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
            }
            let stack = try MRCStack(path: path)
            var values: [Float] = []
            for image in 0..<stack.count { values += try stack.image(image) }
            #expect(values == wanted, "\(path)")
        }
    }

    @Test func writtenMapsAndStacksAreValid() throws {
        let map = DensityMap(cube: (0..<512).map { Float($0 % 17) }, side: 8, pixelSize: 1.3)
        try map.write(to: folder.file("map.mrc"))
        let writer = try MRCStackWriter(path: folder.file("stack.mrcs"), width: 8, height: 8, pixelSize: 2)
        for k in 0..<5 { try writer.append((0..<64).map { Float($0 * k) }) }
        try writer.finish()
        for name in ["map.mrc", "stack.mrcs"] { try ask("validate", folder.file(name)) }
        #expect(try ask("mrc", folder.file("stack.mrcs")).count == 5 * 64 * 4)
    }

    @Test func writtenRowsArePythonsPickles() throws {
        let rows = [5, 0, 1 << 40, -3]
        try Pickle.write(integers: rows, to: folder.file("ind.pkl"))
        #expect(try lines("pickle", folder.file("ind.pkl")).map { $0[0] } == rows.map { "\($0)"[...] })
    }
}
