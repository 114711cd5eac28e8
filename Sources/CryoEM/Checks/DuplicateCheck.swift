import CryoIO

/// Particles that come more than once: the same image, the same `uid`, or the same place on a micrograph.
struct DuplicateCheck {
    let rows: CheckedRows
    /// Rows whose image an earlier row has too.
    private(set) var repeatedImages = 0
    /// Of those, rows at another pose, as symmetry expansion leaves them.
    private(set) var repeatedAtOtherPoses = 0

    init(_ rows: CheckedRows, _ faults: inout FaultList) {
        self.rows = rows
        checkImages(&faults)
        if let uids = rows.uids {
            let keys = uids.indices.map { Key(high: 0, low: uids[$0], row: $0) }
            for (row, earlier) in Self.repeats(keys) where !isSameImage(row, earlier) {
                add(row, earlier, "another image has the same uid", "\(uids[row])", &faults)
            }
        }
        checkPlaces(&faults)
    }

    private struct Key: Comparable {
        let high: UInt64
        let low: UInt64
        let row: Int

        static func < (a: Key, b: Key) -> Bool { (a.high, a.low, a.row) < (b.high, b.low, b.row) }
    }

    /// Every row whose key an earlier row has, with the first of them, in the order of rows.
    private static func repeats(_ keys: [Key]) -> [(row: Int, earlier: Int)] {
        let sorted = keys.sorted()
        var found: [(row: Int, earlier: Int)] = []
        var first = 0
        for place in sorted.indices.dropFirst() {
            if (sorted[place].high, sorted[place].low) != (sorted[first].high, sorted[first].low) {
                first = place
            } else {
                found.append((sorted[place].row, sorted[first].row))
            }
        }
        return found.sorted { $0.row < $1.row }
    }

    private mutating func checkImages(_ faults: inout FaultList) {
        let references = rows.names.references
        let keys = references.indices.filter { references[$0].stack >= 0 }.map {
            Key(high: UInt64(references[$0].stack), low: UInt64(references[$0].index), row: $0)
        }
        for (row, earlier) in Self.repeats(keys) {
            repeatedImages += 1
            let difference = rows.angles[row] - rows.angles[earlier]
            guard max(abs(difference.x), abs(difference.y), abs(difference.z)) < 0.1 else {
                repeatedAtOtherPoses += 1
                continue
            }
            let path = rows.names.paths[Int(references[row].stack)]
            add(
                row, earlier, "the image comes twice at one pose",
                "image \(references[row].index + 1) of \(path)", &faults)
        }
        guard repeatedAtOtherPoses > 0 else { return }
        faults.add(
            .warning, .duplicate, subject: "poses",
            DataError(
                file: rows.file, "images come more than once at different poses",
                found: "\(repeatedAtOtherPoses) rows",
                remedy: "This is right after symmetry expansion only; otherwise remove the repeats"))
    }

    /// Different images cut out at the same pixel of a micrograph.
    private func checkPlaces(_ faults: inout FaultList) {
        guard let places = rows.places, places.micrographs.count == rows.count else { return }
        let keys = places.x.indices.filter { !places.x[$0].isNaN && !places.y[$0].isNaN }.map { row in
            let x = UInt64(UInt32(bitPattern: Int32(clamping: Int(places.x[row].clamped * 8))))
            let y = UInt64(UInt32(bitPattern: Int32(clamping: Int(places.y[row].clamped * 8))))
            return Key(high: UInt64(places.micrographs[row]), low: x << 32 | y, row: row)
        }
        for (row, earlier) in Self.repeats(keys) where !isSameImage(row, earlier) {
            add(
                row, earlier, "another image was cut out at the same place of the micrograph",
                "\(places.x[row]), \(places.y[row])", &faults)
        }
    }

    private func isSameImage(_ a: Int, _ b: Int) -> Bool {
        rows.names.references[a] == rows.names.references[b]
    }

    private func add(
        _ row: Int, _ earlier: Int, _ problem: String, _ found: String, _ faults: inout FaultList
    ) {
        faults.add(
            .warning, .duplicate, subject: problem,
            DataError(
                file: rows.file, at: .row(row + 1), problem, found: "\(found), as in row \(earlier + 1)",
                wanted: "each particle once", remedy: "Remove one of the rows"))
    }
}

extension Double {
    /// Within what an eighth of a pixel can be counted in.
    fileprivate var clamped: Double { Swift.min(1e8, Swift.max(-1e8, self)) }
}
