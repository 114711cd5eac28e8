import CryoIO
import Foundation
import TestSupport
import Testing

@testable import CryoEM

@Suite struct CryoSPARCTests {
    /// Compares a set with what cryoDRGN read from the same file.
    private func compare(
        _ angles: [EulerAngles], _ origins: [SIMD2<Double>], _ ctf: [CTFParameters], pixelSize: Double,
        _ golden: CryoSPARCGolden.Table
    ) {
        for (k, row) in golden.rows.enumerated() {
            let wanted = Rotation(rowMajor: golden.rotations[k])
            #expect(Rotation(angles[row]).angle(to: wanted) < 1e-3)
            let shift = SIMD2(golden.shifts[k][0], golden.shifts[k][1]) * pixelSize
            #expect(abs(origins[row].x - shift.x) < 1e-4 && abs(origins[row].y - shift.y) < 1e-4)
            let values = [
                ctf[row].defocusU, ctf[row].defocusV, ctf[row].defocusAngle, ctf[row].voltage,
                ctf[row].sphericalAberration, ctf[row].amplitudeContrast, ctf[row].phaseShift,
            ]
            for (value, other) in zip(values, golden.ctf[k].dropFirst(2)) {
                #expect(abs(value - other) <= 2e-6 * max(1, abs(other)), "row \(row)")
            }
        }
    }

    @Test func posesShiftsAndCTFAreThoseOfCryoDRGN() throws {
        let golden = try CryoSPARCGolden.load()
        let set = try CryoSPARCFixture().set("refinement.cs")
        compare(set.angles, set.origins, set.ctf, pixelSize: 1.5, golden.refinement)
        #expect(set.box == 8 && set.pixelSize == 1.5 && set.count == 6)
        #expect(set.images.map(\.stack) == [0, 0, 0, 0, 1, 1])
        #expect(set.images.map(\.index) == [0, 1, 2, 3, 1, 0])
        #expect(set.randomSubset == [1, 2, 1, 2, 1, 2])
        #expect(set.opticsGroups == [3, 3, 3, 3, 5, 5])
        #expect(set.classes == nil)
        #expect(set.warnings.contains { $0.contains("tilt_A") })
    }

    @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
    func aRealRefinementIsReadAsCryoDRGNReadsIt() throws {
        let path = try #require(SharedData.path("formats/cryosparc_P12_J24_001_particles.cs"))
        let table = try CryoSPARCTable(try StructuredArray(path: path), passthrough: [])
        let rows = try ParticleRows(table, reading: ParticleReading())
        compare(
            rows.angles, rows.origins, rows.ctf, pixelSize: 2.95, try CryoSPARCGolden.load().P12_J24)
        #expect(rows.count == 2019)
        #expect(rows.boxes?.values.allSatisfy { $0 == 180 } == true)
        #expect(rows.signs?.allSatisfy { $0 == -1 } == true)
    }

