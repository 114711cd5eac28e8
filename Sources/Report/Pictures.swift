/// Pictures side by side as markup, with a scale bar on the first.
enum Pictures {
    /// - Parameter colours: of the 256 levels, with white in their middle; none for gray on black.
    static func markup(
        _ title: String, _ images: [GrayscaleImage], window: ContrastWindow, of state: String,
        colours: [UInt8] = []
    ) -> HTML? {
        guard !images.isEmpty else { return nil }
        let ground: HTML = colours.isEmpty ? "picture" : "picture light"
        let figures = images.enumerated().map { index, image -> HTML in
            let uri = PNG.dataURI(
                pixels: image.pixels(in: window), width: image.width, height: image.height, colours: colours)
            let bar = index == 0 ? ScaleBar(image: image)?.html : nil
            return """
                <figure><span class="\(ground)">\
                <img src="\(uri)" width="\(image.width)" height="\(image.height)" \
                alt="\(state), \(image.caption)">\(bar)</span>\
                <figcaption>\(image.caption)</figcaption></figure>
                """
        }
        return "<h4>\(title)</h4>\n<div class=\"pictures\">\(figures)</div>\n"
    }
}

/// A bar of a round length in Angstrom, about a third of the picture's width.
struct ScaleBar: Equatable {
    /// Angstrom.
    var length: Double
    /// Share of the picture's width, 0...1.
    var share: Double

    init?(image: GrayscaleImage) {
        guard let pixelSize = image.pixelSize, pixelSize.isFinite, pixelSize > 0 else { return nil }
        let extent = pixelSize * Double(image.width)
        let lengths = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000] as [Double]
        guard let length = lengths.last(where: { $0 <= 0.4 * extent }) else { return nil }
        self.length = length
        share = length / extent
    }

    var html: HTML {
        """
        <span class="scale" style="width:\(100 * share, digits: 1)%">\
        <span>\(NumberText.short(length))&nbsp;Å</span></span>
        """
    }
}
