/// A picture of a report: a slice or a projection of a map, in the map's own units.
public struct GrayscaleImage: Sendable, Equatable {
    /// `[height, width]`, row 0 drawn at the top. Values that are not finite are drawn black.
    public var values: [Float]
    public var width: Int
    public var height: Int
    /// What is seen, for the caption and for readers who do not see it: "XY slice".
    public var caption: String
    /// Edge of a pixel in Angstrom; gives the picture a scale bar.
    public var pixelSize: Double?

    public init(values: [Float], width: Int, height: Int, caption: String, pixelSize: Double? = nil) {
        self.values = values
        self.width = width
        self.height = height
        self.caption = caption
        self.pixelSize = pixelSize
    }

    /// The picture with no side above `side`, by the mean over whole blocks of pixels: a card shows no more
    /// detail, and a report of many states stays small. Rows and columns beyond the last block are dropped.
    func reduced(toSide side: Int) -> GrayscaleImage {
        let factor = (max(width, height) + side - 1) / side
        guard factor > 1, width >= factor, height >= factor else { return self }
        let (columns, rows) = (width / factor, height / factor)
        var means = [Float](repeating: 0, count: columns * rows)
        for row in 0..<(rows * factor) {
            for column in 0..<(columns * factor) {
                means[row / factor * columns + column / factor] += values[row * width + column]
            }
        }
        let weight = 1 / Float(factor * factor)
        return GrayscaleImage(
            values: means.map { $0 * weight }, width: columns, height: rows, caption: caption,
            pixelSize: pixelSize.map { $0 * Double(factor) })
    }

    /// The picture as the bytes of a PNG file.
    public func png(black: Float, white: Float) -> [UInt8] {
        let levels = pixels(in: ContrastWindow(black: black, white: white))
        return PNG.encode(pixels: levels, width: width, height: height)
    }

    /// The picture as gray levels, `window` from black to white.
    func pixels(in window: ContrastWindow) -> [UInt8] {
        let scale = 255 / (window.white - window.black)
        return values.map { value in
            guard value.isFinite else { return 0 }
            return UInt8(max(0, min(255, ((value - window.black) * scale).rounded())))
        }
    }
}

/// The values drawn black and white.
struct ContrastWindow: Sendable, Equatable {
    var black: Float
    var white: Float

    init(black: Float, white: Float) {
        self.black = black
        self.white = white > black ? white : black + 1e-6
    }

    /// The window between two percentiles of the finite values of all `images`. Pictures that are compared
    /// share one window. Enough values are sorted for a stable percentile, not all.
    init(images: [GrayscaleImage], from low: Double = 0.01, to high: Double = 0.997) {
        let total = images.reduce(0) { $0 + $1.values.count }
        let stride = max(1, total / 50_000)
        var sample: [Float] = []
        var next = 0
        for image in images {
            while next < image.values.count {
                if image.values[next].isFinite { sample.append(image.values[next]) }
                next += stride
            }
            next -= image.values.count
        }
        let sorted = sample.sorted()
        black = Percentile.value(low, ofSorted: sorted) ?? 0
        white = Percentile.value(high, ofSorted: sorted) ?? 1
        if !(white > black) { white = black + max(abs(black) * 1e-3, 1e-6) }
    }
}

extension ContrastWindow {
    /// The window of changes: as far below zero as above, and the strongest one in a thousand beyond it.
    init(change images: [GrayscaleImage]) {
        let sizes = images.map { image in
            var image = image
            image.values = image.values.map { abs($0) }
            return image
        }
        let strongest = ContrastWindow(images: sizes, from: 0, to: 0.999).white
        self.init(black: -strongest, white: strongest)
    }
}

enum Percentile {
    /// The value below which the share `fraction` lies; nil of nothing.
    static func value(_ fraction: Double, ofSorted values: [Float]) -> Float? {
        guard !values.isEmpty else { return nil }
        return values[Int((fraction * Double(values.count - 1)).rounded())]
    }
}
