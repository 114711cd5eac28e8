import CryoIO
import Foundation
import TestSupport
import Testing

@Suite struct MaskTests {
    /// A ball of density 2 and 5 voxels radius about the centre of a box of 32 voxels of 4 A.
    private func ball(_ folder: TemporaryFolder) throws {
        var map = DensityMap(cube: [Float](repeating: 0, count: 32 * 32 * 32), side: 32, pixelSize: 4)
        for z in 0..<32 {
            for y in 0..<32 {
                for x in 0..<32 where (x - 16) * (x - 16) + (y - 16) * (y - 16) + (z - 16) * (z - 16) <= 25 {
                    map.values[(z * 32 + y) * 32 + x] = 2
                }
            }
        }
        try map.write(to: folder.file("ball.mrc"))
    }

    private func made(_ options: String) throws -> (map: DensityMap, facts: [String: Any]) {
        let folder = try TemporaryFolder()
        try ball(folder)
        let facts = try Program.json(words("mask ball.mrc --output m.mrc " + options), in: folder.path)
        return (try DensityMap.read(folder.file("m.mrc")), facts)
    }

    @Test func thresholdExtendAndEdgeAreThoseOfRELION() throws {
        let (map, facts) = try made("--threshold 1 --extend 2 --edge 4")
        func value(_ x: Int) -> Float { map.values[(16 * 32 + 16) * 32 + 16 + x] }
        #expect(value(6) == 1 && value(11) == 0)
        #expect((1...4).allSatisfy { value(6 + $0) < value(5 + $0) })
        #expect(facts["margin"] as? Int == 7 && facts["side"] as? Int == 32)
        let (same, _) = try made("--ini_threshold 1 --extend_inimask 8A --width_soft_edge 16A")
        #expect(same == map)
    }

    @Test func withoutThresholdTheMaskIsDrawnAroundTheParticle() throws {
        let (map, facts) = try made("")
        #expect(map.values[(16 * 32 + 16) * 32 + 16] == 1 && map.values[0] == 0)
        let radius = try #require(facts["radius"] as? Double)
        #expect(radius > 20 && radius < 60)
        let (wide, _) = try made("--extend 24A --edge 8A")
        #expect(wide.values.reduce(0, +) > map.values.reduce(0, +))
    }

    @Test func lowPassComesFirst() throws {
        let (sharp, _) = try made("--threshold 1.2 --extend 0 --edge 0")
        let (smooth, _) = try made("--threshold 1.2 --extend 0 --edge 0 --lowpass 40")
        #expect(smooth != sharp)
    }

    @Test func wordsTellSizeAndMargin() throws {
        let folder = try TemporaryFolder()
        try ball(folder)
        let outcome = try Program.run(
            words("mask ball.mrc --output m.mrc --threshold 1 --extend 20"), in: folder.path)
        #expect(outcome.status == 0 && outcome.output.hasPrefix("m.mrc: 32^3 voxels at 4.00 A"))
        #expect(outcome.error.contains("touches the faces"))
    }

    @Test(arguments: [
        BadInput("no such map", "mask none.mrc --output m.mrc", "none.mrc"),
        BadInput("a map that is none", "mask text.mrc --output m.mrc", "text.mrc"),
        BadInput("an odd box", "mask odd.mrc --output m.mrc", "odd.mrc", "even"),
        BadInput("a map with NaN", "mask nan.mrc --output m.mrc", "nan.mrc", "no numbers"),
        BadInput("a map without pixel size", "mask size.mrc --output m.mrc", "size.mrc", "voxel size"),
        BadInput("a threshold above the map", "mask ball.mrc --threshold 9 --output m.mrc", "ball.mrc", "9"),
        BadInput("a threshold of nan", "mask ball.mrc --threshold nan --output m.mrc", "--threshold"),
        BadInput("a negative edge", "mask ball.mrc --edge=-3 --output m.mrc", "--edge", "-3"),
        BadInput("a filter of zero", "mask ball.mrc --lowpass 0 --output m.mrc", "--lowpass"),
        BadInput("no such folder", "mask ball.mrc --output none/m.mrc", "none/m.mrc"),
    ])
    func badInputIsNamedAndNothingIsWritten(_ bad: BadInput) throws {
        try bad.check { folder in
            try ball(folder)
            _ = try folder.write(Array("not a map".utf8), as: "text.mrc")
            try Fixture.noise(side: 9).write(to: folder.file("odd.mrc"))
            try Fixture.noise(side: 8, pixelSize: 0).write(to: folder.file("size.mrc"))
            var map = Fixture.noise(side: 8)
            map.values[77] = .nan
            try map.write(to: folder.file("nan.mrc"))
        }
    }

    @Test func lengthThatIsNoneIsAUsageError() throws {
        let folder = try TemporaryFolder()
        let outcome = try Program.run(words("mask ball.mrc --edge wide --output m.mrc"), in: folder.path)
        #expect(outcome.status == 64 && outcome.error.contains("wide"))
    }
}
