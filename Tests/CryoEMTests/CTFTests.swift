import Foundation
import Testing
import Torch

@testable import CryoEM

@Suite struct CTFTests {
    struct File: Decodable {
        let box: Int
        let cases: [Case]
    }
    struct Case: Decodable {
        let pixelSize, defocusU, defocusV, defocusAngle, voltage, sphericalAberration,
            amplitudeContrast: Double
        let phaseShift: Double
        let values: [Double?]

        var parameters: CTFParameters {
            CTFParameters(
                defocusU: defocusU, defocusV: defocusV, defocusAngle: defocusAngle, voltage: voltage,
                sphericalAberration: sphericalAberration, amplitudeContrast: amplitudeContrast,
                phaseShift: phaseShift)
        }
    }

    @Test func transferEqualsRELIONIncludingItsSign() throws {
        let file = try Golden.load("ctf.json", as: File.self)
        #expect(file.cases.count == 40)
        var worst = 0.0, worstScalar = 0.0
        for golden in file.cases {
            let grid = CTFGrid(box: file.box, pixelSize: golden.pixelSize)
            let values = try grid.evaluate([golden.parameters]).floats()
            #expect(values.count == golden.values.count)
            for (index, wanted) in golden.values.enumerated() {
                guard let wanted else { continue }
                let (row, column) = (index / (file.box / 2 + 1), index % (file.box / 2 + 1))
                let ky = Double(row < file.box / 2 ? row : row - file.box)
                let step = 1 / (Double(file.box) * golden.pixelSize)
                worst = max(worst, abs(Double(values[index]) - wanted))
                worstScalar = max(
                    worstScalar, abs(golden.parameters.value(Double(column) * step, ky * step) - wanted))
            }
        }
        #expect(worst < 1e-6)
        #expect(worstScalar < 1e-6)
    }

    @Test func contrastSignIsPlusAtLowFrequencySoThatParticlesAreBright() {
        let p = CTFParameters(
            defocusU: 15000, defocusV: 15000, defocusAngle: 0, voltage: 300, sphericalAberration: 2.7,
            amplitudeContrast: 0.1)
        #expect(abs(p.value(0, 0) - 0.1) < 1e-12)
        #expect(p.value(0.01, 0) > p.value(0, 0))
    }

    @Test func defocusUBelongsToTheAxisAtDefocusAngle() {
        let along = CTFParameters(
            defocusU: 20000, defocusV: 10000, defocusAngle: 90, voltage: 300, sphericalAberration: 2.7,
            amplitudeContrast: 0.1)
        var round = along
        round.defocusV = 20000
        #expect(abs(along.value(0, 0.05) - round.value(0, 0.05)) < 1e-9)
        round.defocusU = 10000
        round.defocusV = 10000
        #expect(abs(along.value(0.05, 0) - round.value(0.05, 0)) < 1e-9)
    }

    @Test func envelopeIsExpOfMinusBOverFourTimesFrequencySquared() throws {
        let p = CTFParameters(
            defocusU: 15000, defocusV: 14000, defocusAngle: 20, voltage: 200, sphericalAberration: 2,
            amplitudeContrast: 0.07)
        let grid = CTFGrid(box: 8, pixelSize: 2)
        let plain = try grid.evaluate([p]).floats(), damped = try grid.evaluate([p], bFactor: 80).floats()
        for row in 0..<8 {
            for column in 0..<5 {
                let ky = Double(row < 4 ? row : row - 8) / 16, kx = Double(column) / 16
                let wanted = plain[row * 5 + column] * Float(exp(-80.0 / 4 * (kx * kx + ky * ky)))
                #expect(abs(damped[row * 5 + column] - wanted) < 1e-6)
            }
        }
    }

    @Test func batchIsOneTransferAnImage() throws {
        let base = CTFParameters(
            defocusU: 15000, defocusV: 14000, defocusAngle: 20, voltage: 300, sphericalAberration: 2.7,
            amplitudeContrast: 0.1)
        var other = base
        other.defocusU = 9000
        let grid = CTFGrid(box: 6, pixelSize: 3)
        let both = grid.evaluate([base, other])
        #expect(both.shape == [2, 6, 4])
        #expect(both.dtype == .float32)
        #expect(try both.floats() == grid.evaluate([base]).floats() + grid.evaluate([other]).floats())
    }
}
