import CryoIO
import Foundation

/// Reader of the ATOM and HETATM records of a PDB file (wwPDB format 3.3, fixed columns), first model only.
public enum PDBReader {
    /// - Throws: `DataError` with the line of the record that cannot be read.
    public static func read(_ path: String, options: StructureOptions = .init()) throws(DataError)
        -> AtomModel
    {
        try parse(StructureFile.bytes(path), file: path, options: options)
    }

    /// As `read`, from bytes in memory; `file` names them in errors.
    public static func parse(
        _ bytes: [UInt8], file: String, options: StructureOptions = .init()
    ) throws(DataError) -> AtomModel {
        var records: [AtomRecord] = []
        var number = 0
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            if line.starts(with: "ENDMDL".utf8) { break }
            let hetero = line.starts(with: "HETATM".utf8)
            guard hetero || line.starts(with: "ATOM  ".utf8) else { continue }
            records.append(try record(Columns(line: line), hetero: hetero, file: file, number: number))
        }
        guard !records.isEmpty else {
            throw DataError(
                file: file, "no ATOM or HETATM record", wanted: "a PDB file",
                remedy: "A file in mmCIF format needs a name that ends in .cif or .mmcif.")
        }
        return try AtomModel(records: records, options: options, file: file)
    }

    private static func record(
        _ columns: Columns, hetero: Bool, file: String, number: Int
    ) throws(DataError) -> AtomRecord {
        func value(_ range: ClosedRange<Int>, _ name: String) throws(DataError) -> Double {
            let text = columns.trimmed(range)
            guard let value = Double(text), value.isFinite else {
                throw DataError(
                    file: file, at: .line(number), "\(name) is not a number",
                    found: text.isEmpty ? "nothing" : "\"\(text)\"",
                    wanted: "a number in columns \(range.lowerBound)-\(range.upperBound)")
            }
            return value
        }
        let position = SIMD3(try value(31...38, "x"), try value(39...46, "y"), try value(47...54, "z"))
        let occupancy = columns.trimmed(55...60).isEmpty ? 1 : try value(55...60, "the occupancy")
        guard occupancy >= 0 else {
            throw DataError(
                file: file, at: .line(number), "the occupancy is negative", found: "\(occupancy)",
                wanted: "0 to 1")
        }
        guard let residue = Int(columns.trimmed(23...26)) else {
            throw DataError(
                file: file, at: .line(number), "the residue number is not a whole number",
                found: "\"\(columns.trimmed(23...26))\"", wanted: "a whole number in columns 23-26")
        }
        let symbol = columns.trimmed(77...78)
        return AtomRecord(
            position: position, occupancy: occupancy,
            atomicNumber: Element.atomicNumber(symbol: symbol)
                ?? Element.atomicNumber(pdbName: columns.text(13...16)),
            residue: .init(chain: columns.trimmed(22...22), number: residue),
            residueName: columns.trimmed(18...20).uppercased(), residueSuffix: columns.trimmed(27...27),
            alternate: columns.trimmed(17...17), isHetero: hetero, line: number)
    }

    /// Columns of one record, counted from 1 as in the format's definition.
    private struct Columns {
        let line: ArraySlice<UInt8>

        func text(_ range: ClosedRange<Int>) -> String {
            let start = min(line.startIndex + range.lowerBound - 1, line.endIndex)
            let end = min(line.startIndex + range.upperBound, line.endIndex)
            return String(decoding: line[start..<end], as: UTF8.self)
        }

        func trimmed(_ range: ClosedRange<Int>) -> String {
            text(range).trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }
}
