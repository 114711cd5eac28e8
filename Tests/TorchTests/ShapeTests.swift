import Testing
import Torch

@Suite struct ShapeTests {
    let a = Tensor.counting([2, 3])

    @Test func sidesCountFromEitherEnd() {
        #expect(a.size(0) == 2 && a.size(-1) == 3 && a.size(2) == 0 && a.size(-3) == 0)
        #expect(a.count == 6)
        #expect(Tensor.scalar(1).shape == [] && Tensor.scalar(1).count == 1)
        #expect("\(a)" == "Tensor(float64, [2, 3])")
    }

    @Test func reshapeKeepsRowMajorOrder() throws {
        try expect(a.reshape([3, -1]), [3, 2], [0, 1, 2, 3, 4, 5])
        try expect(a.transposed(0, 1).reshape([6]), [6], [0, 3, 1, 4, 2, 5])
        try expect(a.transposed(0, 1).flattened(), [6], [0, 3, 1, 4, 2, 5])
        try expect(a.unsqueeze(1).squeeze(-2), [2, 3], [0, 1, 2, 3, 4, 5])
        #expect(a.unsqueeze(-1).shape == [2, 3, 1])
    }

    @Test func permutedSidesReadInTheNewOrder() throws {
        let t = Tensor.counting([2, 1, 3]).permute([2, 0, 1])
        try expect(t, [3, 2, 1], [0, 3, 1, 4, 2, 5])
        try expect(t.contiguous(), [3, 2, 1], [0, 3, 1, 4, 2, 5])
    }

    @Test func expandFlipRollRepeatAndPad() throws {
        try expect(Tensor([1.0, 2], shape: [2, 1]).expand([2, 3]), [2, 3], [1, 1, 1, 2, 2, 2])
        try expect(a.flip([1]), [2, 3], [2, 1, 0, 5, 4, 3])
        try expect(a.roll([1], [1]), [2, 3], [2, 0, 1, 5, 3, 4])
        try expect(a.roll([1, -1], [0, 1]), [2, 3], [4, 5, 3, 1, 2, 0])
        try expect(Tensor.doubles(1, 2).repeatInterleave(2, 0), [4], [1, 1, 2, 2])
        try expect(
            Tensor([1.0, 2], shape: [1, 2]).pad([1, 0, 0, 1], value: 9), [2, 3], [9, 1, 2, 9, 9, 9])
    }

    @Test func partsAreSelectedByPlaceAndByIndex() throws {
        try expect(a.narrow(1, 1, 2), [2, 2], [1, 2, 4, 5])
        try expect(a.select(0, 1), [3], [3, 4, 5])
        try expect(a.select(-1, 0), [2], [0, 3])
        try expect(a.indexSelect(1, Tensor(indices: [2, 0, 2])), [2, 3], [2, 0, 2, 5, 3, 5])
        try expect(a.gather(1, Tensor([Int64(2), 0], shape: [2, 1])), [2, 1], [2, 3])
    }

    @Test func joinsAlongAnOldOrANewSide() throws {
        let row = Tensor([7.0, 8, 9], shape: [1, 3])
        try expect(.cat([a, row]), [3, 3], [0, 1, 2, 3, 4, 5, 7, 8, 9])
        try expect(.cat([a, a], 1), [2, 6], [0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5])
        try expect(.stack([row, row + 1], 1), [1, 2, 3], [7, 8, 9, 8, 9, 10])
    }

    @Test func channelsLastKeepsEveryValueInItsPlace() throws {
        let x = Tensor.counting([2, 3, 2, 2, 2]), y = x.channelsLast3D()
        try expect(y, x.shape, (0..<48).map(Double.init))
        try expect(y.select(1, 1), [2, 2, 2, 2], (8..<16).map(Double.init) + (32..<40).map(Double.init))
        try expect(y.flattened().narrow(0, 8, 2), [2], [8, 9])
        var raw = [Double](repeating: 0, count: 48)
        try raw.withUnsafeMutableBytes { try y.copy(to: $0) }
        #expect(raw == (0..<48).map(Double.init))
    }

    @Test func writingInPlaceIsSeenThroughViewsAndNotByClones() throws {
        let t = Tensor.counting([3, 2])
        let view = t.select(0, 0), copy = t.clone()
        try t.add(inPlace: .doubles(10, 20))
        try expect(view, [2], [10, 21])
        try t.setRows(Tensor(indices: [2, 0]), Tensor([1.0, 2, 3, 4], shape: [2, 2]))
        try expect(t, [3, 2], [3, 4, 12, 23, 1, 2])
        try t.copy(from: .doubles(5, 6))
        try expect(t, [3, 2], [5, 6, 5, 6, 5, 6])
        try t.zero()
        try expect(view, [2], [0, 0])
        try expect(copy, [3, 2], [0, 1, 2, 3, 4, 5])
    }
}
