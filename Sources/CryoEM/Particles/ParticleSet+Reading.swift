import CryoIO
import Foundation

extension ParticleSet {
    /// Reads a RELION STAR file or a cryoSPARC `.cs` file, known by its name.
    ///
    /// - Throws: `DataError` with file and row for missing columns, values that are no finite numbers, missing
    ///   or truncated stacks, images beyond the end of their stack, odd or unequal boxes and pixel sizes.
    ///   Doubtful values become `warnings`.
    public init(path: String, reading: ParticleReading = ParticleReading()) throws(DataError) {
        if path.lowercased().hasSuffix(".cs") {
            try self.init(cryoSPARC: try StructuredArray(path: path), reading: reading)
        } else {
            try self.init(star: try STARFile(path: path), file: path, reading: reading)
        }
    }

    /// - Parameter file: path that the STAR file was read from; image paths may be relative to its folder.
    public init(star: STARFile, file: String, reading: ParticleReading = ParticleReading()) throws(DataError)
    {
        guard reading.passthrough.isEmpty else {
            throw DataError(
                file: file, "a STAR file takes no passthrough file",
                found: reading.passthrough.joined(separator: ", "), wanted: "a .cs file to join it to",
                remedy: "Leave --passthrough out")
        }
        let block = try ParticleRows.particleBlock(of: star, file: file)
        try self.init(
            try ParticleRows(star: star, block: block, file: file, reading: reading),
            source: .star(star, block: block.name), reading: reading)
    }

    /// The particles of a cryoSPARC job; `reading.passthrough` names the files with fields that it lacks.
    public init(cryoSPARC table: StructuredArray, reading: ParticleReading = ParticleReading())
        throws(DataError)
    {
        let joined = try CryoSPARCTable(table, passthrough: reading.passthrough)
        try self.init(
            try ParticleRows(joined, reading: reading), source: .cryoSPARC(table), reading: reading)
    }

    private init(
        _ rows: ParticleRows, source: ParticleSource, reading: ParticleReading
    ) throws(DataError) {
        var notes = rows.warnings
        pixelSize = try rows.commonPixelSize()
        let opened = try OpenedStacks(rows.names, file: rows.file, reading: reading)
        try opened.check(rows, pixelSize: pixelSize, &notes)
        file = rows.file
        self.source = source
        stacks = opened.stacks
        box = opened.box
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
