import Testing
import Torch

@Suite struct ConversionTests {
    @Test func numbersComeBackAsTheyWent() throws {
        let floats: [Float] = [0, -0.0, 1.5, .greatestFiniteMagnitude, .leastNonzeroMagnitude, -.infinity]
        #expect(try Tensor(floats, shape: [2, 3]).floats() == floats)
        #expect(try Tensor([Float.nan], shape: []).floats()[0].isNaN)
        #expect(try Tensor([0.1, -1e300], shape: [2]).doubles() == [0.1, -1e300])
        #expect(try Tensor([Int64.max, .min], shape: [2]).ints() == [.max, .min])
        #expect(try Tensor([Int32.max, -1], shape: [2]).ints() == [2_147_483_647, -1])
        #expect(try Tensor([Float](), shape: [0, 3]).floats() == [])
        #expect(Tensor(indices: [4, 2]).dtype == .int64)
        #expect(try Tensor.scalar(2.5, .float64).item() == 2.5)
    }

    @Test func newTensorsOfOneValueOrASequence() throws {
        try expect(.full([2, 2], 7, .int32), [2, 2], [7, 7, 7, 7])
        try expect(.zeros([2]), [2], [0, 0])
        try expect(.ones([1, 2], .float64), [1, 2], [1, 1])
        try expect(.range(-1, 3, .int64), [4], [-1, 0, 1, 2])
        try expect(.identity(2), [2, 2], [1, 0, 0, 1])
        #expect(Tensor.range(0, 2, .int64).dtype == .int64 && Tensor.zeros([1]).dtype == .float32)
    }

    @Test func bfloat16KeepsEightBitsAndRoundsToEven() throws {
        // 1 + 1/256 lies between 1 and 1 + 1/128 and goes to the even one; 1 + 3/256 goes up.
        let x: [Float] = [1, 1 + 1 / 256, 1 + 3 / 256, 1 + 1.01 / 256, -3.140625, 1e38]
        let rounded = Tensor(x, shape: [6]).to(.bfloat16)
        #expect(rounded.dtype == .bfloat16)
        let back = try rounded.floats()
        let wanted: [Float] = [1, 1, 1.015625, 1.0078125, -3.140625]
        #expect(Array(back[..<5]) == wanted)
        #expect(abs(back[5] - 1e38) < 1e38 / 256)
    }

    @Test func float64RoundsToTheNearestFloat32() throws {
        let x = [0.1, 1 + 1e-9, 1e-50, 1e39]
        #expect(try Tensor(x, shape: [4]).to(.float32).floats() == x.map(Float.init))
        #expect(try Tensor(x, shape: [4]).floats() == x.map(Float.init))
    }

    @Test func wholeNumbersAreCutTowardsZero() throws {
        #expect(try Tensor([1.9, -1.9], shape: [2]).ints() == [1, -1])
        try expect(Tensor([0.0, 2], shape: [2]).to(.bool), [2], [0, 1])
    }

    @Test func theSameTypeIsTheSameTensor() {
        let x = Tensor.zeros([2])
        #expect(x.to(.float32) === x && x.to(.cpu) === x)
    }

    @Test func sizesOfNumberTypes() {
        let sizes: [(DType, Int)] = [
            (.uint8, 1), (.int8, 1), (.int16, 2), (.int32, 4), (.int64, 8), (.float16, 2), (.float32, 4),
            (.float64, 8),
            (.complex64, 8), (.complex128, 16), (.bool, 1), (.bfloat16, 2),
        ]
        for (dtype, bytes) in sizes {
            #expect(dtype.bytes == bytes)
            var buffer = [UInt8](repeating: 1, count: 3 * bytes)
            #expect(throws: Never.self) {
                try buffer.withUnsafeMutableBytes { try Tensor.zeros([3], dtype).copy(to: $0) }
            }
            #expect(buffer.allSatisfy { $0 == 0 }, "\(dtype)")
        }
    }

    @Test func countsThatDoNotFitTheShapeAreErrors() throws {
        #expect(
            try message(Tensor([Float](repeating: 0, count: 5), shape: [2, 3])).contains(
                "wants 24 bytes, found 20"))
        #expect(try message(Tensor([Float](), shape: [-1, -2])).contains("[-1, -2]"))
        #expect(try message(Tensor([Float](), shape: [Int.max, 4])).contains("no tensor"))
        #expect(try message(Tensor([Float](), shape: [0, -1])).contains("no tensor"))
        var small = [Float](repeating: 0, count: 2)
        #expect(throws: TorchError.self) {
            try small.withUnsafeMutableBytes { try Tensor.zeros([3]).copy(to: $0) }
        }
    }
}
