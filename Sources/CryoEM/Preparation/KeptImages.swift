import CryoIO
import Foundation

/// The files in which prepared images are kept: a stack named after its inputs, and a record beside it. The
/// record is written last, so a stack with a record is whole.
struct KeptImages {
    let folder: String
    let inputs: PreparedParticles.Inputs

    private var stem: String {
        var print = Fingerprint()
        print.add(inputs.fingerprint.utf8)
        print.add(inputs.version)
        print.add(inputs.preparation.box)
        print.add(inputs.preparation.normalization.rawValue.utf8)
        print.add(inputs.preparation.invert ? 1 : 0)
        print.add(inputs.preparation.particleDiameter ?? -1)
        print.add(inputs.sourceBox)
        print.add(inputs.sourcePixelSize)
        return folder + "/particles-\(inputs.preparation.box)-" + print.text
    }

    var stackPath: String { stem + ".mrcs" }
    var recordPath: String { stem + ".json" }

    /// The kept images, where they are there and were made from the same inputs.
    func open(count: Int) -> (MRCStack, PreparedParticles.Record)? {
        guard let data = FileManager.default.contents(atPath: recordPath),
            let record = try? JSONDecoder().decode(PreparedParticles.Record.self, from: data),
            record.inputs == inputs,
            let stack = try? MRCStack(path: stackPath), stack.count == count,
            stack.width == inputs.preparation.box,
            stack.height == inputs.preparation.box
        else { return nil }
        return (stack, record)
    }

    /// Makes the files; `body` gets the path of the stack to write.
    func make(_ body: (String) throws -> PreparedParticles.Record) throws -> PreparedParticles.Record {
        try OutputFolder.create(folder)
        let record = try body(stackPath)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try AtomicFile.write(try encoder.encode(record), to: recordPath)
        return record
    }
}
