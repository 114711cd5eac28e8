/// One comparison of the self-test.
public struct Check: Codable, Sendable {
    public let name: String
    /// What is compared with what.
    public let reference: String
    /// Largest difference relative to the largest value of the reference, unless `name` says otherwise.
    public let found: Double
    public let tolerance: Double
    public let passed: Bool

    init(_ name: String, against reference: String, found: Double, tolerance: Double) {
        (self.name, self.reference, self.found, self.tolerance) = (name, reference, found, tolerance)
        passed = found <= tolerance
    }
}
