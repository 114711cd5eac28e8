import CryoIO

/// Which pixels of an image a mask covers at a pose, on a grid coarse enough to be drawn for every particle.
struct Silhouette: Sendable {
    /// Cells along an edge.
    private let side: Int
    /// Angstrom along a cell's edge.
    private let step: Double
    /// Points of the mask's surface half a cell apart, Angstrom about the box centre: close enough to leave no
    /// holes when they are turned. A line through the mask passes its surface, so the inside is not wanted.
    private let points: [SIMD3<Float>]

    /// - Parameter mask: of the particles' box.
    init(_ mask: SolventMask) throws(DataError) {
        side = min(mask.side, 40)
        step = mask.pixelSize * Double(mask.side) / Double(side)
        let n = 2 * side
        let fine = try mask.resampled(side: n, pixelSize: step / 2)
        let values = fine.map.values
        func isInside(_ x: Int, _ y: Int, _ z: Int) -> Bool {
            let range = 0..<n
            return range ~= x && range ~= y && range ~= z && values[(z * n + y) * n + x] > 0.5
        }
        var points: [SIMD3<Float>] = []
        for index in values.indices where values[index] > 0.5 {
            let (x, y, z) = (index % n, index / n % n, index / (n * n))
            let isDeep = (0..<27).allSatisfy { isInside(x + $0 % 3 - 1, y + $0 / 3 % 3 - 1, z + $0 / 9 - 1) }
            if !isDeep {
                points.append((SIMD3(Float(x), Float(y), Float(z)) - Float(n / 2)) * Float(step / 2))
            }
        }
        self.points = points
    }

    /// The columns of each row of an image that are covered; the particle lies at `centre`, Angstrom from the
    /// box centre.
    func columns(
        _ angles: SIMD3<Double>, centre: SIMD2<Double>, box: Int, pixelSize: Double
    ) -> (_ row: Int) -> [Range<Int>] {
        let cells = cells(angles, centre: centre)
        let cellOfPixel = (0..<box).map { pixel in
            let place = Double(pixel - box / 2) * pixelSize / step + Double(side / 2)
            return min(side - 1, max(0, Int(place.rounded())))
        }
        /// For each cell the first pixel that lies in it or in a later one.
        var firstPixel = [Int](repeating: box, count: side + 1)
        var pixel = 0
        for cell in 0..<side {
            while pixel < box, cellOfPixel[pixel] < cell { pixel += 1 }
            firstPixel[cell] = pixel
        }
        return { row in
            let first = cellOfPixel[row] * side
            var ranges: [Range<Int>] = []
            var open: Int?
            for cell in 0...side {
                let isCovered = cell < side && cells[first + cell]
                if isCovered, open == nil { open = firstPixel[cell] }
                if !isCovered, let start = open {
                    if start < firstPixel[cell] { ranges.append(start..<firstPixel[cell]) }
                    open = nil
                }
            }
            return ranges
        }
    }

    /// The cells covered, `[side][side]`.
    private func cells(_ angles: SIMD3<Double>, centre: SIMD2<Double>) -> [Bool] {
        let rotation = Rotation(EulerAngles(rot: angles.x, tilt: angles.y, psi: angles.z))
        let row0 = SIMD3<Float>(rotation.row0) / Float(step)
        let row1 = SIMD3<Float>(rotation.row1) / Float(step)
        // Half a cell more, so that cutting off rounds to the nearest.
        let x0 = Float(centre.x / step + Double(side / 2) + 0.5)
        let y0 = Float(centre.y / step + Double(side / 2) + 0.5)
        var cells = [Bool](repeating: false, count: side * side)
        for point in points {
            let x = (row0 * point).sum() + x0
            let y = (row1 * point).sum() + y0
            guard x > 0, x < Float(side), y > 0, y < Float(side) else { continue }
            cells[Int(y) * side + Int(x)] = true
        }
        return cells
    }
}
