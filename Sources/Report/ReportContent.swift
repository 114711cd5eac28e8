/// What the report of a run says. Everything but the title and the provenance may be absent: the report shows
/// the sections it has content for.
public struct ReportContent: Sendable {
    public var title: String
    public var subtitle: String?
    /// The first things a reader wants to know: particles, box, resolution, time.
    public var facts: [Fact] = []
    /// How well the run recovers a known truth.
    public var scores: [Score] = []
    public var training: [TrainingTerm] = []
    public var latent: LatentView?
    /// Reconstructed states, in the order of their cards.
    public var states: [StructuralState] = []
    public var confusion: ConfusionTable?
    /// Sections of further steps of the analysis, between the findings and how they were made.
    public var added: [ReportSection] = []
    /// Files of the run folder.
    public var files: [File] = []
    public var provenance: Provenance

    public init(title: String, subtitle: String? = nil, provenance: Provenance) {
        self.title = title
        self.subtitle = subtitle
        self.provenance = provenance
    }

    /// A label with its value, both ready to read: "Box" and "128 px, 1.31 Å/px".
    public struct Fact: Sendable, Equatable {
        public var label: String
        public var value: String

        public init(_ label: String, _ value: String) {
            self.label = label
            self.value = value
        }
    }

    /// One measure of the score table.
    public struct Score: Sendable {
        public var name: String
        public var value: Double
        /// The value to compare with: a published one, or that of chance.
        public var reference: Double?
        /// What the measure says, and which direction is better.
        public var meaning: String?

        public init(name: String, value: Double, reference: Double? = nil, meaning: String? = nil) {
            self.name = name
            self.value = value
            self.reference = reference
            self.meaning = meaning
        }
    }

    /// A file of the run folder.
    public struct File: Sendable {
        /// Path relative to the folder of the report; the report links to it.
        public var path: String
        /// What the file holds.
        public var meaning: String

        public init(path: String, meaning: String) {
            self.path = path
            self.meaning = meaning
        }
    }

    /// How the run was made, enough to make it again.
    public struct Provenance: Sendable {
        public var program: String
        public var version: String
        public var commandLine: String?
        /// When the report was written, ready to read.
        public var date: String?
        /// The machine or device it ran on.
        public var device: String?
        /// The whole configuration, as in `config.yaml`.
        public var configuration: String?

        public init(
            program: String, version: String, commandLine: String? = nil, date: String? = nil,
            device: String? = nil, configuration: String? = nil
        ) {
            self.program = program
            self.version = version
            self.commandLine = commandLine
            self.date = date
            self.device = device
            self.configuration = configuration
        }
    }
}
