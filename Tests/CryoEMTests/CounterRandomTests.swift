import CryoEM
import Testing
import Torch

@Suite struct CounterRandomTests {
    static let stream = RandomStream(rawValue: 77)

    /// Known answers of Philox4x32-10 (Salmon et al., Random123 distribution, kat_vectors).
    @Test func bitsAreThoseOfPhilox() {
        // Counter 0 under key 0 gives 6627e8d5 e169c58d bc57ac4c 9b00dbd8.
        let random = CounterRandom(seed: 0)
        #expect(random.bits(RandomStream(rawValue: 0), item: 0, 0) == 0x6627_e8d5_e169_c58d)
        #expect(random.bits(RandomStream(rawValue: 0), item: 0, 1) == 0xbc57_ac4c_9b00_dbd8)
        // Counter and key of all ones give 408f276d 41c83b0e a20bc7c6 6d5451fd.
        let ones = CounterRandom(seed: .max)
        #expect(
            ones.bits(RandomStream(rawValue: .max), item: -1, 2 * Int(UInt32.max)) == 0x408f_276d_41c8_3b0e)
    }

    @Test(arguments: [0, 1, 2, 7, 33])
    func tensorsHoldTheNumbersOfSingleCalls(count: Int) throws {
        let random = CounterRandom(seed: 0xfedc_ba98_7654_3210)
        let values = try random.uniforms(Self.stream, item: 5_000_000_000, count: count).doubles()
        #expect(values == (0..<count).map { random.uniform(Self.stream, item: 5_000_000_000, $0) })
    }

    /// Rows for items, from an odd first value on.
    @Test func tablesHoldTheNumbersOfSingleCalls() throws {
        let random = CounterRandom(seed: 0xfedc_ba98_7654_3210)
        let items = [0, 7, 1 << 40 | 3]
        let rows = Tensor(indices: items)
        let places = items.flatMap { item in (0..<12).map { (item, 5 + $0) } }
        let uniforms = random.uniforms(Self.stream, items: rows, first: 5, count: 12)
        #expect(uniforms.shape == [3, 12])
        #expect(try uniforms.doubles() == places.map { random.uniform(Self.stream, item: $0.0, $0.1) })
        let normals = try random.normals(Self.stream, items: rows, first: 5, count: 12).doubles()
        #expect(normals == places.map { random.normal(Self.stream, item: $0.0, $0.1) })
    }

    @Test func normalsHaveMeanZeroAndVarianceOne() {
        let random = CounterRandom(seed: 9)
        var values = [Float](repeating: 0, count: 20_000)
        random.addNormals(Self.stream, item: 1, to: &values, count: values.count)
        let mean = values.reduce(0) { $0 + Double($1) } / 20_000
        let variance = values.reduce(0) { $0 + Double($1) * Double($1) } / 20_000 - mean * mean
        #expect(abs(mean) < 0.03)
        #expect(abs(variance - 1) < 0.04)
    }
}