    @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
    func theSameParticlesInRELIONAndCryoSPARCHaveOneCTF() throws {
        let cs = try #require(SharedData.path("formats/empiar_10076_7.cs"))
        let table = try StructuredArray(path: cs)
        let star = try STARFile(path: try #require(SharedData.path("formats/empiar_10076_7.star"))).blocks[0]
        let columns = try OpticsColumns(particles: star, optics: nil, file: "star")
        let ctf = try ParticleRows.transferFunctions(try CryoSPARCTable(table, passthrough: []))
        for (a, b) in zip(try columns.transferFunctions(), ctf) {
            #expect(abs(a.defocusU - b.defocusU) < 0.01 && abs(a.defocusV - b.defocusV) < 0.01)
            #expect(abs(a.defocusAngle - b.defocusAngle) < 1e-4)
            #expect(a.voltage == b.voltage && abs(a.sphericalAberration - b.sphericalAberration) < 1e-6)
            #expect(abs(a.amplitudeContrast - b.amplitudeContrast) < 1e-6 && b.phaseShift == 0)
        }
        let sizes = try #require(try columns.statedPixelSizes()).values
        let stated = try table.doubles("blob/psize_A")
        #expect(zip(sizes, stated).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    @Test func darkImagesAreInvertedByTheirSign() throws {
        let set = try CryoSPARCFixture().set("refinement.cs")
        let stored = try set.stacks[1].stack.image(1)
        var read = [Float](repeating: 0, count: 64)
        try read.withUnsafeMutableBufferPointer { buffer throws(DataError) in
            try set.readImage(4, into: buffer)
        }
        #expect(read == stored.map { -$0 })
        #expect(set.signs == Array(repeating: -1, count: 6))
    }

    @Test func passthroughFilesAreJoinedByUID() throws {
        let fixture = try CryoSPARCFixture()
        let whole = try fixture.set("refinement.cs")
        let joined = try fixture.set("poses.cs", passthrough: ["passthrough.cs"])
        #expect(joined.ctf == whole.ctf && joined.angles == whole.angles && joined.origins == whole.origins)
        #expect(joined.uids == whole.uids)
        for row in 0..<6 {
            let (a, b) = (joined.images[row], whole.images[row])
            #expect(joined.stacks[Int(a.stack)].path == whole.stacks[Int(b.stack)].path && a.index == b.index)
        }
        let alone = try #require(throws: DataError.self) { try ParticleSet(path: fixture.job + "/poses.cs") }
        #expect(alone.description.contains("--passthrough"))
    }

    @Test func heterogeneousRefinementGivesThePoseOfTheMostProbableClass() throws {
        let golden = try CryoSPARCGolden.load()
        for (name, wanted) in [
            ("heterogeneous.cs", golden.heterogeneous), ("abinitio.cs", golden.abinitio),
        ] {
            let set = try CryoSPARCFixture().set(name)
            let classes = try #require(set.classes)
            #expect(classes.job == .heterogeneous && classes.count == wanted.probabilities[0].count)
            for row in 0..<6 {
                let best = wanted.probabilities[row].indices.max {
                    wanted.probabilities[row][$0] < wanted.probabilities[row][$1]
                }
                #expect(classes.labels[row] == best)
                let v = wanted.poses[row][best ?? 0]
                let matrix = Rotation(vector: SIMD3(v[0], v[1], v[2])).inverse
                #expect(Rotation(set.angles[row]).angle(to: matrix) < 1e-3)
                if let shift = wanted.shifts?[row][best ?? 0] {
                    #expect(abs(set.origins[row].x - 1.5 * shift[0]) < 1e-5)
                }
            }
            let part = try set.selecting([5, 2])
            #expect(part.classes?.labels == [classes.labels[5], classes.labels[2]])
        }
    }

    @Test func classificationKeepsThePosesOfItsRefinement() throws {
        let set = try CryoSPARCFixture().set("classification.cs")
        #expect(set.classes?.job == .classification && set.classes?.count == 4)
        #expect(set.classes?.probabilities.count == 24)
    }

    @Test func posesOf2DClassesAreRefusedWithTheRemedy() throws {
        let fixture = try CryoSPARCFixture()
        let error = try #require(throws: DataError.self) { try fixture.set("classes2D.cs") }
        #expect(error.description.contains("2D") && error.description.contains("3D refinement"))
    }

    @Test func selectionsKeepTypesUIDsAndBytes() throws {
        let fixture = try CryoSPARCFixture()
        let path = try fixture.table("refinement.cs")
        let set = try ParticleSet(path: path)
        let copy = fixture.job + "/copy.cs", part = fixture.job + "/part.cs"
        try set.write(to: copy)
        #expect(try Data(contentsOf: URL(filePath: copy)) == Data(contentsOf: URL(filePath: path)))
        try set.selecting([4, 1]).write(to: part)
        let again = try ParticleSet(path: part)
        let uids = try #require(set.uids)
        #expect(again.uids == [uids[4], uids[1]] && again.angles == [set.angles[4], set.angles[1]])
        guard case .cryoSPARC(let table) = again.source, case .cryoSPARC(let all) = set.source else {
            Issue.record("not a cryoSPARC table")
            return
        }
        #expect(table.fields == all.fields)
        #expect(throws: DataError.self) { try set.selecting([6]) }
    }
}
