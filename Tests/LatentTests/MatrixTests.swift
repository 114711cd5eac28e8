import Testing

@testable import Latent

@Suite struct MatrixTests {
    @Test func rowsColumnsAndSelectionsAddressTheSameValues() throws {
        var m = try Matrix(rows: [[1, 2, 3], [4, 5, 6]])
        #expect(m[1, 2] == 6)
        #expect(Array(m.row(1)) == [4, 5, 6])
        #expect(m.column(1) == [2, 5])
        m[0, 1] = 9
        #expect(m.selecting(rows: [1, 0, 0]).values == [4, 5, 6, 1, 9, 3, 1, 9, 3])
    }

    @Test func valuesThatDoNotFillTheTableAreRefused() {
        #expect(throws: LatentError.self) { try Matrix(rows: 2, columns: 3, values: [1, 2, 3]) }
        #expect(throws: LatentError.self) { try Matrix(rows: [[1, 2], [3]]) }
    }

    @Test func theFirstRowThatIsNotFiniteIsNamed() throws {
        let m = try Matrix(rows: [[1, 2], [3, .nan], [.infinity, 0]])
        let error = #expect(throws: LatentError.self) { try m.requireFinite(for: "PCA") }
        #expect(error?.kind == .notFinite(row: 1))
        #expect(error?.description.contains("row 1, column 1 is nan") == true)
    }
}

@Suite struct RandomSourceTests {
    @Test func seedZeroGivesThePublishedSplitMixValues() {
        var g = RandomSource(seed: 0)
        #expect(g.next() == 0xE220_A839_7B1D_CDAF)
        #expect(g.next() == 0x6E78_9E6A_A1B9_65F4)
    }

    @Test func normalsHaveMeanZeroAndVarianceOne() {
        var g = RandomSource(seed: 7)
        let x = (0..<20_000).map { _ in g.normal() }
        let mean = x.reduce(0, +) / 20_000
        let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
        #expect(mean.magnitude < 0.03)
        #expect((variance - 1).magnitude < 0.04)
    }

    @Test func samplesAreDifferentAndInOrder() {
        var g = RandomSource(seed: 1)
        for count in [0, 1, 5, 20] {
            let picked = g.sample(count, below: 20)
            #expect(picked.count == count)
            #expect(picked == Set(picked).sorted())
        }
    }

    @Test func chunksCoverEveryIndexOnceAtAnyThreadCount() {
        for (count, size, threads) in [(0, 4, 2), (1, 4, 2), (17, 4, 1), (17, 4, 3), (16, 4, 9)] {
            let seen = Storage<Int>(repeating: 0, count: count)
            Parallel.chunks(count, size: size, threads: threads) { _, range in
                for i in range { seen.base[i] += 1 }
            }
            #expect(seen.array == [Int](repeating: 1, count: count))
        }
    }
}
