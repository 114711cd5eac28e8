import CryoEM
import Foundation

/// A chain of beads that fills a union of spheres without touching itself: a stand-in for a folded protein
/// domain.
///
/// A walk steps 3.8 A (the distance of neighbouring alpha carbons); where it is stuck a new strand begins
/// elsewhere.
struct SelfAvoidingWalk {
    struct Sphere {
        var centre: SIMD3<Double>
        var radius: Double
    }

    /// Angstrom between neighbours along a strand.
    static let step = 3.8
    /// Angstrom below which two beads touch.
    static let clash = 3.6

    private let spheres: [Sphere]
    private let corner: SIMD3<Double>
    private let side: (x: Int, y: Int, z: Int)
    /// Chained cells: the first bead of a cell and, for each bead, the next one of its cell; -1 ends a chain.
    private var firstInCell: [Int32]
    private var nextInCell: [Int32] = []
    private(set) var beads: [SIMD3<Double>] = []
    private var clashSquared = clash * clash

    /// Places `count` beads; the least distance shrinks by 5 % after every 2000 strands that found no room,
    /// so the walk always ends.
    init(count: Int, in spheres: [Sphere], generator: inout CounterRandom.Generator) {
        self.spheres = spheres
        let low = spheres.map { $0.centre - $0.radius }.reduce(SIMD3(repeating: .infinity)) {
            pointwiseMin($0, $1)
        }
        let high = spheres.map { $0.centre + $0.radius }.reduce(SIMD3(repeating: -.infinity)) {
            pointwiseMax($0, $1)
        }
        corner = low - 2 * Self.clash
        let cells = (high - corner) / Self.clash + 3
        side = (Int(cells.x), Int(cells.y), Int(cells.z))
        firstInCell = Array(repeating: -1, count: side.x * side.y * side.z)
        beads.reserveCapacity(count)
        var head: SIMD3<Double>?
        var strands = 0
        while beads.count < count {
            if let bead = candidate(after: head, generator: &generator) {
                add(bead)
                head = bead
            } else {
                head = nil
                strands += 1
                if strands % 2000 == 0 { clashSquared *= 0.95 * 0.95 }
            }
        }
    }

    /// A free place one step from `head`, or anywhere in the spheres if there is none; nil after 64 attempts.
    private func candidate(
        after head: SIMD3<Double>?, generator: inout CounterRandom.Generator
    ) -> SIMD3<Double>? {
        for _ in 0..<64 {
            let place: SIMD3<Double>
            if let head {
                place = head + Self.step * generator.direction()
            } else {
                let sphere = spheres[Int(generator.uniform() * Double(spheres.count))]
                place = sphere.centre + sphere.radius * generator.pointInBall()
            }
            if isInside(place) && isFree(place) { return place }
        }
        return nil
    }

    private func isInside(_ p: SIMD3<Double>) -> Bool {
        spheres.contains { sphere in
            let d = p - sphere.centre
            return d.dot(d) <= sphere.radius * sphere.radius
        }
    }

    private func cell(_ p: SIMD3<Double>) -> SIMD3<Int> {
        let c = (p - corner) / Self.clash
        return SIMD3(Int(c.x), Int(c.y), Int(c.z))
    }

    private func isFree(_ p: SIMD3<Double>) -> Bool {
        let home = cell(p)
        for z in home.z - 1...home.z + 1 {
            for y in home.y - 1...home.y + 1 {
                for x in home.x - 1...home.x + 1 {
                    var bead = firstInCell[(z * side.y + y) * side.x + x]
                    while bead >= 0 {
                        let d = beads[Int(bead)] - p
                        if d.dot(d) < clashSquared { return false }
                        bead = nextInCell[Int(bead)]
                    }
                }
            }
        }
        return true
    }

    private mutating func add(_ p: SIMD3<Double>) {
        let home = cell(p)
        let index = (home.z * side.y + home.y) * side.x + home.x
        nextInCell.append(firstInCell[index])
        firstInCell[index] = Int32(beads.count)
        beads.append(p)
    }
}
