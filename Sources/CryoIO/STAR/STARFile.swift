/// A STAR file of RELION 3.0 to 5: data blocks in order.
///
/// Both generations are read the same way: 3.0 has one block, often a bare `data_`, and 3.1 and later have
/// `data_optics` beside `data_particles`.
public struct STARFile: Sendable {
    public var blocks: [STARBlock]

    public init(blocks: [STARBlock]) { self.blocks = blocks }

    /// Reads a file.
    /// - Throws: `DataError` with line or row where the file is missing or malformed.
    public init(path: String) throws(DataError) {
        try self.init(bytes: try FileBytes.read(path), file: path)
    }

    /// Reads text that is already in memory.
    /// - Parameter file: the name that errors give.
    public init(text: String, file: String) throws(DataError) {
        try self.init(bytes: Array(text.utf8), file: file)
    }

    init(bytes: [UInt8], file: String) throws(DataError) {
        var parser = STARParser(text: bytes, file: file)
        blocks = try parser.parse()
    }

    /// The first block of that name, without `data_`. Setting replaces or adds it; nil removes it.
    public subscript(block name: String) -> STARBlock? {
        get { blocks.first { $0.name == name } }
        set {
            let place = blocks.firstIndex { $0.name == name }
            switch (place, newValue) {
            case (let place?, let block?): blocks[place] = block
            case (let place?, nil): blocks.remove(at: place)
            case (nil, let block?): blocks.append(block)
            case (nil, nil): break
            }
        }
    }
}
