import Testing
import Torch

@Suite struct ReductionTests {
    /// [[0, 1, 2], [3, 4, 5]]
    let a = Tensor.counting([2, 3])

    @Test func sumsAndMeansOverAllOrSomeSides() throws {
        try expect(a.sum(), [], [15])
        try expect(a.mean(), [], [2.5])
        try expect(a.sum([0]), [3], [3, 5, 7])
        try expect(a.sum([-1]), [2], [3, 12])
        try expect(a.sum([1], keep: true), [2, 1], [3, 12])
        try expect(a.mean([0], keep: true), [1, 3], [1.5, 2.5, 3.5])
        try expect(a.mean([0, 1]), [], [2.5])
    }

    @Test func standardDeviationDividesByCountLessCorrection() throws {
        let squares = 17.5, ofARow = (2.0 / 3).squareRoot()
        try expect(a.standardDeviation(), [], [(squares / 6).squareRoot()], within: 1e-15)
        try expect(a.standardDeviation(correction: 1), [], [(squares / 5).squareRoot()], within: 1e-15)
        try expect(a.standardDeviation([1], keep: true), [2, 1], [ofARow, ofARow], within: 1e-15)
    }

    @Test func extremesOverAllOrSomeSides() throws {
        try expect(a.max(), [], [5])
        try expect(a.min(), [], [0])
        try expect(a.max([0]), [3], [3, 4, 5])
        try expect(a.min([1], keep: true), [2, 1], [0, 3])
        try expect((a - 2).abs().argmin(1), [2], [2, 0])
    }

    @Test func allHoldsOnlyWhenEveryOneDoes() throws {
        try expect((a > -1).all(), [], [1])
        try expect((a > 0).all(), [], [0])
    }

    @Test func topKGivesSortedValuesAndTheirIndices() throws {
        let t = Tensor([3.0, 9, -1, 5, 0, 2, 2.5, 7], shape: [2, 4])
        let large = t.topK(2), small = t.topK(1, 0, largest: false)
        try expect(large.values, [2, 2], [9, 5, 7, 2.5])
        try expect(large.indices, [2, 2], [1, 3, 3, 2])
        try expect(small.values, [1, 4], [0, 2, -1, 5])
        try expect(small.indices, [1, 4], [1, 1, 0, 0])
    }

    @Test func normDistancesAndProducts() throws {
        try expect(Tensor.doubles(3, 4).norm(), [], [5])
        let points = Tensor([0.0, 0, 3, 4], shape: [2, 2]), others = Tensor([0.0, 4], shape: [1, 2])
        try expect(points.distances(to: others), [2, 1], [4, 3], within: 1e-15)
        try expect(a.matmul(Tensor([1.0, 0, 0, 1, 2, 2], shape: [3, 2])), [2, 2], [4, 5, 13, 14])
    }
}
