import CryoIO
import Foundation
import TestSupport
import Testing

@testable import CryoEM

@Suite struct ParticleSetBadInputTests {
    private func fault(
        count: Int = 3, images: Int = 3, optics: [[String]]? = nil,
        reading: ParticleReading = ParticleReading(),
        change: (inout [String], inout [[String]]) -> Void = { _, _ in }
    ) throws -> String {
        let fixture = try ParticleFixture()
        try fixture.stack("particles.mrcs", images)
        let path = try fixture.folder.write(
            fixture.star31(count, optics: optics, change: change), "particles.star")
        return try #require(throws: DataError.self) { try ParticleSet(path: path, reading: reading) }
            .description
    }

    @Test func everyMissingColumnIsNamed() throws {
        let required = [
            "rlnImageName", "rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi", "rlnDefocusU", "rlnDefocusV",
            "rlnDefocusAngle",
        ]
        for label in required {
            let message = try fault { columns, _ in
                columns = columns.map { $0 == label ? "rlnElse" : $0 }
            }
            #expect(message.contains("_" + label), "\(message)")
        }
        let half = try fault { columns, _ in
            columns = columns.map { $0 == "rlnOriginYAngst" ? "rlnElse" : $0 }
        }
        #expect(half.contains("_rlnOriginYAngst"))
    }

    @Test func missingOriginsAreTakenAsCentredWithAWarning() throws {
        let fixture = try ParticleFixture()
        try fixture.stack("particles.mrcs", 2)
        let text = fixture.star31(2) { columns, _ in
            columns[4] = "rlnA"
            columns[5] = "rlnB"
        }
        let set = try ParticleSet(path: fixture.folder.write(text, "particles.star"))
        #expect(set.origins == [.zero, .zero])
        #expect(set.warnings.contains { $0.contains("origins") })
    }

    @Test func valuesThatAreNoNumbersAreNamedWithTheirRow() throws {
        for wrong in ["nan", "inf", "abc", "1e999", "0x10"] {
            let message = try fault { _, rows in rows[1][6] = wrong }
            #expect(
                message.contains("row 2") && message.contains("_rlnDefocusU") && message.contains(wrong),
                "\(message)")
        }
    }

    @Test func imagesBeyondTheStackAreNamedWithTheirRow() throws {
        let message = try fault(count: 4, images: 3)
        #expect(
            message.contains("row 4") && message.contains("image 4") && message.contains("1 to 3"),
            "\(message)")
    }

    @Test func badImageNamesAreNamedWithTheirRow() throws {
        for wrong in [
            "0@particles.mrcs", "x@particles.mrcs", "2@", "-1@particles.mrcs", "99999999999@particles.mrcs",
        ] {
            let message = try fault { _, rows in rows[2][0] = wrong }
            #expect(message.contains("row 3") && message.contains(wrong), "\(message)")
        }
    }

    @Test func missingStacksAreNamedWithThePlacesLookedAt() throws {
        let message = try fault { _, rows in rows[1][0] = "1@gone/away.mrcs" }
        #expect(
            message.contains("row 2") && message.contains("gone/away.mrcs") && message.contains("--datadir"))
    }

    @Test func truncatedStacksAreRefused() throws {
        let fixture = try ParticleFixture()
        let stack = try fixture.stack("particles.mrcs", 4)
        let whole = try Data(contentsOf: URL(fileURLWithPath: stack))
        try whole.prefix(1024 + 600).write(to: URL(fileURLWithPath: stack))
        let path = try fixture.folder.write(fixture.star31(4), "particles.star")
        let error = try #require(throws: DataError.self) { try ParticleSet(path: path) }
        #expect(error.description.contains("truncated"))
    }

    @Test func oddBoxesAndBoxesOtherThanTheFilesAreRefused() throws {
        let fixture = try ParticleFixture()
        try fixture.stack("particles.mrcs", 3)
        try fixture.stack("odd.mrcs", 3, box: 7)
        try fixture.stack("other.mrcs", 3, box: 10)
        for (name, words) in [("odd.mrcs", "odd"), ("other.mrcs", "wanted 10")] {
            let text = fixture.star31(3) { _, rows in rows[2][0] = "1@" + name }
            let path = try fixture.folder.write(text, "particles.star")
            let error = try #require(throws: DataError.self) { try ParticleSet(path: path) }
            #expect(error.description.contains(words) && error.description.contains(name), "\(error)")
        }
    }

    @Test func impossiblePixelSizesAreRefused() throws {
        for wrong in ["0", "-1.2", "51"] {
            let message = try fault(optics: [["1", "o", "300", "2.7", "0.1", wrong, "8"]])
            #expect(message.contains("pixel size") && message.contains("--pixel-size"), "\(message)")
        }
        let given = try fault(reading: ParticleReading(pixelSize: 70))
        #expect(given.contains("70"))
    }

    @Test func aPixelSizeOtherThanTheHeadersIsAWarning() throws {
        let fixture = try ParticleFixture()
        try fixture.stack("particles.mrcs", 2)
        let path = try fixture.folder.write(fixture.star31(2), "particles.star")
        #expect(try ParticleSet(path: path, reading: ParticleReading(pixelSize: 2.03)).warnings.isEmpty)
        let set = try ParticleSet(path: path, reading: ParticleReading(pixelSize: 2.5))
        #expect(set.pixelSize == 2.5)
        #expect(set.warnings.contains { $0.contains("header") && $0.contains("2.5") })
    }

    @Test func unknownOpticsGroupsAreNamed() throws {
        let unknown = try fault { _, rows in rows[2][10] = "9" }
        #expect(unknown.contains("row 3") && unknown.contains("9"), "\(unknown)")
    }

    @Test func impossibleOpticsAreRefused() throws {
        let cases = [
            (["1", "o", "300000", "2.7", "0.1", "2", "8"], "rlnVoltage"),
            (["1", "o", "300", "-1", "0.1", "2", "8"], "rlnSphericalAberration"),
            (["1", "o", "300", "2.7", "7", "2", "8"], "rlnAmplitudeContrast"),
            (["1", "o", "300", "2.7", "0.1", "2", "16"], "rlnImageSize"),
        ]
        for (row, label) in cases { #expect(try fault(optics: [row]).contains(label)) }
    }

    @Test func aFileWithoutParticlesIsRefused() throws {
        let fixture = try ParticleFixture()
        for text in [fixture.optics(), "", "data_\n\nloop_\n_rlnImageName #1\n"] {
            let path = try fixture.folder.write(text, "particles.star")
            #expect(throws: DataError.self) { try ParticleSet(path: path) }
        }
    }
}
