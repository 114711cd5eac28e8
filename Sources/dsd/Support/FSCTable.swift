import CryoEM
import CryoIO
import Foundation

/// Shell correlation as a table, for people, for spreadsheets and for machines.
struct FSCTable: Encodable {
    /// Shell frequencies, 1/Angstrom.
    let frequency: [Double]
    /// The curve that resolutions are read from: corrected for the mask where there is one.
    let fsc: [Double]
    let unmasked: [Double]?
    let masked: [Double]?
    let randomised: [Double]?
    /// Angstrom, at 0.143 and 0.5; nil where the curve is never above.
    let resolution0143: Double?
    let resolution05: Double?
    /// Share of the perfect curve's area, up to Nyquist.
    let area: Double
    let firstRandomShell: Int?

    init(_ fsc: FSC, masked curves: MaskedFSC? = nil) {
        frequency = fsc.values.indices.map { fsc.frequency(Double($0)) }
        self.fsc = fsc.values
        unmasked = curves?.unmasked.values
        masked = curves?.masked.values
        randomised = curves?.randomised.values
        firstRandomShell = curves?.firstRandomShell
        resolution0143 = Self.finite(fsc.resolution(at: 0.143))
        resolution05 = Self.finite(fsc.resolution(at: 0.5))
        area = fsc.area
    }

    /// Column names and one row a shell: frequency, resolution in Angstrom, the curve and what it was made
    /// from.
    var csv: String {
        var header = ["frequency", "resolution", "fsc"]
        var columns = [fsc]
        if let unmasked, let masked, let randomised {
            header += ["unmasked", "masked", "randomised"]
            columns += [unmasked, masked, randomised]
        }
        let rows = frequency.indices.map { shell in
            let place = [String(format: "%.6f", frequency[shell]), Self.angstrom(frequency[shell])]
            return (place + columns.map { String(format: "%.5f", $0[shell]) }).joined(separator: ",")
        }
        return ([header.joined(separator: ",")] + rows).joined(separator: "\n") + "\n"
    }

    /// The same in columns of equal width.
    var text: String {
        csv.split(separator: "\n").map { line in
            line.split(separator: ",", omittingEmptySubsequences: false)
                .map { String(repeating: " ", count: max(0, 11 - $0.count)) + $0 }.joined()
        }.joined(separator: "\n")
    }

    /// `resolution 12.3 A at 0.143, 15.0 A at 0.5; area 0.512`
    var summary: String {
        func angstrom(_ value: Double?) -> String { value.map { String(format: "%.2f A", $0) } ?? "none" }
        return "resolution \(angstrom(resolution0143)) at 0.143, \(angstrom(resolution05)) at 0.5; "
            + String(format: "area %.4f", area)
    }

    private static func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }

    private static func angstrom(_ frequency: Double) -> String {
        frequency > 0 ? String(format: "%.3f", 1 / frequency) : "inf"
    }
}
