import CryoIO

extension ParticleSet {
    /// Writes the rows of this set in the dialect they were read in.
    ///
    /// A STAR file keeps all columns and their text; image names change only where the file goes to another
    /// folder and they would no longer lead to their stacks. A cryoSPARC file keeps all fields and their
    /// bytes; its paths are relative to the cryoSPARC project wherever it lies. For stacks with cryoDRGN's
    /// pickles the row numbers are written as a pickle, which cryoDRGN takes with `--ind`.
    /// - Throws: `DataError` where the file cannot be written.
    public func write(to path: String) throws(DataError) {
        switch source {
        case .star(let star, let block): try write(star, blockName: block, to: path)
        case .cryoSPARC(let table): try table.write(to: path)
        case .cryoDRGN(let rows): try Pickle.write(integers: rows, to: path)
        }
    }

    private func write(_ star: STARFile, blockName: String, to path: String) throws(DataError) {
        var output = star
        let target = StackPaths.folder(of: path)
        let paths = StackPaths(file: file, reading: ParticleReading())
        let names = stacks.map { paths.rebased($0.reference, path: $0.path, to: target) }
        let changed = zip(names, stacks).contains { $0 != $1.reference }
        if changed, var block = output[block: blockName], let column = block["rlnImageName"] {
            var values: [String] = []
            values.reserveCapacity(count)
            for row in 0..<count {
                let name = column[row]
                let number = name.firstIndex(of: "@").map { name[...$0] } ?? ""
                values.append(number + names[Int(images[row].stack)])
            }
            try block.setColumn("rlnImageName", values)
            output[block: blockName] = block
        }
        try output.write(to: path)
    }
}
