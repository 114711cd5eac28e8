import CryoEM
import CryoIO
import Report

/// The sphere of views as a picture.
enum ViewPicture {
    /// - Throws: `DataError` for a name that is not of a picture that can be written.
    static func checkName(_ path: String) throws(DataError) {
        guard path.lowercased().hasSuffix(".png") else {
            throw DataError(
                file: path, "the picture's name has another extension", wanted: ".png",
                remedy: "Name it views.png, say")
        }
    }

    /// Directions without a view are black, the fullest nearly white; beyond the sphere is white.
    static func write(_ views: ViewCoverage?, to path: String) throws(DataError) {
        guard let views else {
            throw DataError(
                file: path, "there are no views to draw", remedy: "Correct the faults listed first")
        }
        let width = 800
        let values = views.picture(width: width)
        // The square root shows rare views beside common ones.
        let full = max(values.reduce(0) { $1.isFinite ? max($0, $1) : $0 }, 1e-30).squareRoot()
        let shown = values.map { $0.isFinite ? 0.85 * $0.squareRoot() / full : 1 }
        let picture = GrayscaleImage(
            values: shown, width: width, height: width / 2,
            caption: "view directions, Mollweide's projection")
        try AtomicFile.write(picture.png(black: 0, white: 1), to: path)
    }
}
