import CryoIO
import Foundation
import TestSupport
import Testing

@testable import CryoEM

@Suite struct ParticleCheckTests {
    private func check(
        _ fixture: ParticleFixture, _ text: String,
        _ change: (inout ParticleCheck.Settings) -> Void = { _ in }
    ) throws -> ParticleCheck {
        var settings = ParticleCheck.Settings()
        change(&settings)
        return ParticleCheck(path: try fixture.folder.write(text, "particles.star"), settings: settings)
    }

    /// Kind and row of each fault of a severity.
    private func faults(_ check: ParticleCheck, _ severity: Fault.Severity) -> [String] {
        check.faults.faults.filter { $0.severity == severity }.map { fault in
            guard case .row(let row) = fault.error.location else { return fault.kind.rawValue }
            return "\(fault.kind.rawValue) \(row)"
        }
    }

    /// Images in which a disc of a quarter of the box's width is brighter by `height`.
    private func stack(_ fixture: ParticleFixture, _ count: Int, height: Float = 1) throws {
        let box = fixture.box
        try fixture.stack("particles.mrcs", count) { _, image in
            for y in 0..<box {
                for x in 0..<box where (y - box / 2) * (y - box / 2) + (x - box / 2) * (x - box / 2) < 9 {
                    image[y * box + x] += height
                }
            }
        }
    }

    private func centred(_ columns: inout [String], _ rows: inout [[String]]) {
        for row in rows.indices { (rows[row][4], rows[row][5]) = ("0", "0") }
    }

    @Test func aSoundSetHasNoErrors() throws {
        var fixture = try ParticleFixture()
        fixture.box = 16
        try stack(fixture, 60)
        let found = try check(fixture, fixture.star31(60, change: centred))
        #expect(found.faults.errorCount == 0, "\(found.faults.faults)")
        #expect(found.particles == 60 && found.stacks == 1 && found.box == 16 && found.pixelSize == 2)
        #expect(found.opticsGroups.map(\.particles) == [60])
        #expect(found.pixels?.images == 60 && (found.pixels?.contrast ?? 0) > 0.2)
        #expect(found.views?.counts.reduce(0, +) == 60)
    }

    @Test func everyFaultIsListedWithItsRow() throws {
        let fixture = try ParticleFixture()
        try fixture.stack("particles.mrcs", 12) { k, image in
            if k == 9 { image[3] = .nan }
            if k == 10 { image = image.map { _ in 4 } }
        }
        try fixture.stack("small.mrcs", 2, box: 6)
        let text = fixture.star31(12) { _, rows in
            rows[1][1] = "nan"
            rows[2][6] = "12k"
            rows[3][0] = "0@particles.mrcs"
            rows[4][0] = "000099@particles.mrcs"
            rows[5][0] = "000001@lost.mrcs"
            rows[6][0] = "000002@small.mrcs"
            rows[7][10] = "7"
        }
        let found = try check(fixture, text)
        let wanted = [
            "number 2", "number 3", "name 4", "stack 5", "stack 6", "stack 7", "optics 8", "pixels 10",
            "pixels 11",
        ]
        #expect(Set(faults(found, .error)).isSuperset(of: wanted), "\(faults(found, .error))")
        #expect(found.faults.errorCount == wanted.count, "\(faults(found, .error))")
        for fault in found.faults.faults {
            #expect(fault.error.remedy != nil && fault.error.file != nil, "\(fault.error)")
        }
    }

    @Test func imagesOfSeveralGridsAreToldAndReadInTheirBoxes() throws {
        let fixture = try ParticleFixture()
        try fixture.stack("particles.mrcs", 6)
        try fixture.stack("large.mrcs", 6, box: 12)
        let optics = [
            ["1", "a", "300", "2.7", "0.1", "2.0", "8"], ["2", "b", "300", "2.7", "0.1", "1.5", "12"],
        ]
        let found = try check(
            fixture,
            fixture.star31(12, optics: optics) { _, rows in
                for row in 6..<12 { (rows[row][0], rows[row][10]) = ("\(row - 5)@large.mrcs", "2") }
            })
        #expect(found.faults.errorCount == 0, "\(found.faults.faults)")
        #expect(faults(found, .warning).contains("pixelSize"))
        #expect(found.box == 8 && found.pixelSize == 2 && found.pixels?.images == 12)
    }

