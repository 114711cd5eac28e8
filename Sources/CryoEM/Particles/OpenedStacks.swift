import CryoIO

/// The stacks that a particle table names, opened and checked against it.
struct OpenedStacks {
    let stacks: [ParticleStack]
    let file: String
    private let names: ImageNames
    private let firstRows: [Int]
    /// Stacks that were found under the other of the extensions .mrc and .mrcs.
    private let renamed: [(name: String, path: String)]

    init(_ names: ImageNames, file: String, reading: ParticleReading) throws(DataError) {
        let paths = StackPaths(file: file, reading: reading)
        var firstRows = Array(repeating: 0, count: names.paths.count)
        for (row, reference) in names.references.enumerated().reversed() {
            firstRows[Int(reference.stack)] = row + 1
        }
        var stacks: [ParticleStack] = []
        var opened: [String: MRCStack] = [:]
        var renamed: [(name: String, path: String)] = []
        for (reference, row) in zip(names.paths, firstRows) {
            let (path, otherExtension) = try paths.resolve(reference, file: file, row: row)
            if otherExtension { renamed.append((reference, path)) }
            let stack: MRCStack
            if let same = opened[path] { stack = same } else { stack = try MRCStack(path: path) }
            opened[path] = stack
            stacks.append(ParticleStack(reference: reference, path: path, stack: stack))
        }
        self.names = names
        self.file = file
        self.stacks = stacks
        self.firstRows = firstRows
        self.renamed = renamed
    }

    /// Boxes, image numbers and pixel sizes.
    func check(_ rows: ParticleRows, _ notes: inout [String]) throws(DataError) {
        for opened in stacks { try checkBox(opened) }
        for (row, reference) in names.references.enumerated() {
            let opened = stacks[Int(reference.stack)]
            guard Int(reference.index) < opened.stack.count else {
                throw DataError(
                    file: file, at: .row(row + 1), "the image is beyond the end of its stack \(opened.path)",
                    found: "image \(reference.index + 1)", wanted: "1 to \(opened.stack.count)",
                    remedy:
                        "Check that particle file and stack belong together and that the stack is whole")
            }
        }
        if let (label, boxes) = rows.boxes {
            for (row, reference) in names.references.enumerated() {
                let opened = stacks[Int(reference.stack)]
                guard boxes[row] != opened.stack.width else { continue }
                throw DataError(
                    file: file, at: .row(row + 1), "the box of the particle file is not that of the stack",
                    found: "\(label) \(boxes[row])",
                    wanted: "\(opened.stack.width), as in \(opened.path)",
                    remedy: "Check that they belong together")
            }
        }
        if let first = renamed.first {
            notes.append(
                "\(first.name) is missing, and \(first.path) is read in its place"
                    + (renamed.count > 1 ? " (and so \(renamed.count - 1) other stacks)" : ""))
        }
        let differing = zip(stacks, firstRows).filter { opened, row in
            guard row > 0, let header = opened.stack.pixelSize else { return false }
            return abs(header - rows.pixelSizes[row - 1]) > 0.02 * rows.pixelSizes[row - 1]
        }
        if let (first, row) = differing.first, let header = first.stack.pixelSize {
            notes.append(
                "the pixel size \(rows.pixelSizes[row - 1]) A is not that of the header of \(first.path), "
                    + "\(header) A"
                    + (differing.count > 1 ? " (and \(differing.count - 1) other stacks)" : ""))
        }
    }

    private func checkBox(_ opened: ParticleStack) throws(DataError) {
        let stack = opened.stack
        let size = "\(stack.width) x \(stack.height)"
        guard stack.width == stack.height else {
            throw DataError(
                file: opened.path, "the images are not square", found: size, wanted: "a square box",
                remedy: "Extract the particles again in a square box")
        }
        guard stack.width % 2 == 0 else {
            throw DataError(
                file: opened.path, "the box is odd", found: size, wanted: "an even number of pixels",
                remedy: "Extract or rescale the particles to an even box")
        }
    }
}
