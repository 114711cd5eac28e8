import Foundation
import Testing

@testable import Report

@Suite struct PackedArrayTests {
    private func bytes(_ value: JSONValue, type: String) throws -> (Data, [String: Any]) {
        let parsed = try JSONSerialization.jsonObject(with: Data(value.serialized.utf8))
        let object = try #require(parsed as? [String: Any])
        #expect(object["type"] as? String == type)
        let text = try #require(object["data"] as? String)
        return (try #require(Data(base64Encoded: text)), object)
    }

    @Test func floatsKeepEveryBitInLittleEndianOrder() throws {
        let (data, _) = try bytes(PackedArray.floats([1, -2.5, .nan]), type: "f32")
        #expect(Array(data.prefix(8)) == [0, 0, 0x80, 0x3F, 0, 0, 0x20, 0xC0])
        #expect(data.count == 12)
    }

    @Test func rowsAreUnsigned32BitNumbers() throws {
        let (data, _) = try bytes(PackedArray.rows([1, 258]), type: "u32")
        #expect(Array(data) == [1, 0, 0, 0, 2, 1, 0, 0])
    }

    @Test func labelsWithoutACategoryBecomeTheGreatestNumber() throws {
        let (small, _) = try bytes(PackedArray.labels([0, 7, -1, 8], categories: 8), type: "u8")
        #expect(Array(small) == [0, 7, 255, 255])
        let (large, _) = try bytes(PackedArray.labels([0, 299, -1, 300], categories: 300), type: "u16")
        #expect(Array(large) == [0, 0, 43, 1, 255, 255, 255, 255])
    }

    @Test func quantizedValuesComeBackWithinHalfAStep() throws {
        let values: [Float] = [-3, .nan, 0.1, 4.7, 5, .infinity]
        let (data, object) = try bytes(PackedArray.quantized(values), type: "u16")
        let low = try #require(object["low"] as? Double)
        let high = try #require(object["high"] as? Double)
        #expect((low, high) == (-3, 5))
        let step = (high - low) / 65_534
        for (index, value) in values.enumerated() {
            let code = Int(data[2 * index]) | Int(data[2 * index + 1]) << 8
            if value.isFinite {
                #expect(abs(low + step * Double(code) - Double(value)) <= step / 2 + 1e-9)
            } else {
                #expect(code == 65_535)
            }
        }
    }

    @Test(arguments: [[Float](), [.nan, .nan], [2, 2, 2]])
    func columnsWithoutARangeStayValid(values: [Float]) throws {
        let (data, _) = try bytes(PackedArray.quantized(values), type: "u16")
        #expect(data.count == 2 * values.count)
    }

    @Test func subsetsAreSortedDistinctAndOfTheWantedSize() {
        for (wanted, count) in [(0, 5), (3, 5), (5, 5), (9, 5), (100, 10_000)] {
            let rows = Subset.rows(wanted, of: count)
            #expect(rows.count == min(wanted, count))
            #expect(zip(rows, rows.dropFirst()).allSatisfy { $0 < $1 })
            #expect(rows.allSatisfy { (0..<count).contains($0) })
        }
        let rows = Subset.rows(1_000, of: 100_000)
        let mean = Double(rows.reduce(0, +)) / 1_000
        #expect(abs(mean - 50_000) < 4_000)
        #expect(Set(rows.map { $0 % 41 }).count == 41)
    }
}
