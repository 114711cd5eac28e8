import Analysis
import Foundation
import OpusDSD
import Report

/// How a training goes: its curves, and whether it is still at work.
struct TrainingWatch: Encodable {
    struct Term: Encodable {
        struct Curve: Encodable {
            let name: String
            let isValidation: Bool
            let x: [Double]
            let y: [Double?]
        }
        let name: String
        let curves: [Curve]
    }

    let terms: [Term]
    /// Last lines of `log.txt`.
    let log: [String]
    /// Seconds since the run last wrote of its training; nil where it never did.
    let age: Double?
    private static let shownLines = 12

    init(_ folder: RunFolder) throws {
        terms = try TrainingMetrics(path: folder.metrics).terms.map { term in
            Term(
                name: term.name,
                curves: term.curves.map { curve in
                    Term.Curve(
                        name: curve.name, isValidation: curve.isValidation, x: curve.epochs,
                        y: curve.values.map { $0.isFinite ? $0 : nil })
                })
        }
        let text = FileManager.default.contents(atPath: folder.log).map {
            String(decoding: $0, as: UTF8.self)
        }
        log = (text ?? "").split(whereSeparator: \.isNewline).suffix(Self.shownLines).map(String.init)
        age = Self.age(folder)
    }

    /// Seconds since a file of the training was written.
    static func age(_ folder: RunFolder) -> Double? {
        [folder.metrics, folder.log, folder.latestCheckpoint].compactMap { path in
            let facts = try? FileManager.default.attributesOfItem(atPath: path)
            return (facts?[.modificationDate] as? Date).map { Date().timeIntervalSince($0) }
        }.min()
    }
}
