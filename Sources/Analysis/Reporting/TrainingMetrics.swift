import CryoIO
import Foundation
import OpusDSD
import Report

/// `metrics.csv` of a run: a row for each epoch, read by column name.
public struct TrainingMetrics {
    private let names: [String]
    private let rows: [[Double]]

    /// - Throws: `DataError` with the line that is not as long as the header. A missing file has no rows.
    public init(path: String) throws(DataError) {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            (names, rows) = ([], [])
            return
        }
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        let names = lines.first.map { $0.split(separator: ",").map(String.init) } ?? []
        var rows: [[Double]] = []
        for (number, line) in lines.enumerated().dropFirst() {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            guard fields.count == names.count else {
                throw DataError(
                    file: path, at: .line(number + 1), "the line has another length than the header",
                    found: "\(fields.count)", wanted: "\(names.count)",
                    remedy: "Restore the file from the run.")
            }
            rows.append(fields.map { Double($0) ?? .nan })
        }
        (self.names, self.rows) = (names, rows)
    }

    /// Images seen until the end of the last of the stages in which the encoder learned; nil where no row
    /// tells. The best epoch may be an earlier one.
    func encoderImages(_ stages: [Configuration.Stage]) -> Int? {
        zip(column("stage"), column("images")).filter { stage, images in
            let place = stage.isFinite ? Int(stage) - 1 : -1
            return images.isFinite && stages.indices.contains(place) && stages[place].trainsEncoder
        }.map { Int($0.1) }.max()
    }

    /// Plots of the report. Errors of stages with different boxes are not on one scale, so each stage has its
    /// own plot of them; of the other terms it has a curve of its own.
    public var terms: [TrainingTerm] {
        let stages = Set(column("stage")).sorted()
        let errors = stages.map { stage in
            TrainingTerm(
                name: "Reconstruction error, \(label(stage))",
                curves: [
                    curve("reconstruction", stage, name: "training"),
                    curve("validation", stage, name: "validation", isValidation: true),
                ].filter { $0.values.contains(where: \.isFinite) })
        }
        let parts = [
            ("divergence", "Divergence from the standard normal"),
            ("intraClass", "Prior within view classes"),
            ("interClass", "Prior between view classes"), ("totalVariation", "Total variation"),
            ("meanAbsolute", "Mean absolute density"),
        ]
        return errors
            + parts.compactMap { key, name in
                guard column(key).contains(where: { $0.isFinite && $0 != 0 }) else { return nil }
                return TrainingTerm(name: name, curves: stages.map { curve(key, $0, name: label($0)) })
            }
    }

    private func column(_ name: String) -> [Double] {
        names.firstIndex(of: name).map { place in rows.map { $0[place] } } ?? []
    }

    private func label(_ stage: Double) -> String {
        let box = zip(column("stage"), column("box")).first { $0.0 == stage }?.1 ?? 0
        return "stage \(Int(stage)), \(Int(box)) px"
    }

    private func curve(
        _ key: String, _ stage: Double, name: String, isValidation: Bool = false
    ) -> TrainingTerm.Curve {
        let values = column(key)
        let chosen = zip(column("stage"), column("epoch")).enumerated().filter { $0.element.0 == stage }
        return TrainingTerm.Curve(
            name: name, isValidation: isValidation, epochs: chosen.map(\.element.1),
            values: chosen.map { values.isEmpty ? .nan : values[$0.offset] })
    }
}
