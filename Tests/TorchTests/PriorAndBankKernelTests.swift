import Foundation
import Testing
import TestSupport
import Torch

@Suite struct PriorAndBankKernelTests {
    static let ranges = (4...16).flatMap { side in
        [(side, 1, side), (side, 2, side - 1), (side, side / 2, side / 2 + 1)]
    }

    @Test(arguments: ranges)
    func volumePriorEqualsTheTensorOperators(_ side: Int, _ low: Int, _ high: Int) throws {
        for (dtype, tolerance) in [(DType.float64, 1e-12), (.float32, 1e-5)] {
            let x = try Tensor.normal([3, side, side, side], seed: UInt64(side + low), dtype)
                .requiringGradient()
            let weights = [Tensor.normal([3], seed: 1, dtype), Tensor.normal([3], seed: 2, dtype)]
            let found = try [Kernels.volumePrior, Kernels.volumePriorReference].map { kernel in
                let (tv, l1) = kernel.pair(.tensor(x), .int(low), .int(high))
                let slope = try gradients(of: [tv, l1], weights: weights, for: [x])[0]
                return (tv, l1, try #require(slope))
            }
            #expect(try found[0].0.relativeDifference(from: found[1].0) < tolerance)
            #expect(try found[0].1.relativeDifference(from: found[1].1) < tolerance)
            #expect(try found[0].2.relativeDifference(from: found[1].2) < tolerance)
        }
    }

    /// A ramp of slopes (1, 2, 2) has the variation 3 everywhere, and a constant volume 10^-4, the root of
    /// the floor 10^-8.
    @Test func volumePriorOfARampAndAConstantByHand() throws {
        let side = 6
        let ramp = (0..<216).map { flat -> Double in
            let (x, y, z) = (flat % 6, flat / 6 % 6, flat / 36)
            return Double(x + 2 * y + 2 * z)
        }
        let volumes = Tensor(ramp + [Double](repeating: -2, count: 216), shape: [2, side, side, side])
        let (tv, l1) = Kernels.volumePrior.pair(.tensor(volumes), .int(1), .int(side))
        try expect(tv, [2], [(9 + 1e-8).squareRoot(), 1e-4], within: 1e-13)
        try expect(l1, [2], [15, 2], within: 1e-13)
    }

    @Test func volumePriorGradientEqualsFiniteDifferences() throws {
        let x = try Tensor.normal([1, 5, 5, 5], seed: 1).requiringGradient()
        func value(_ x: Tensor) -> Tensor {
            let (tv, l1) = Kernels.volumePrior.pair(.tensor(x), .int(1), .int(4))
            return (tv * 2 - l1 * 0.7).sum()
        }
        let found = try #require(try gradients(of: value(x), for: [x])[0]).doubles()
        let numeric = try centralDifferences(at: x.doubles(), 0..<125) {
            try value(Tensor($0, shape: x.shape)).item()
        }
        for (a, b) in zip(found, numeric) { #expect(abs(a - b) < 1e-9) }
    }

    @Test func volumePriorOfOneResultAloneHasItsGradient() throws {
        let x = try Tensor.doubles(0, 0, 0, 0, 0, 0, 0, 3).reshape([1, 2, 2, 2]).requiringGradient()
        let (_, l1) = Kernels.volumePrior.pair(.tensor(x), .int(1), .int(2))
        try expect(
            try #require(try gradients(of: l1.sum(), for: [x])[0]), [1, 2, 2, 2], [0, 0, 0, 0, 0, 0, 0, 1])
    }

    @Test func volumePriorWantsCubesAndARangeInside() throws {
        let cube = Tensor.zeros([1, 4, 4, 4])
        for (low, high) in [(0, 4), (1, 5), (2, 2), (3, 1), (-1, 2)] {
            #expect(
                try message(Kernels.volumePrior(.tensor(cube), .int(low), .int(high))).contains(
                    "dsd::volume_prior(Float[1, 4, 4, 4])"))
        }
        for shape in [[1, 2, 2, 4], [1, 2, 4, 4], [4, 4, 4]] {
            #expect(
                try message(Kernels.volumePrior(.tensor(.zeros(shape)), .int(1), .int(2))).contains(
                    "dsd::volume_prior("))
        }
        #expect(throws: TorchError.self) {
            try Kernels.volumePrior(.tensor(cube.to(.int32)), .int(1), .int(3)).checked()
        }
    }

