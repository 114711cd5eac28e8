import CryoIO

/// How much of a part of a model runs into the rest.
struct Overlap {
    /// Angstrom below which two atoms touch.
    static let reach = 2.5
    /// Share of the part's atoms that touch one of the others.
    let share: Double

    init(of part: AtomSelection, in model: AtomModel) throws(DataError) {
        let inside = Set(try part.indices(in: model))
        var cells: [SIMD3<Int32>: [SIMD3<Double>]] = [:]
        for (index, place) in model.positions.enumerated() where !inside.contains(index) {
            cells[Self.cell(place), default: []].append(place)
        }
        let touching = inside.count { Self.touches(model.positions[$0], cells) }
        share = Double(touching) / Double(max(inside.count, 1))
    }

    private static func cell(_ place: SIMD3<Double>) -> SIMD3<Int32> {
        let scaled = (place / reach).rounded(.down)
        return SIMD3(Int32(scaled.x), Int32(scaled.y), Int32(scaled.z))
    }

    private static func touches(_ place: SIMD3<Double>, _ cells: [SIMD3<Int32>: [SIMD3<Double>]]) -> Bool {
        let home = cell(place)
        for z: Int32 in -1...1 {
            for y: Int32 in -1...1 {
                for x: Int32 in -1...1 {
                    for other in cells[home &+ SIMD3(x, y, z)] ?? [] {
                        let d = other - place
                        if d.dot(d) < reach * reach { return true }
                    }
                }
            }
        }
        return false
    }
}
