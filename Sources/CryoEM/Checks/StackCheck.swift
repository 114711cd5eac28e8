import CryoIO

/// The stacks that a particle file names: whether they are there, can be read and belong to it.
struct StackCheck {
    let rows: CheckedRows
    /// One for each path of the names; nil where it cannot be read or has no even square box.
    private(set) var stacks: [MRCStack?] = []
    /// Box and pixel size that all images are brought to; nil where nothing tells them.
    private(set) var grid: ImageGrid?
    /// Particles whose image can be read.
    private(set) var readable: [Int] = []

    private var counts: [Int] = []
    private var firstRows: [Int] = []

    init(_ rows: CheckedRows, reading: ParticleReading, _ faults: inout FaultList) {
        self.rows = rows
        let paths = rows.names.paths
        counts = Array(repeating: 0, count: paths.count)
        firstRows = Array(repeating: 0, count: paths.count)
        for (row, reference) in rows.names.references.enumerated() where reference.stack >= 0 {
            let stack = Int(reference.stack)
            if counts[stack] == 0 { firstRows[stack] = row }
            counts[stack] += 1
        }
        open(StackPaths(file: rows.file, reading: reading), &faults)
        checkBoxes(&faults)
        checkNumbers(&faults)
        checkGrids(&faults)
        checkPixelSizes(&faults)
        checkStatedBoxes(&faults)
    }

    /// Modes of the stacks and how many have each.
    var modes: [String: Int] {
        Dictionary(stacks.compactMap { $0 }.map { ("\($0.header.mode)", 1) }, uniquingKeysWith: +)
    }

    private mutating func open(_ paths: StackPaths, _ faults: inout FaultList) {
        var opened: [String: MRCStack] = [:]
        for (place, name) in rows.names.paths.enumerated() {
            let row = firstRows[place] + 1
            do throws(DataError) {
                let (path, renamed) = try paths.resolve(name, file: rows.file, row: row)
                if renamed {
                    faults.add(
                        .warning, .stack, subject: "extension",
                        DataError(
                            file: rows.file, at: .row(row), "\(name) is missing",
                            found: path, remedy: "That file is read in its place; correct the name"))
                }
                let stack: MRCStack
                if let same = opened[path] { stack = same } else { stack = try MRCStack(path: path) }
                opened[path] = stack
                stacks.append(stack)
            } catch {
                var error = error
                if counts[place] > 1 { error.problem += " (\(counts[place]) particles are in it)" }
                faults.add(.error, .stack, error)
                stacks.append(nil)
            }
        }
    }

    private mutating func checkBoxes(_ faults: inout FaultList) {
        for (place, stack) in stacks.enumerated() {
            guard let stack, stack.width != stack.height || stack.width % 2 != 0 else { continue }
            faults.add(
                .error, .stack, subject: "box",
                DataError(
                    file: stack.path, "the images are not square with an even side",
                    found: "\(stack.width) x \(stack.height)", wanted: "an even square box",
                    remedy: "Extract the particles again"))
            stacks[place] = nil
        }
    }

    /// Images of several boxes or pixel sizes are resampled to one grid.
    private mutating func checkGrids(_ faults: inout FaultList) {
        let known = readable.filter { rows.pixelSizes[$0] > 0 }
        let grids = ImageGrids(boxes: known.map(box), pixelSizes: known.map { rows.pixelSizes[$0] })
        grid = grids.all.first
        guard let first = grids.all.first, grids.all.count > 1 else { return }
        let list = grids.all.map { String(format: "%d pixels of %g A", $0.box, $0.pixelSize) }
        faults.add(
            .warning, .pixelSize, subject: "of particles",
            DataError(
                file: rows.file, "images have several boxes or pixel sizes",
                found: list.joined(separator: ", "), wanted: "one",
                remedy: "All are resampled to \(first.box) pixels; check that the sizes are meant"))
    }

    /// Box of a readable row's image.
    func box(_ row: Int) -> Int { stacks[Int(rows.names.references[row].stack)]?.width ?? 0 }

    private mutating func checkNumbers(_ faults: inout FaultList) {
        for (row, reference) in rows.names.references.enumerated() where reference.stack >= 0 {
            guard let stack = stacks[Int(reference.stack)] else { continue }
            if Int(reference.index) < stack.count {
                readable.append(row)
            } else {
                faults.add(
                    .error, .stack, subject: "image number",
                    DataError(
                        file: rows.file, at: .row(row + 1), "the image is beyond the end of \(stack.path)",
                        found: "image \(reference.index + 1)", wanted: "1 to \(stack.count)",
                        remedy: "Check that particle file and stack belong together and the stack is whole"))
            }
        }
    }

    private func checkPixelSizes(_ faults: inout FaultList) {
        let sizes = rows.pixelSizes
        for (place, stack) in stacks.enumerated() {
            let row = firstRows[place]
            guard let stack, let header = stack.pixelSize, counts[place] > 0, sizes[row] > 0,
                abs(header - sizes[row]) > 0.02 * sizes[row]
            else { continue }
            faults.add(
                .warning, .pixelSize, subject: "of headers",
                DataError(
                    file: stack.path, "the header's pixel size is not that of the particle file",
                    found: String(format: "%g A", header), wanted: String(format: "%g A", sizes[row]),
                    remedy: "The particle file's is used; if it is wrong, give --pixel-size"))
        }
    }

    private func checkStatedBoxes(_ faults: inout FaultList) {
        guard let (label, values) = rows.boxes else { return }
        for row in readable where !values[row].isNaN && values[row] != Double(box(row)) {
            faults.add(
                .error, .stack, subject: label,
                DataError(
                    file: rows.file, at: .row(row + 1),
                    "the box of the particle file is not that of the stack",
                    found: String(format: "%@ %g", label, values[row]), wanted: "\(box(row))",
                    remedy: "Check that particle file and stacks belong together"))
        }
    }
}