    /// All distances are sorted; classes that a query shares are left out.
    @Test(arguments: [(1, 1, 1), (7, 40, 3), (5, 12, 4), (2, 900, 8)])
    func bankNeighboursAreTheNearestAndFurthestOfOtherClasses(_ n: Int, _ m: Int, _ d: Int) throws {
        let queries = Tensor.normal([n, d], seed: 1, .float32),
            bank = Tensor.normal([m, d], seed: 2, .float32)
        let (queryClasses, classes) = ((0..<n).map { $0 % 3 }, (0..<m).map { $0 * 7 % 4 })
        let (q, b) = (try queries.doubles(), try bank.doubles())
        for (near, far) in [(1, 1), (3, 5), (0, 2), (m / 8, m / 3), (m, m + 3)] {
            let found = Kernels.bankNeighbours.pair(
                .tensor(queries), .tensor(Tensor(indices: queryClasses)), .tensor(bank),
                .tensor(Tensor(indices: classes)),
                .int(near), .int(far))
            let (nearest, furthest) = (try found.0.ints(), try found.1.ints())
            #expect(found.0.shape == [n, near] && found.1.shape == [n, far])
            for i in 0..<n {
                let sorted = (0..<m).filter { classes[$0] != queryClasses[i] }.sorted { first, second in
                    func square(_ j: Int) -> Double {
                        (0..<d).map { (q[i * d + $0] - b[j * d + $0]) * (q[i * d + $0] - b[j * d + $0]) }
                            .reduce(0, +)
                    }
                    return square(first) < square(second)
                }
                func filled(_ part: ArraySlice<Int>, _ count: Int) -> [Int] {
                    (part + [Int](repeating: -1, count: count - part.count)).sorted()
                }
                #expect(nearest[(i * near)..<((i + 1) * near)].sorted() == filled(sorted.prefix(near), near))
                #expect(furthest[(i * far)..<((i + 1) * far)].sorted() == filled(sorted.suffix(far), far))
            }
        }
    }

    @Test func bankNeighboursOfCodesThatAreNoNumbersDoNotTrap() throws {
        var codes = (0..<600).map { Float($0 % 37) }
        for place in stride(from: 0, to: 600, by: 7) { codes[place] = .nan }
        let bank = Tensor(codes, shape: [300, 2]), classes = Tensor(indices: (0..<300).map { $0 % 2 })
        let (nearest, furthest) = Kernels.bankNeighbours.pair(
            .tensor(bank), .tensor(classes), .tensor(bank), .tensor(classes), .int(20), .int(20))
        #expect(try (nearest.ints() + furthest.ints()).allSatisfy { (0..<300).contains($0) })
    }

    @Test func bankNeighboursOfWrongShapesAreErrors() throws {
        let q = Tensor.zeros([3, 2]), qc = Tensor(indices: [0, 1, 2]), b = Tensor.zeros([4, 2]),
            bc = Tensor(indices: [0, 0, 0, 0])
        func call(
            _ q: Tensor, _ qc: Tensor, _ b: Tensor, _ bc: Tensor, _ near: Int = 1, _ far: Int = 1
        ) throws -> String {
            try message(
                Kernels.bankNeighbours(
                    .tensor(q), .tensor(qc), .tensor(b), .tensor(bc), .int(near), .int(far)))
        }
        #expect(
            try call(q, qc, .zeros([4, 3]), bc).contains(
                "dsd::bank_neighbours(Float[3, 2], Long[3], Float[4, 3], Long[4])"))
        #expect(try call(q, bc, b, bc).contains("a class for each"))
        #expect(try call(q, qc, b, qc).contains("a class for each"))
        #expect(try call(q.flattened(), qc, b, bc).contains("[n, d]"))
        #expect(try call(q, qc, b, bc, -1, 1).contains("0 or more"))
    }

    @Test func densityLayerWantsCubesFourTapsAndRangesInside() throws {
        let x = Tensor.zeros([1, 4, 2, 2, 2]), w = Tensor.zeros([4, 1, 4, 4, 4])
        func rows(_ values: Int32...) -> Tensor { Tensor(values, shape: [values.count]) }
        func call(_ x: Tensor, _ w: Tensor, _ from: Tensor, _ to: Tensor) -> Tensor {
            Kernels.densityLayer(
                .tensor(x), .tensor(w), .optional(nil), .optional(nil), .tensor(from), .tensor(to))
        }
        let (from, to) = (rows(0, 0, 0, 0), rows(2, 2, 2, 2))
        #expect(try call(x, w, from, to).checked().shape == [1, 4, 4, 4])
        let bad = [
            call(.zeros([1, 4, 2, 2, 3]), w, from, to), call(x, .zeros([4, 1, 4, 4, 3]), from, to),
            call(x, .zeros([3, 1, 4, 4, 4]), from, to), call(x, w, rows(0, 0, 0), to),
            call(x, w, from, rows(2, 2, 3, 2)),
            call(x, w, rows(0, -1, 0, 0), to), call(x, w, from.to(.int64), to),
        ]
        for failed in bad { #expect(try message(failed).contains("dsd::density_layer(")) }
    }
}
