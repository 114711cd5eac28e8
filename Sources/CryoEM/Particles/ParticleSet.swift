import CryoIO

/// Particle images with their poses, origins and transfer functions, in the order of the rows of their table.
///
/// Reading checks the metadata and the headers of the stacks; pixels are looked at when images are prepared.
public struct ParticleSet: Sendable {
    /// The file the rows came from.
    public let file: String
    /// That file with all its columns; its rows are the rows of this set.
    public internal(set) var source: ParticleSource
    /// cryoSPARC files that the rows were joined with by `uid`.
    public let passthrough: [String]

    /// Stacks that rows refer to, each opened once and memory-mapped.
    public let stacks: [ParticleStack]
    /// Where the image of each row lies.
    public internal(set) var images: [ImageReference]
    public internal(set) var angles: [EulerAngles]
    /// How far the content of each image is to be moved along x and y to bring the particle to the box centre
    /// (`rlnOrigin`), Angstrom.
    public internal(set) var origins: [SIMD2<Double>]
    public internal(set) var ctf: [CTFParameters]
    /// Micrograph of each row, an index of `micrographNames`; nil where the file does not say.
    public internal(set) var micrographs: [Int]?
    public let micrographNames: [String]
    /// Half set of each row, 1 or 2 (`rlnRandomSubset`); nil where the file does not say.
    public internal(set) var randomSubset: [Int]?
    /// `rlnGroupNumber` of each row; nil where the file does not say.
    public internal(set) var groups: [Int]?
    /// `rlnOpticsGroup` or `ctf/exp_group_id` of each row; 1 where there are no optics groups.
    public internal(set) var opticsGroups: [Int]
    /// Classes of a heterogeneous refinement or 3D classification; nil where the file has none.
    public internal(set) var classes: ParticleClasses?
    /// cryoSPARC's `uid` of each row; nil where the file has none.
    public internal(set) var uids: [UInt64]?
    /// 1 or -1, which images are multiplied by as they are read (`blob/sign`); nil where all are 1.
    public internal(set) var signs: [Float]?

    /// Where poses are not those of the file; nil where they are.
    public internal(set) var changes: PoseChanges?

    /// Boxes and pixel sizes that stored images have. The first is the one that preparation brings all
    /// images to: that of the coarsest pixels and, of several such, of the largest box.
    public let grids: [ImageGrid]
    /// Place in `grids` of each row; nil where there is one.
    public internal(set) var gridOfRow: [Int]?
    /// Pixels along a prepared image's edge before it is made smaller, even; that of all stored ones where
    /// they are alike.
    public var box: Int { grids[0].box }
    /// Angstrom per pixel of that box.
    public var pixelSize: Double { grids[0].pixelSize }
    /// What a user should look at, though it does not stop the work.
    public internal(set) var warnings: [String]

    /// Number of particles.
    public var count: Int { images.count }

    /// The given rows (from 0) in the given order, with all columns of the file.
    /// - Throws: `DataError` for a row that does not exist.
    public func selecting(_ rows: [Int]) throws(DataError) -> ParticleSet {
        var part = self
        if let wrong = rows.first(where: { !images.indices.contains($0) }) {
            throw DataError(
                file: file, at: .row(wrong + 1), "there is no such particle", wanted: "1 to \(count)",
                remedy: "Check that the selection belongs to this file")
        }
        part.source = try source.selecting(rows)
        part.images = rows.map { images[$0] }
        part.angles = rows.map { angles[$0] }
        part.origins = rows.map { origins[$0] }
        part.ctf = rows.map { ctf[$0] }
        part.micrographs = micrographs.map { column in rows.map { column[$0] } }
        part.randomSubset = randomSubset.map { column in rows.map { column[$0] } }
        part.groups = groups.map { column in rows.map { column[$0] } }
        part.opticsGroups = rows.map { opticsGroups[$0] }
        part.classes = classes?.selecting(rows)
        part.uids = uids.map { column in rows.map { column[$0] } }
        part.gridOfRow = gridOfRow.map { column in rows.map { column[$0] } }
        part.changes = changes?.selecting(rows)
        part.signs = signs.map { column in rows.map { column[$0] } }
        return part
    }

    /// View class of each row.
    public func viewClasses() -> [Int] { angles.map(ViewClass.index) }

    /// Origins in pixels.
    public var originsInPixels: [SIMD2<Double>] { origins.map { $0 / pixelSize } }

    /// Box and pixel size of a row's image as stored.
    public func grid(_ row: Int) -> ImageGrid { grids[gridOfRow?[row] ?? 0] }

    /// Pixels of a row's image as stored, times its sign, in the box of its grid.
    /// - Throws: `DataError` where the stack cannot be read.
    public func readImage(_ row: Int, into buffer: UnsafeMutableBufferPointer<Float>) throws(DataError) {
        try stacks[Int(images[row].stack)].stack.read(Int(images[row].index), into: buffer)
        if let signs, signs[row] < 0 { for pixel in buffer.indices { buffer[pixel] = -buffer[pixel] } }
    }
}

/// A stack of images that rows of a particle set refer to.
public struct ParticleStack: Sendable {
    /// The path as the table has it.
    public let reference: String
    /// The path that was opened.
    public let path: String
    public let stack: MRCStack
}

/// The place of an image: a stack of the particle set and the image in it, both from 0.
public struct ImageReference: Sendable, Equatable, Hashable {
    public var stack: Int32
    public var index: Int32

    public init(stack: Int, index: Int) {
        self.stack = Int32(stack)
        self.index = Int32(index)
    }
}
