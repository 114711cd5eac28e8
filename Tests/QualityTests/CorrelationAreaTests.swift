import CryoIO
import Foundation
import TestSupport
import Testing

@testable import Quality

@Suite struct CorrelationAreaTests {
    @Test func trapezoidsAreAddedByHand() {
        // Steps of 0.25: (1 + 0.5)/2 and (0.5 + 0.2)/2, of magnitudes, with 1 at the frequency 0.
        #expect((CorrelationArea.area([0.3, -0.5, 0.2]) - 0.25 * (0.75 + 0.35)).magnitude < 1e-15)
        #expect(CorrelationArea.area([1, 1, 1, 1, 1]) == 0.5)
        #expect(CorrelationArea.area([1, 0, 0]) == 0.125)
    }

    /// Golden/make_areas.py.
    @Test func areasAreThoseOfScikitLearn() throws {
        struct Case: Decodable { let curve: [Double], area: Double }
        let url = try #require(
            Bundle.module.url(forResource: "areas", withExtension: "json", subdirectory: "Golden"))
        let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: url))
        #expect(cases.count == 3)
        for golden in cases { #expect((CorrelationArea.area(golden.curve) - golden.area).magnitude < 1e-12) }
    }

    @Test func equalMapsHaveOneHalfAndTheMaskDecides() throws {
        var random = SeededGenerator(seed: 2)
        let side = 16
        let a = DensityMap(cube: random.normals(side * side * side), side: side, pixelSize: 1)
        var b = DensityMap(cube: random.normals(side * side * side), side: side, pixelSize: 1)
        var mask = a
        for i in mask.values.indices {
            let inside = i / (side * side) >= side / 2
            mask.values[i] = inside ? 1 : 0
            if inside { b.values[i] = 3 * a.values[i] }
        }
        var all = mask
        all.values = Array(repeating: 1, count: all.values.count)
        #expect((try CorrelationArea.area(a, b, mask: mask) - 0.5).magnitude < 1e-6)
        #expect(try CorrelationArea.area(a, b, mask: all) < 0.45)
    }

    @Test func rowsGoThroughTheSetAtEvenSteps() {
        #expect(CorrelationArea.rows(4, of: 8) == [0, 2, 4, 6])
        #expect(CorrelationArea.rows(3, of: 8) == [0, 2, 5])
        #expect(CorrelationArea.rows(5, of: 2) == [0, 1])
    }
}
