import Foundation
import Testing

@testable import Report

@Suite struct MarkupTests {
    @Test func interpolatedTextIsEscapedAndMarkupIsNot() {
        let name = "<b>\"a\" & 'b'</b>"
        let part: HTML = "<i>\(name)</i>"
        let whole: HTML = "<p title=\"\(name)\">\(part)\([part, part])</p>"
        let escaped = "&lt;b&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/b&gt;"
        #expect(part.markup == "<i>\(escaped)</i>")
        let thrice = String(repeating: part.markup, count: 3)
        #expect(whole.markup == "<p title=\"\(escaped)\">\(thrice)</p>")
    }

    @Test func controlCharactersDoNotReachThePage() {
        #expect(HTML.escape("a\u{0}b\u{1B}c\td\ne") == "a\u{FFFD}b\u{FFFD}c\td\ne")
    }

    @Test func absentPartsLeaveNothing() {
        let absent: HTML? = nil
        let whole: HTML = "<p>\(absent)</p>"
        #expect(whole.markup == "<p></p>")
    }

    @Test func jsonHasNoNaNAndNothingThatEndsAScript() throws {
        let nasty = "</script><!--\u{2028}\u{0}\"\\ é 電"
        let value = JSONValue.object([
            (nasty, .text(nasty)), ("numbers", .numbers([.nan, .infinity, -.infinity, 1.5, -0.25, 1e-300])),
            ("more", .list([.integer(-3), .flag(true), .null, .plain("ab")])),
        ])
        let text = value.serialized
        #expect(!text.contains("<"))
        #expect(!text.contains("NaN") && !text.contains("nan") && !text.contains("inf"))
        let parsed = try JSONSerialization.jsonObject(with: Data(text.utf8))
        let object = try #require(parsed as? [String: Any])
        #expect(object[nasty] as? String == nasty)
        let numbers = try #require(object["numbers"] as? [Any])
        #expect(numbers.prefix(3).allSatisfy { $0 is NSNull })
        #expect(numbers.dropFirst(3).compactMap { $0 as? Double } == [1.5, -0.25, 1e-300])
    }

    @Test func numbersReadTheSameEverywhere() {
        #expect([0, 999, 1_000, 1_234_567, -1_234].map(NumberText.grouped)
            == ["0", "999", "1,000", "1,234,567", "\u{2212}1,234"])
        #expect(NumberText.percent(0.1251) == "12.5\u{A0}%")
        #expect(NumberText.percent(.nan) == "\u{2013}")
        #expect(NumberText.short(0.94119) == "0.9412")
    }

    @Test func linksStayPathsWhateverTheName() {
        #expect(Link.address(of: "latent/mean.npy") == "./latent/mean.npy")
        #expect(Link.address(of: "javascript:alert(1)") == "./javascript%3Aalert%281%29")
        #expect(Link.address(of: "a b/é?#.mrc") == "./a%20b/%C3%A9%3F%23.mrc")
    }

    @Test func paletteNamesTwentyDifferentColours() {
        #expect(Set(Palette.colours).count == 20)
        #expect(Palette.colour(21) == Palette.colour(1))
        #expect(Palette.colour(-1) == Palette.none)
        let isHexadecimal = Palette.colours.allSatisfy { $0.wholeMatch(of: /#[0-9A-F]{6}/) != nil }
        #expect(isHexadecimal)
    }

    @Test func missingCorrelationsLeaveAGapInTheCurve() {
        let path = FSCFigure.path(
            [(0, 1), (1, .nan), (2, 0.5), (3, 0.25)], x: { $0 }, y: { $0 })
        #expect(path == "M0.0 1.0M2.0 0.5L3.0 0.2")
    }
}
