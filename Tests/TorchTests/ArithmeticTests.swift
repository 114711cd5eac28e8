import Foundation
import Testing
import Torch

@Suite struct ArithmeticTests {
    let a = Tensor([1.0, -2, 3, 4], shape: [2, 2])
    let row = Tensor([10.0, 20], shape: [2])
    let column = Tensor([1.0, 2], shape: [2, 1])

    @Test func sidesOfLengthOneAndMissingSidesBroadcast() throws {
        try expect(a + row, [2, 2], [11, 18, 13, 24])
        try expect(a - row, [2, 2], [-9, -22, -7, -16])
        try expect(a * column, [2, 2], [1, -2, 6, 8])
        try expect(row / column, [2, 2], [10, 20, 5, 10])
    }

    @Test func numbersStandOnEitherSide() throws {
        try expect(a + 1, [2, 2], [2, -1, 4, 5])
        try expect(1 + a, [2, 2], [2, -1, 4, 5])
        try expect(a - 1, [2, 2], [0, -3, 2, 3])
        try expect(1 - a, [2, 2], [0, 3, -2, -3])
        try expect(a * 2, [2, 2], [2, -4, 6, 8])
        try expect(2 * a, [2, 2], [2, -4, 6, 8])
        try expect(a / 2, [2, 2], [0.5, -1, 1.5, 2])
        try expect(2 / a, [2, 2], [2, -1, 2 / 3.0, 0.5], within: 1e-15)
        try expect(-a, [2, 2], [-1, 2, -3, -4])
    }

    @Test func elementaryFunctionsAreThoseOfFoundation() throws {
        let x = [0.25, 1, 2.5]
        let t = Tensor(x, shape: [3])
        try expect(t.square(), [3], x.map { $0 * $0 })
        try expect(t.squareRoot(), [3], x.map { $0.squareRoot() }, within: 1e-15)
        try expect(t.power(1.5), [3], x.map { pow($0, 1.5) }, within: 1e-14)
        try expect(t.exp(), [3], x.map { Foundation.exp($0) }, within: 1e-14)
        try expect(t.log(), [3], x.map { Foundation.log($0) }, within: 1e-15)
        try expect(t.log1p(), [3], x.map { Foundation.log1p($0) }, within: 1e-15)
        try expect(t.sin(), [3], x.map { Foundation.sin($0) }, within: 1e-15)
        try expect(t.cos(), [3], x.map { Foundation.cos($0) }, within: 1e-15)
        try expect((-t).atan2(t.square()), [3], x.map { Foundation.atan2(-$0, $0 * $0) }, within: 1e-15)
        try expect((-t).floor(), [3], [-1, -1, -3])
        try expect((-t).abs(), [3], x)
        try expect(Tensor.doubles(-3, 0, 2).sign(), [3], [-1, 0, 1])
    }

    @Test func softmaxSumsToOneAlongItsSide() throws {
        let e = Foundation.exp(1.0)
        try expect(
            Tensor([0.0, 1, 5, 5], shape: [2, 2]).softmax(1), [2, 2], [1 / (1 + e), e / (1 + e), 0.5, 0.5],
            within: 1e-15)
        try expect(Tensor.doubles(1e4, -1e4).softmax(0), [2], [1, 0])
    }

    @Test func clampBoundsFromBelowFromAboveAndBoth() throws {
        try expect(a.clamp(min: 0), [2, 2], [1, 0, 3, 4])
        try expect(a.clamp(max: 2), [2, 2], [1, -2, 2, 2])
        try expect(a.clamp(min: -1, max: 1), [2, 2], [1, -1, 1, 1])
        let whole = Tensor([Int64(-3), 4], shape: [2]).clamp(atLeast: 0)
        #expect(whole.dtype == .int64)
        try expect(whole, [2], [0, 4])
    }

    @Test func comparisonsGiveBooleans() throws {
        let b = Tensor([1.0, 2, 3, 0], shape: [2, 2])
        #expect((a > 0).dtype == .bool)
        try expect(a.equals(b), [2, 2], [1, 0, 1, 0])
        try expect(a.differs(from: b), [2, 2], [0, 1, 0, 1])
        try expect(a > 1, [2, 2], [0, 0, 1, 1])
        try expect(a < 1, [2, 2], [0, 1, 0, 0])
        try expect(!(a < 1), [2, 2], [1, 0, 1, 1])
        try expect((a > 0).and(a < 4), [2, 2], [1, 0, 1, 0])
        try expect(Tensor.doubles(1, .nan, .infinity, -.infinity).isFinite(), [4], [1, 0, 0, 0])
    }

    @Test func masksChooseAndFill() throws {
        try expect(a.chosen(where: a > 0, else: row), [2, 2], [1, 20, 3, 4])
        try expect(a.maskedFill(a < 0, 7), [2, 2], [1, 7, 3, 4])
    }
}
