import CryoIO

/// Particle images with their poses, origins and transfer functions, in the order of the rows of their table.
///
/// Reading checks the metadata and the headers of the stacks; pixels are looked at when images are prepared.
public struct ParticleSet: Sendable {
    /// The STAR file the rows came from.
    public let file: String
    /// That file with all its columns; its rows are the rows of this set.
    public internal(set) var star: STARFile
    /// Name of the block that holds the particles, "" for a bare `data_`.
    public let blockName: String

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
    /// `rlnOpticsGroup` of each row; 1 where there are no optics groups.
    public internal(set) var opticsGroups: [Int]

    /// Pixels along an image's edge, even.
    public let box: Int
    /// Angstrom per pixel.
    public let pixelSize: Double
    /// What a user should look at, though it does not stop the work.
    public internal(set) var warnings: [String]

    /// Number of particles.
    public var count: Int { images.count }

    /// The given rows (from 0) in the given order, with all columns of the file.
    /// - Throws: `DataError` for a row that does not exist.
    public func selecting(_ rows: [Int]) throws(DataError) -> ParticleSet {
        var part = self
        part.star[block: blockName] = try star[block: blockName]?.selecting(rows: rows)
        part.images = rows.map { images[$0] }
        part.angles = rows.map { angles[$0] }
        part.origins = rows.map { origins[$0] }
        part.ctf = rows.map { ctf[$0] }
        part.micrographs = micrographs.map { column in rows.map { column[$0] } }
        part.randomSubset = randomSubset.map { column in rows.map { column[$0] } }
        part.groups = groups.map { column in rows.map { column[$0] } }
        part.opticsGroups = rows.map { opticsGroups[$0] }
        return part
    }

    /// View class of each row.
    public func viewClasses() -> [Int] { angles.map(ViewClass.index) }

    /// Origins in pixels.
    public var originsInPixels: [SIMD2<Double>] { origins.map { $0 / pixelSize } }

    /// Pixels of a row's image as stored, `[box][box]`.
    /// - Throws: `DataError` where the stack cannot be read.
    public func readImage(_ row: Int, into buffer: UnsafeMutableBufferPointer<Float>) throws(DataError) {
        try stacks[Int(images[row].stack)].stack.read(Int(images[row].index), into: buffer)
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