    @Test func missingColumnsAreAllNamed() throws {
        let fixture = try ParticleFixture()
        try fixture.stack("particles.mrcs", 4)
        let text = fixture.star31(4) { columns, _ in
            columns[2] = "someTilt"
            columns[6] = "someDefocus"
        }
        let errors = try check(fixture, text).faults.faults.filter { $0.severity == .error }
        #expect(errors.map(\.error.wanted) == ["_rlnAngleTilt", "_rlnDefocusU"])
    }

    @Test func valuesOutOfRangeAreFaults() throws {
        let fixture = try ParticleFixture()
        try fixture.stack("particles.mrcs", 6)
        let optics = [["1", "g", "3", "2.7", "1.5", "2.0", "8"], ["1", "h", "300", "2.7", "0.1", "2.0", "8"]]
        let found = try check(fixture, fixture.star31(6, optics: optics) { _, rows in rows[3][6] = "-9000" })
        // A voltage of 3 kV and an amplitude contrast of 1.5 are errors; overfocus and a group named twice
        // are worth a look.
        #expect(faults(found, .error) == ["range 1", "range 1"])
        #expect(Set(faults(found, .warning)).isSuperset(of: ["range 4", "optics 2"]))
    }

    @Test func repeatedImagesAreTold() throws {
        let fixture = try ParticleFixture()
        try fixture.stack("particles.mrcs", 6)
        let found = try check(
            fixture,
            fixture.star31(6) { _, rows in
                rows[4] = rows[1]
                rows[5][0] = rows[2][0]
            })
        #expect(found.repeatedImages == 2)
        let repeats = found.faults.faults.filter { $0.kind == .duplicate }
        #expect(
            repeats.contains { $0.error.location == .row(5) && $0.error.found?.contains("row 2") == true })
        #expect(repeats.contains { $0.error.problem.contains("different poses") })
    }

    @Test func placesOnTheMicrographShowRepeatsUnderOtherNames() throws {
        let fixture = try ParticleFixture()
        try fixture.stack("particles.mrcs", 4)
        let found = try check(
            fixture,
            fixture.star31(4) { columns, rows in
                columns += ["rlnCoordinateX", "rlnCoordinateY"]
                for row in rows.indices { rows[row] += ["\(100 * (row / 2))", "55"] }
            })
        #expect(
            faults(found, .warning).filter { $0.hasPrefix("duplicate") } == ["duplicate 2", "duplicate 4"])
    }

    @Test(arguments: [false, true]) func contrastSignIsFoundWithCircleAndMask(_ masked: Bool) throws {
        var fixture = try ParticleFixture()
        fixture.box = 16
        try stack(fixture, 80, height: -1)
        let mask = fixture.folder.file("mask.mrc")
        try SolventMask(sphere: 6, side: 16, pixelSize: 2, edge: 1).map.write(to: mask)
        let found = try check(fixture, fixture.star31(80, change: centred)) {
            $0.mask = masked ? mask : nil
        }
        #expect(faults(found, .warning).contains("contrast"))
        let pixels = try #require(found.pixels)
        // The circle of three quarters of the box dilutes the disc; the mask fits it.
        #expect(pixels.contrast < (masked ? -0.4 : -0.15) && pixels.contrast > -1.2, "\(pixels.contrast)")
        let turned = try check(fixture, fixture.star31(80, change: centred)) { $0.invert = true }
        #expect(!faults(turned, .warning).contains("contrast"))
    }

    @Test func strangeImagesAreOutliers() throws {
        let fixture = try ParticleFixture()
        try fixture.stack("particles.mrcs", 100) { k, image in
            if k == 20 { image = image.map { 40 * $0 } }
            if k == 30 { image = image.map { $0 + 60 } }
        }
        let found = try check(fixture, fixture.star31(100))
        let rows = Set(faults(found, .warning).filter { $0.hasPrefix("outlier") })
        #expect(rows == ["outlier 21", "outlier 31"])
    }

    @Test func aSampleReadsThatManyImagesAndNoneReadsNone() throws {
        let fixture = try ParticleFixture()
        try fixture.stack("particles.mrcs", 50)
        #expect(try check(fixture, fixture.star31(50)) { $0.sample = 7 }.pixels?.images == 7)
        #expect(try check(fixture, fixture.star31(50)) { $0.sample = 0 }.pixels == nil)
    }

    @Test func aLimitKeepsTheListShortAndCountsAll() throws {
        let fixture = try ParticleFixture()
        try fixture.stack("particles.mrcs", 30)
        let found = try check(fixture, fixture.star31(30) { _, rows in
            for row in rows.indices { rows[row][1] = "inf" }
        }) { $0.limit = 3 }
        #expect(faults(found, .error) == ["number 1", "number 2", "number 3"])
        #expect(found.faults.errorCount == 30)
        #expect(found.faults.unlisted.map(\.count) == [27])
    }

    @Test func whatIsNoSTARFileIsOneFault() throws {
        let fixture = try ParticleFixture()
        #expect(try faults(check(fixture, "hello"), .error) == ["file"])
        #expect(try faults(check(fixture, "data_\n\nloop_\n_rlnVoltage\n"), .error) == ["file"])
    }

    @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
    func realSetsAreRead() throws {
        for name in ["relion31.star", "empiar_10076_7.star", "toy_projections.star"] {
            let path = try #require(SharedData.path("formats/\(name)"))
            let found = ParticleCheck(path: path)
            #expect(found.particles > 0, "\(name)")
            #expect(!found.faults.faults.contains { $0.kind == .number }, "\(name): \(found.faults.faults)")
        }
        let table = try #require(SharedData.path("formats/cryosparc_P12_J24_001_particles.cs"))
        #expect(ParticleCheck(path: table).particles > 0)
    }
}

