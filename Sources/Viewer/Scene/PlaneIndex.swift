/// Finds the points nearest to a place of a plane: a grid of cells, few points in each.
struct PlaneIndex: Sendable {
    private let x: [Float]
    private let y: [Float]
    private let origin: SIMD2<Float>
    private let cell: Float
    private let columns: Int
    private let rows: Int
    /// Points by cell: those of cell c are `order[starts[c]..<starts[c + 1]]`.
    private let starts: [Int32]
    private let order: [Int32]
    private static let pointsPerCell = 4.0

    /// - Parameters: coordinates of the points, finite and equally many.
    init(x: [Float], y: [Float]) {
        (self.x, self.y) = (x, y)
        let low = SIMD2(x.min() ?? 0, y.min() ?? 0)
        let high = SIMD2(x.max() ?? 1, y.max() ?? 1)
        let span = SIMD2(max(high.x - low.x, 1e-6), max(high.y - low.y, 1e-6))
        let area = Double(span.x) * Double(span.y)
        // Points on a line must not make cells without end.
        let side = max(
            (area * Self.pointsPerCell / Double(max(1, x.count))).squareRoot(),
            Double(max(span.x, span.y)) / 2048)
        (origin, cell) = (low, Float(side))
        let (columns, rows) = (Int(span.x / Float(side)) + 1, Int(span.y / Float(side)) + 1)
        (self.columns, self.rows) = (columns, rows)
        var counts = [Int32](repeating: 0, count: columns * rows + 1)
        let cells = x.indices.map { Self.cell(x[$0], y[$0], low, Float(side), columns, rows) }
        for cell in cells { counts[cell + 1] += 1 }
        for place in 1..<counts.count { counts[place] += counts[place - 1] }
        starts = counts
        var order = [Int32](repeating: 0, count: x.count)
        var next = counts
        for (point, cell) in cells.enumerated() {
            order[Int(next[cell])] = Int32(point)
            next[cell] += 1
        }
        self.order = order
    }

    private static func cell(
        _ x: Float, _ y: Float, _ origin: SIMD2<Float>, _ side: Float, _ columns: Int, _ rows: Int
    ) -> Int {
        let column = min(columns - 1, max(0, Int((x - origin.x) / side)))
        let row = min(rows - 1, max(0, Int((y - origin.y) / side)))
        return row * columns + column
    }

    /// The `count` points nearest to a place, nearest first, with squared distances.
    func nearest(_ count: Int, to place: SIMD2<Float>) -> [(point: Int, squared: Float)] {
        let wanted = min(count, x.count)
        var found: [(point: Int, squared: Float)] = []
        let home = Self.cell(place.x, place.y, origin, cell, columns, rows)
        let (homeColumn, homeRow) = (home % columns, home / columns)
        for ring in 0..<max(columns, rows) {
            visit(ring: ring, column: homeColumn, row: homeRow) { point in
                let d = SIMD2(x[point], y[point]) - place
                found.append((point, d.x * d.x + d.y * d.y))
            }
            guard found.count >= wanted else { continue }
            found.sort { ($0.squared, $0.point) < ($1.squared, $1.point) }
            found.removeLast(found.count - wanted)
            // No point of the rings to come is nearer than their inner edge.
            let edge = reach(of: ring, column: homeColumn, row: homeRow, from: place)
            if let last = found.last, last.squared <= edge * edge { break }
        }
        return found.sorted { ($0.squared, $0.point) < ($1.squared, $1.point) }
    }

    /// The least distance from a place to a cell outside the square of rings 0 to `ring`.
    private func reach(of ring: Int, column: Int, row: Int, from place: SIMD2<Float>) -> Float {
        let low = origin + SIMD2(Float(column - ring), Float(row - ring)) * cell
        let high = origin + SIMD2(Float(column + ring + 1), Float(row + ring + 1)) * cell
        var distances: [Float] = []
        if column - ring > 0 { distances.append(place.x - low.x) }
        if row - ring > 0 { distances.append(place.y - low.y) }
        if column + ring < columns - 1 { distances.append(high.x - place.x) }
        if row + ring < rows - 1 { distances.append(high.y - place.y) }
        return max(0, distances.min() ?? .greatestFiniteMagnitude.squareRoot())
    }

    private func visit(ring: Int, column: Int, row: Int, _ body: (Int) -> Void) {
        for r in max(0, row - ring)...min(rows - 1, row + ring) where row - ring...row + ring ~= r {
            let isEdge = abs(r - row) == ring
            let wanted = isEdge ? Array(column - ring...column + ring) : [column - ring, column + ring]
            for c in Set(wanted) where 0..<columns ~= c {
                let place = r * columns + c
                for k in starts[place]..<starts[place + 1] { body(Int(order[Int(k)])) }
            }
        }
    }
}
