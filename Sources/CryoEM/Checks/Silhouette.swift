import CryoIO

/// Which pixels of an image a mask covers at a pose, on a grid coarse enough to be drawn for every particle.
struct Silhouette: Sendable {
    /// Cells along an edge.
    private let side: Int
    /// Angstrom along a cell's edge.
    private let step: Double
    /// Points inside the mask half a cell apart, Angstrom about the box centre: close enough to leave no
    /// holes when they are turned.
    private let points: [SIMD3<Double>]

    /// - Parameter mask: of the particles' box.
    init(_ mask: SolventMask) throws(DataError) {
        side = min(mask.side, 40)
        step = mask.pixelSize * Double(mask.side) / Double(side)
        let n = 2 * side
        let fine = try mask.resampled(side: n, pixelSize: step / 2)
        var points: [SIMD3<Double>] = []
        for (index, value) in fine.map.values.enumerated() where value > 0.5 {
            let place = SIMD3(Double(index % n), Double(index / n % n), Double(index / (n * n)))
            points.append((place - Double(n / 2)) * (step / 2))
        }
        self.points = points
    }

    /// The cells covered, `[side][side]`; the particle lies at `centre`, Angstrom from the box centre.
    func cells(_ angles: SIMD3<Double>, centre: SIMD2<Double>) -> [Bool] {
        let rotation = Rotation(EulerAngles(rot: angles.x, tilt: angles.y, psi: angles.z))
        var cells = [Bool](repeating: false, count: side * side)
        for point in points {
            let x = (dot(rotation.row0, point) + centre.x) / step + Double(side / 2)
            let y = (dot(rotation.row1, point) + centre.y) / step + Double(side / 2)
            let limit = Double(side) - 0.5
            guard x > -0.5, x < limit, y > -0.5, y < limit else { continue }
            cells[Int(y.rounded()) * side + Int(x.rounded())] = true
        }
        return cells
    }

    /// The cell of each pixel along an edge of a box.
    func cellOfPixel(box: Int, pixelSize: Double) -> [Int] {
        (0..<box).map { pixel in
            let place = Double(pixel - box / 2) * pixelSize / step + Double(side / 2)
            return min(side - 1, max(0, Int(place.rounded())))
        }
    }

    var width: Int { side }
}
