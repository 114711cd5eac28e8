/// Colours of categories.
///
/// The first seven are those of Okabe and Ito (2008), told apart with every common form of colour blindness;
/// their yellow is darkened to be seen on white. The others are tones between them and light and dark ground.
public enum Palette {
    public static let colours = [
        "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#B3A125", "#7A6FCF",
        "#A0522D", "#4FB0A5", "#C2476B", "#7F8C2D", "#8AA0B5", "#E58B6D", "#5F9E4A", "#B07CD8",
        "#8F7A66", "#3F8FB5", "#D9A9B8", "#6B7F8C",
    ]

    /// Points and cards without a category.
    public static let none = "#9AA3AD"

    /// 256 colours of changes, red, green and blue of each: blue for less, pale for none, red for more (the
    /// ends and the middle of ColorBrewer's RdBu, which common forms of colour blindness tell apart).
    static let change: [UInt8] = {
        let (less, none, more) = (
            SIMD3<Float>(33, 102, 172), SIMD3<Float>(247, 247, 247), SIMD3<Float>(178, 24, 43)
        )
        return (0..<256).flatMap { level -> [UInt8] in
            let place = (Float(level) - 127.5) / 127.5
            let colour = none + (place < 0 ? less - none : more - none) * abs(place)
            return [colour.x, colour.y, colour.z].map { UInt8($0.rounded()) }
        }
    }()

    /// Categories beyond the palette start it again; a number below 0 is no category.
    public static func colour(_ category: Int) -> String {
        category < 0 ? none : colours[category % colours.count]
    }
}
