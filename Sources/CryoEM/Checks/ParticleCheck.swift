import CryoIO
import Foundation

/// A whole particle set looked at before work begins: every fault of its metadata, stacks and pixels, not
/// only the first.
public struct ParticleCheck: Sendable {
    /// How much is looked at.
    public struct Settings: Sendable {
        public var reading = ParticleReading()
        /// Mask file for the contrast; nil takes a circle.
        public var mask: String?
        /// Largest number of images whose pixels are looked at; nil takes all, 0 none.
        public var sample: Int?
        /// Faults of one kind and subject that are kept whole.
        public var limit = 20
        /// Multiply the images by -1.
        public var invert = false

        public init() {}
    }

    public let file: String
    /// Rows of the particle table.
    public private(set) var particles = 0
    public private(set) var faults: FaultList
    public private(set) var opticsGroups: [OpticsGroupFacts] = []
    /// Files with images, and how many of each MRC mode.
    public private(set) var stacks = 0
    public private(set) var modes: [String: Int] = [:]
    /// Pixels, and Angstrom per pixel; nil where nothing tells them.
    public private(set) var box: Int?
    public private(set) var pixelSize: Double?
    public private(set) var pixels: PixelFacts?
    public private(set) var views: ViewCoverage?
    /// Rows whose image an earlier row has too.
    public private(set) var repeatedImages = 0

    /// - Parameter progress: called with images done and images in all while pixels are read.
    public init(
        path: String, settings: Settings = Settings(),
        progress: (_ done: Int, _ all: Int) -> Void = { _, _ in }
    ) {
        file = path
        faults = FaultList(limit: settings.limit)
        guard var rows = readRows(path, settings) else { return }
        particles = rows.count
        if settings.invert { rows.signs = (rows.signs ?? Array(repeating: 1, count: rows.count)).map { -$0 } }
        pixelSize = rows.pixelSizes.first { $0 > 0 }
        let duplicates = DuplicateCheck(rows, &faults)
        repeatedImages = duplicates.repeatedImages
        judge(ViewCoverage(rows.angles))
        let stacks = StackCheck(rows, reading: settings.reading, &faults)
        self.stacks = stacks.stacks.count
        modes = stacks.modes
        if let grid = stacks.grid { (box, pixelSize) = (grid.box, grid.pixelSize) }
        guard settings.sample != 0 else { return }
        let silhouette = silhouette(settings.mask, stacks.grid)
        pixels =
            PixelCheck(
                stacks, silhouette: silhouette, sample: settings.sample, &faults, progress: progress
            ).facts
    }

    private mutating func readRows(_ path: String, _ settings: Settings) -> CheckedRows? {
        switch (path as NSString).pathExtension.lowercased() {
        case "cs":
            let table = faults.collecting(.file) { () throws(DataError) in try StructuredArray(path: path) }
            guard let table else { return nil }
            return CryoSPARCCheck(table, reading: settings.reading, &faults).rows
        case "mrcs", "mrc", "txt":
            return faults.collecting(.file) { () throws(DataError) in
                CheckedRows(try ParticleRows.cryoDRGN(file: path, reading: settings.reading).rows)
            }
        default: return readSTAR(path, settings)
        }
    }

    private mutating func readSTAR(_ path: String, _ settings: Settings) -> CheckedRows? {
        guard let star = faults.collecting(.file, { () throws(DataError) in try STARFile(path: path) })
        else { return nil }
        do throws(DataError) {
            let check = try STARCheck(star, file: path, reading: settings.reading, &faults)
            opticsGroups = check.groups()
            return check.rows(&faults)
        } catch {
            faults.add(.error, .file, error)
            return nil
        }
    }

    private mutating func silhouette(_ mask: String?, _ grid: ImageGrid?) -> Silhouette? {
        guard let mask, let grid else { return nil }
        return faults.collecting(.file) { () throws(DataError) in
            try Silhouette(try SolventMask(path: mask, box: grid.box, pixelSize: grid.pixelSize))
        }
    }

    /// Fewer particles in a class than this find no neighbours of their own class.
    public static let smallestClass = 5

    private mutating func judge(_ coverage: ViewCoverage) {
        // Without poses, which is told already, there is nothing to see.
        guard coverage.counts.contains(where: { $0 > 0 }) else { return }
        views = coverage
        let (empty, small) = coverage.poorClasses(least: Self.smallestClass)
        if empty + small > 0 {
            faults.add(
                .warning, .views, subject: "classes",
                DataError(
                    file: file, "view classes of the prior are empty or have fewer than 5 particles",
                    found: "\(empty) empty and \(small) small of \(coverage.classes.count)",
                    wanted: "particles in all",
                    remedy: "The prior cannot compare those views; expect codes that follow views there"))
        }
        if coverage.effectiveClasses < Double(coverage.classes.count) / 4 {
            faults.add(
                .warning, .views, subject: "evenness",
                DataError(
                    file: file, "a few views hold most particles",
                    found: "as uneven as \(rounded(coverage.effectiveClasses)) filled classes",
                    wanted: "\(coverage.classes.count / 4) or more of \(coverage.classes.count)",
                    remedy: "Look at the plot of views (--plot); thin out the crowded ones"))
        }
        if coverage.samplingFactor < 0.3 {
            faults.add(
                .warning, .views, subject: "sampling",
                DataError(
                    file: file, "directions of Fourier space are seen rarely or never",
                    found: "sampling factor \(rounded(coverage.samplingFactor))",
                    wanted: "0.3 or more; even views have 1",
                    remedy: "Maps are smeared along them; other views or symmetry may fill them"))
        }
    }
}

