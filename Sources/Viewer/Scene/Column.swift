import CryoEM
import CryoIO
import Foundation
import Latent

/// A property of the particles that the points can be coloured by.
struct Column: Sendable {
    struct Facts: Encodable, Sendable {
        let id: String
        let name: String
        /// Heading in the list of columns.
        let group: String
    }

    enum Values: Sendable {
        case numbers([Float], unit: String?)
        /// Numbers of `names`; one beyond them is none.
        case categories([Int], names: [String])
    }

    let facts: Facts
    /// Read when asked for.
    let values: @Sendable () throws -> Values

    init(_ id: String, _ name: String, group: String, values: @escaping @Sendable () throws -> Values) {
        facts = Facts(id: id, name: name, group: group)
        self.values = values
    }

    /// More different values than this are not told apart.
    static let categoryLimit = 60_000

    /// Texts as numbers where all of them are, else as categories by falling frequency.
    static func values(ofTexts texts: [String]) -> Values {
        let numbers = texts.map { Double($0) }
        if numbers.allSatisfy({ $0 != nil }) { return values(ofNumbers: numbers.map { $0 ?? .nan }) }
        var counts: [String: Int] = [:]
        for text in texts { counts[text, default: 0] += 1 }
        let names = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(categoryLimit).map(\.key)
        let places = Dictionary(uniqueKeysWithValues: zip(names, names.indices))
        return .categories(texts.map { places[$0] ?? Int(UInt16.max) }, names: names)
    }

    /// Few different whole numbers are categories: classes, groups, half sets.
    static func values(ofNumbers numbers: [Double]) -> Values {
        let different = Set(numbers.prefix(20_000))
        guard different.count <= 64, numbers.allSatisfy({ $0 == $0.rounded() && abs($0) < 1e6 }) else {
            return .numbers(numbers.map { Float($0) }, unit: nil)
        }
        let all = Set(numbers).sorted()
        guard all.count <= 256 else { return .numbers(numbers.map { Float($0) }, unit: nil) }
        let places = Dictionary(uniqueKeysWithValues: zip(all, all.indices))
        return .categories(
            numbers.map { places[$0] ?? Int(UInt16.max) }, names: all.map { String(Int($0)) })
    }
}
