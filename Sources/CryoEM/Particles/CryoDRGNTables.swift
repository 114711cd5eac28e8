import CryoIO

/// The pickles that go with a stack of images in cryoDRGN, for the rows that are taken.
///
/// Poses are a tuple of rotations [n, 3, 3] and translations [n, 2], or rotations alone; the CTF table is
/// [n, 9]. Tables have a row for each image of the stacks, or for each one that `indices` takes.
struct CryoDRGNTables {
    /// Images that are taken, from 0 in the order of the stacks.
    let rows: [Int]
    let rotations: [Rotation]
    /// Fractions of the box; nil where the poses have none.
    let translations: [SIMD2<Double>]?
    /// Nine values a row: box, Angstrom per pixel, defocus U and V, angle, voltage, Cs, amplitude contrast,
    /// phase shift.
    let ctf: [Double]

    init(images: Int, file: String, reading: ParticleReading) throws(DataError) {
        guard let posesPath = reading.poses, let ctfPath = reading.ctf else {
            throw DataError(
                file: file, "a stack of images comes without poses and CTFs",
                found: "no \(reading.poses == nil ? "--poses" : "--ctf")",
                wanted: "pickles of cryoDRGN, or a .star or .cs file",
                remedy: "Give --poses poses.pkl and --ctf ctf.pkl, or the particle file of a refinement")
        }
        rows = try Self.rows(images: images, reading: reading)
        let poses = try Pickle.read(posesPath)
        guard let turns = poses.first, turns.shape.count == 3, turns.shape.dropFirst().elementsEqual([3, 3]),
            poses.count <= 2
        else {
            throw Self.wrong(posesPath, poses.first, "rotations [n, 3, 3], alone or with translations [n, 2]")
        }
        let table = Table(images: images, rows: rows)
        let matrices = try table.values(turns, width: 9, file: posesPath)
        rotations = rows.indices.map { Rotation(rowMajor: Array(matrices[9 * $0..<9 * $0 + 9])) }
        try Self.check(rotations, file: posesPath)
        if poses.count == 2 {
            let moves = try table.values(poses[1], width: 2, file: posesPath)
            translations = rows.indices.map { SIMD2(moves[2 * $0], moves[2 * $0 + 1]) }
            if let row = translations?.firstIndex(where: { abs($0.x) > 1 || abs($0.y) > 1 }) {
                throw DataError(
                    file: posesPath, at: .row(row + 1), "translations are no fractions of the box",
                    found: "\(moves[2 * row]), \(moves[2 * row + 1])", wanted: "-1 to 1",
                    remedy: "Make the poses again with a cryoDRGN of version 0.3.4 or later")
            }
        } else {
            translations = nil
        }
        let tables = try Pickle.read(ctfPath)
        guard tables.count == 1, tables[0].shape.count == 2, tables[0].shape[1] == 9 else {
            throw Self.wrong(ctfPath, tables.first, "a CTF table [n, 9]")
        }
        ctf = try table.values(tables[0], width: 9, file: ctfPath)
    }

    private static func rows(images: Int, reading: ParticleReading) throws(DataError) -> [Int] {
        guard let path = reading.indices else { return Array(0..<images) }
        let arrays = try path.hasSuffix(".npy") ? [NPYArray.read(path)] : Pickle.read(path)
        guard arrays.count == 1, arrays[0].shape.count == 1 else {
            throw wrong(path, arrays.first, "row numbers [n]")
        }
        let rows = try arrays[0].integers()
        if let place = rows.firstIndex(where: { !(0..<images ~= $0) }) {
            throw DataError(
                file: path, at: .row(place + 1), "there is no such image in the stacks",
                found: "\(rows[place])", wanted: "0 to \(images - 1)",
                remedy: "Check that the list of rows belongs to these stacks")
        }
        return rows
    }

    /// - Throws: `DataError` with the row of a matrix that is no rotation.
    private static func check(_ rotations: [Rotation], file: String) throws(DataError) {
        for (row, turn) in rotations.enumerated() {
            let product = turn * turn.inverse
            let difference = product.angle(to: .identity)
            let determinant = dot(
                turn.row0,
                SIMD3(
                    turn.row1.y * turn.row2.z - turn.row1.z * turn.row2.y,
                    turn.row1.z * turn.row2.x - turn.row1.x * turn.row2.z,
                    turn.row1.x * turn.row2.y - turn.row1.y * turn.row2.x))
            guard difference < 0.5, determinant > 0 else {
                throw DataError(
                    file: file, at: .row(row + 1), "the pose is no rotation",
                    found: "determinant \(determinant)", wanted: "an orthogonal matrix of determinant 1",
                    remedy: "Make the poses again from the refinement")
            }
        }
    }

    private static func wrong(_ file: String, _ array: NPYArray?, _ wanted: String) -> DataError {
        DataError(
            file: file, "the pickle has arrays of an unexpected shape",
            found: array.map { "\($0.shape)" } ?? "none", wanted: wanted,
            remedy: "Give the file that cryodrgn parse_pose_star, parse_pose_csparc, parse_ctf_star or "
                + "parse_ctf_csparc made")
    }

    /// Which rows of an array belong to the images that are taken.
    private struct Table {
        let images: Int
        let rows: [Int]

        func values(_ array: NPYArray, width: Int, file: String) throws(DataError) -> [Double] {
            let count = array.shape.first ?? 0
            guard array.count == count * width, count == images || count == rows.count else {
                throw DataError(
                    file: file, "the table does not have one row for each image", found: "\(array.shape)",
                    wanted: "\(images) rows, as the stacks have images",
                    remedy: "Give the tables and the list of rows that belong to these stacks")
            }
            let all = array.doubles()
            if let place = all.firstIndex(where: { !$0.isFinite }) {
                throw DataError(
                    file: file, at: .row(place / width + 1), "a value is no finite number",
                    found: "\(all[place])", wanted: "a number", remedy: "Remove the row")
            }
            if count == rows.count, count != images { return all }
            return rows.flatMap { all[$0 * width..<($0 + 1) * width] }
        }
    }
}
