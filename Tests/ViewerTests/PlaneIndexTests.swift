import TestSupport
import Testing

@testable import Viewer

@Suite struct PlaneIndexTests {
    @Test(arguments: [1, 2, 7, 500]) func findsWhatASearchOfAllPointsFinds(count: Int) {
        var random = SeededGenerator(seed: UInt64(count))
        let x = random.normals(count)
        let y = random.normals(count)
        let index = PlaneIndex(x: x, y: y)
        for place in [SIMD2<Float>(0, 0), SIMD2(1.5, -2), SIMD2(40, 1), SIMD2(-3, -90)] {
            let wanted = x.indices.map { point -> (Float, Int) in
                let d = SIMD2(x[point], y[point]) - place
                return (d.x * d.x + d.y * d.y, point)
            }.sorted { $0 < $1 }.prefix(5)
            let found = index.nearest(5, to: place)
            #expect(found.map(\.point) == wanted.map(\.1))
        }
    }

    @Test func pointsOnALineAndOnOnePlaceAreFound() {
        let line = PlaneIndex(x: (0..<100).map { Float($0) }, y: [Float](repeating: 2, count: 100))
        #expect(line.nearest(3, to: SIMD2(50.2, 2)).map(\.point) == [50, 51, 49])
        let heap = PlaneIndex(x: [Float](repeating: 1, count: 9), y: [Float](repeating: 1, count: 9))
        #expect(heap.nearest(4, to: SIMD2(7, 7)).map(\.point) == [0, 1, 2, 3])
    }

    @Test func aPathIsWalkedEvenly() {
        let line = [SIMD2<Float>(0, 0), SIMD2(3, 0), SIMD2(3, 1)]
        let places = Plane.places(along: line, count: 5)
        #expect(places == [SIMD2(0, 0), SIMD2(1, 0), SIMD2(2, 0), SIMD2(3, 0), SIMD2(3, 1)])
    }
}