@Suite struct ViewCoverageTests {
    private func angles(_ count: Int, tilt: (Double) -> Double) -> [SIMD3<Double>] {
        var random = SeededGenerator(seed: 5)
        return (0..<count).map { _ in
            let rot = Double.random(in: 0..<360, using: &random)
            let height = Double.random(in: 0..<1, using: &random)
            return SIMD3(rot, tilt(height), 0)
        }
    }

    @Test func evenViewsFillAllClassesEvenly() {
        let even = ViewCoverage(angles(50_000) { acos(1 - 2 * $0) * 180 / .pi })
        #expect(even.covered == 1 && even.effectiveClasses > 47.5 && even.samplingFactor > 0.9)
        #expect(even.classes.reduce(0, +) == 50_000)
        #expect(even.poorClasses(least: 5) == (0, 0))
        for (index, angle) in angles(300, tilt: { 180 * $0 }).enumerated() {
            let one = ViewCoverage([angle])
            #expect(
                one.classes.firstIndex(of: 1)
                    == ViewClass.index(EulerAngles(rot: angle.x, tilt: angle.y, psi: 0)), "\(index)")
        }
    }

    @Test func topViewsAloneAreTold() {
        let top = ViewCoverage(angles(5000) { 8 * $0 })
        #expect(top.effectiveClasses < 5 && top.samplingFactor == 0 && top.covered < 0.1)
        // A ring of side views sees every direction.
        let side = ViewCoverage(angles(5000) { 85 + 10 * $0 })
        #expect(side.samplingFactor > 0.3)
    }

    @Test func thePictureIsAnEllipseWithMeanOne() {
        let width = 400
        let picture = ViewCoverage(angles(200_000) { acos(1 - 2 * $0) * 180 / .pi }).picture(width: width)
        let inside = picture.filter(\.isFinite)
        let share = Double(inside.count) / Double(picture.count)
        let mean = Double(inside.reduce(0, +)) / Double(inside.count)
        #expect(abs(share - Double.pi / 4) < 0.01)
        #expect(abs(mean - 1) < 0.02)
        #expect(picture[0].isNaN && picture[width / 2].isFinite)
    }
}
