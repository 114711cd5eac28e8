/// Box and pixel size of images as they are stored.
public struct ImageGrid: Sendable, Equatable, Hashable {
    /// Pixels along an edge, even.
    public var box: Int
    /// Angstrom per pixel.
    public var pixelSize: Double

    public init(box: Int, pixelSize: Double) { (self.box, self.pixelSize) = (box, pixelSize) }

    /// Length of an edge, Angstrom.
    public var extent: Double { Double(box) * pixelSize }
}

/// The grids of a particle set. Pixel sizes that differ by less than one part in 10,000 count as one.
struct ImageGrids {
    /// All grids, the common one first: that of the coarsest pixels, at whose frequencies every image has
    /// signal, and of several such that of the largest box.
    let all: [ImageGrid]
    /// Place in `all` of each row; nil where there is one grid.
    let rows: [Int]?

    /// - Parameters:
    ///   - boxes: of each row's stack.
    ///   - pixelSizes: of each row.
    init(boxes: [Int], pixelSizes: [Double]) {
        var found: [ImageGrid] = [], places: [Int] = []
        places.reserveCapacity(boxes.count)
        for (box, size) in zip(boxes, pixelSizes) {
            let known = found.firstIndex { $0.box == box && abs($0.pixelSize - size) <= 1e-4 * size }
            if known == nil { found.append(ImageGrid(box: box, pixelSize: size)) }
            places.append(known ?? found.count - 1)
        }
        let order = found.indices.sorted { a, b in
            let (p, q) = (found[a], found[b])
            return abs(p.pixelSize - q.pixelSize) > 1e-4 * p.pixelSize
                ? p.pixelSize > q.pixelSize : p.box > q.box
        }
        var ranks = order
        for (rank, place) in order.enumerated() { ranks[place] = rank }
        all = order.map { found[$0] }
        rows = found.count > 1 ? places.map { ranks[$0] } : nil
    }
}
