import CryoIO
import Foundation

extension ParticleSet {
    /// Reads a RELION STAR file, a cryoSPARC file (`.cs`), or a stack of images (`.mrcs`, `.mrc`, or a
    /// `.txt` that lists stacks) with cryoDRGN's pickles; they are told apart by the name's end.
    ///
    /// - Throws: `DataError` with file and row for missing columns, values that are no finite numbers,
    ///   missing or truncated stacks, images beyond the end of their stack, and odd boxes. Doubtful values
    ///   become `warnings`.
    public init(path: String, reading: ParticleReading = ParticleReading()) throws(DataError) {
        switch (path as NSString).pathExtension.lowercased() {
        case "cs": try self.init(cryoSPARC: try StructuredArray(path: path), reading: reading)
        case "mrcs", "mrc", "txt":
            try Self.refuse(reading.passthrough.first, "--passthrough", "a stack", file: path)
            let (rows, taken) = try ParticleRows.cryoDRGN(file: path, reading: reading)
            try self.init(rows, source: .cryoDRGN(rows: taken), reading: reading)
        default: try self.init(star: try STARFile(path: path), file: path, reading: reading)
        }
    }

    /// - Parameter file: path that the STAR file was read from; image paths may be relative to its folder.
    public init(star: STARFile, file: String, reading: ParticleReading = ParticleReading()) throws(DataError)
    {
        try Self.refuse(reading.passthrough.first, "--passthrough", "a STAR file", file: file)
        try Self.refusePickles(reading, "a STAR file", file: file)
        let block = try ParticleRows.particleBlock(of: star, file: file)
        try self.init(
            try ParticleRows(star: star, block: block, file: file, reading: reading),
            source: .star(star, block: block.name), reading: reading)
    }

    /// The particles of a cryoSPARC job; `reading.passthrough` names the files with fields that it lacks.
    public init(
        cryoSPARC table: StructuredArray, reading: ParticleReading = ParticleReading()
    ) throws(DataError) {
        try Self.refusePickles(reading, "a cryoSPARC file", file: table.file)
        let joined = try CryoSPARCTable(table, passthrough: reading.passthrough)
        try self.init(
            try ParticleRows(joined, reading: reading), source: .cryoSPARC(table), reading: reading)
    }

    private static func refusePickles(
        _ reading: ParticleReading, _ kind: String, file: String
    ) throws(DataError) {
        try refuse(reading.poses, "--poses", kind, file: file)
        try refuse(reading.ctf, "--ctf", kind, file: file)
        try refuse(reading.indices, "--ind", kind, file: file)
    }

    /// Files that are no use with this kind of particle file are not passed over in silence.
    private static func refuse(
        _ given: String?, _ option: String, _ kind: String, file: String
    ) throws(DataError) {
        guard let given else { return }
        throw DataError(
            file: file, "\(kind) takes no \(option)", found: given,
            wanted: option == "--passthrough" ? "a .cs file" : "a stack of images",
            remedy: "Leave \(option) out, or give the file that it belongs to")
    }

    private init(
        _ rows: ParticleRows, source: ParticleSource, reading: ParticleReading
    ) throws(DataError) {
        var notes = rows.warnings
        let opened = try OpenedStacks(rows.names, file: rows.file, reading: reading)
        try opened.check(rows, &notes)
        let found = ImageGrids(
            boxes: rows.names.references.map { opened.stacks[Int($0.stack)].stack.width },
            pixelSizes: rows.pixelSizes)
        (grids, gridOfRow) = (found.all, found.rows)
        if found.all.count > 1 {
            let list = found.all.map { "\($0.box) pixels of \($0.pixelSize) A" }
            notes.append(
                "images have \(list.joined(separator: ", ")): all are resampled to the first of these grids")
        }
        file = rows.file
        self.source = source
        passthrough = reading.passthrough
        stacks = opened.stacks
        images = rows.names.references
        angles = rows.angles
        origins = rows.origins
        ctf = rows.ctf
        micrographs = rows.micrographs
        micrographNames = rows.micrographNames
        randomSubset = rows.randomSubset
        groups = rows.groups
        opticsGroups = rows.opticsGroups
        classes = rows.classes
        uids = rows.uids
        signs = rows.signs
        warnings = notes
    }
}
