import CryoIO
import Foundation

/// Reader of the `_atom_site` loop of an mmCIF file, first model only. Chains and residue numbers are the
/// author's (`auth_asym_id`, `auth_seq_id`), the ones people know from papers and viewers; the labels are
/// used without them.
public enum MMCIFReader {
    /// - Throws: `DataError` with the line of the value that cannot be read.
    public static func read(_ path: String, options: StructureOptions = .init()) throws(DataError)
        -> AtomModel
    {
        try parse(StructureFile.bytes(path), file: path, options: options)
    }

    /// As `read`, from bytes in memory; `file` names them in errors.
    public static func parse(
        _ bytes: [UInt8], file: String, options: StructureOptions = .init()
    ) throws(DataError) -> AtomModel {
        var tokens = CIFTokens(bytes, file: file)
        while let token = try tokens.next() {
            guard !token.isQuoted, token.text.lowercased() == "loop_" else { continue }
            if let records = try atomLoop(&tokens, file: file) {
                return try AtomModel(records: records, options: options, file: file)
            }
        }
        throw DataError(
            file: file, "no _atom_site loop", wanted: "an mmCIF file with coordinates",
            remedy: "Structure-factor files have no atoms; take the coordinate file.")
    }

    /// The atoms if the loop is `_atom_site`. Another loop's values need no reading: the search for the next
    /// `loop_` passes over them.
    private static func atomLoop(_ tokens: inout CIFTokens, file: String) throws(DataError) -> [AtomRecord]? {
        var columns: [String: Int] = [:]
        var row: [CIFTokens.Token] = []
        while let token = try tokens.next() {
            if !token.isQuoted, token.text.hasPrefix("_") {
                let tag = token.text.lowercased()
                guard tag.hasPrefix("_atom_site.") else { return nil }
                columns[String(tag.dropFirst("_atom_site.".count))] = columns.count
            } else {
                row.append(token)
                break
            }
        }
        guard !columns.isEmpty else { return nil }
        let loop = try AtomSiteColumns(columns, file: file)
        var records: [AtomRecord] = []
        var model: String?
        while let token = try tokens.next() {
            let word = token.text.lowercased()
            if !token.isQuoted, word == "loop_" || word.hasPrefix("_") || word.hasPrefix("data_") { break }
            if row.count == columns.count {
                try loop.append(row, to: &records, model: &model)
                row.removeAll(keepingCapacity: true)
            }
            row.append(token)
        }
        guard row.count == columns.count else {
            throw DataError(
                file: file, at: .line(row.first?.line ?? 1), "the last row of _atom_site is incomplete",
                found: "\(row.count) values", wanted: "\(columns.count)")
        }
        try loop.append(row, to: &records, model: &model)
        return records
    }
}

/// Where the wanted items are in a row of `_atom_site`.
private struct AtomSiteColumns {
    let file: String
    let x, y, z: Int
    let columns: [String: Int]

    init(_ columns: [String: Int], file: String) throws(DataError) {
        func need(_ item: String) throws(DataError) -> Int {
            guard let index = columns[item] else {
                throw DataError(
                    file: file, "the _atom_site loop lacks a column", wanted: "_atom_site.\(item)")
            }
            return index
        }
        x = try need("cartn_x")
        y = try need("cartn_y")
        z = try need("cartn_z")
        self.columns = columns
        self.file = file
    }

    /// The value of the first of the items that the loop has; "." and "?" stand for no value.
    private func text(_ row: [CIFTokens.Token], _ items: String...) -> String? {
        for item in items {
            guard let index = columns[item] else { continue }
            let token = row[index]
            if token.isQuoted || (token.text != "." && token.text != "?") { return token.text }
        }
        return nil
    }

    private func number(_ token: CIFTokens.Token, _ name: String) throws(DataError) -> Double {
        let digits = token.text.prefix { $0 != "(" }
        guard let value = Double(digits), value.isFinite else {
            throw DataError(
                file: file, at: .line(token.line), "\(name) is not a number", found: "\"\(token.text)\"",
                wanted: "a number")
        }
        return value
    }

    func append(
        _ row: [CIFTokens.Token], to records: inout [AtomRecord], model: inout String?
    ) throws(DataError) {
        let itsModel = text(row, "pdbx_pdb_model_num") ?? "1"
        if model == nil { model = itsModel }
        guard itsModel == model else { return }
        var occupancy = 1.0
        if let index = columns["occupancy"], text(row, "occupancy") != nil {
            occupancy = try number(row[index], "the occupancy")
        }
        let line = row[x].line
        guard occupancy >= 0 else {
            throw DataError(file: file, at: .line(line), "the occupancy is negative", found: "\(occupancy)")
        }
        records.append(
            AtomRecord(
                position: SIMD3(try number(row[x], "x"), try number(row[y], "y"), try number(row[z], "z")),
                occupancy: occupancy,
                atomicNumber: text(row, "type_symbol").flatMap { Element.atomicNumber(symbol: $0) },
                residue: .init(
                    chain: text(row, "auth_asym_id", "label_asym_id") ?? "",
                    number: text(row, "auth_seq_id", "label_seq_id").flatMap { Int($0) } ?? 0),
                residueName: (text(row, "auth_comp_id", "label_comp_id") ?? "").uppercased(),
                residueSuffix: text(row, "pdbx_pdb_ins_code") ?? "",
                alternate: text(row, "label_alt_id") ?? "",
                isHetero: text(row, "group_pdb")?.uppercased() == "HETATM", line: line))
    }
}
