import Foundation

/// Numbers as people read them, the same in every locale.
enum NumberText {
    /// A whole number with thousands apart: `12,345`.
    static func grouped(_ number: Int) -> String {
        let digits = String(number.magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return number < 0 ? "\u{2212}" + text : text
    }

    /// A number with `digits` decimals; a dash where there is no number.
    static func fixed(_ number: Double, digits: Int) -> String {
        guard number.isFinite else { return "\u{2013}" }
        return String(format: "%.\(max(0, digits))f", number)
    }

    /// A share of 1 as percent: `12.5 %`.
    static func percent(_ share: Double) -> String {
        share.isFinite ? fixed(100 * share, digits: 1) + "\u{00A0}%" : "\u{2013}"
    }

    /// A number with about four significant digits, for values of unknown size.
    static func short(_ number: Double) -> String {
        guard number.isFinite else { return "\u{2013}" }
        return String(format: "%.4g", number)
    }
}
