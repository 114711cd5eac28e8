import CryoIO
import Foundation

/// A polygon drawn over a layout of codes.
struct Polygon {
    let corners: [SIMD2<Double>]

    /// - Parameter text: `x,y x,y x,y ...`
    init(_ text: String) throws(DataError) {
        var corners: [SIMD2<Double>] = []
        for part in text.split(whereSeparator: { $0 == " " || $0 == ";" }) {
            let numbers = part.split(separator: ",").map { Double($0) }
            guard numbers.count == 2, let x = numbers[0], let y = numbers[1], x.isFinite, y.isFinite else {
                throw DataError(
                    file: nil, "a corner of --polygon is no pair of numbers", found: "'\(part)'",
                    wanted: "x,y", remedy: "For example --polygon \"0,0 4,0 4,3\"")
            }
            corners.append(SIMD2(x, y))
        }
        guard corners.count >= 3 else {
            throw DataError(
                file: nil, "--polygon has too few corners", found: "\(corners.count)", wanted: "3 or more",
                remedy: "For example --polygon \"0,0 4,0 4,3\"")
        }
        self.corners = corners
    }

    /// Whether a ray from the point crosses the outline an odd number of times.
    func contains(_ point: SIMD2<Double>) -> Bool {
        var inside = false
        var previous = corners[corners.count - 1]
        for corner in corners {
            if (corner.y > point.y) != (previous.y > point.y) {
                let share = (point.y - corner.y) / (previous.y - corner.y)
                if point.x < corner.x + share * (previous.x - corner.x) { inside.toggle() }
            }
            previous = corner
        }
        return inside
    }
}
