import Foundation
import TestSupport
import Testing

/// A call that must fail: what is wrong in it, its arguments, and words that its message must have.
struct BadInput: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let arguments: [String]
    let words: [String]

    init(_ name: String, _ arguments: String, _ words: String...) {
        testDescription = name
        self.arguments = arguments.split(separator: " ").map(String.init)
        self.words = words
    }

    /// Runs the call in a folder made by `prepare`: it ends with status 1 and one message, and writes
    /// nothing. `SET` in an argument stands for the folder of the simulated set.
    func check(prepare: (TemporaryFolder) throws -> Void = { _ in }) throws {
        let set = try Fixture.set.get()
        let folder = try TemporaryFolder()
        try prepare(folder)
        let before = try folder.contents()
        let outcome = try Program.run(
            arguments.map { $0.replacingOccurrences(of: "SET", with: set) }, in: folder.path)
        #expect(outcome.status == 1)
        #expect(outcome.output == "")
        #expect(outcome.messages.count == 1, "\(outcome.error)")
        let message = outcome.messages.first ?? ""
        #expect(message.hasPrefix("dsd \(arguments[0]): "), "\(message)")
        for word in words { #expect(message.contains(word), "\(message) lacks \(word)") }
        #expect(try folder.contents() == before)
    }
}
