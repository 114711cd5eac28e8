extension STARFile {
    /// Writes the blocks as RELION does: labels with their numbers, values one blank apart, every value byte
    /// for byte as it was read.
    /// - Throws: `DataError` where the file cannot be written; nothing is left behind.
    public func write(to path: String) throws(DataError) {
        let file = try AtomicFileWriter(path: path)
        var buffer: [UInt8] = []
        for block in blocks {
            try block.encode(into: &buffer, file: path) { bytes throws(DataError) in
                guard bytes.count > 1 << 20 else { return }
                try file.write(bytes)
                bytes.removeAll(keepingCapacity: true)
            }
        }
        try file.write(buffer)
        try file.finish()
    }

    /// The text that `write` puts into a file.
    public func encoded() throws(DataError) -> [UInt8] {
        var bytes: [UInt8] = []
        for block in blocks { try block.encode(into: &bytes, file: nil) { _ in } }
        return bytes
    }
}

extension STARBlock {
    /// Appends the block's text; `flush` may take what is there after each row.
    fileprivate func encode(
        into text: inout [UInt8], file: String?, flush: (inout [UInt8]) throws(DataError) -> Void
    ) throws(DataError) {
        guard name.isEmpty || STARText.isWord("x" + name) else {
            throw DataError(
                file: file, "a STAR block cannot have this name", found: name.debugDescription,
                wanted: "one word", remedy: "Rename the block")
        }
        text.append(contentsOf: "\n".utf8)
        for line in comments.flatMap({ $0.split(whereSeparator: \.isNewline) }) {
            text.append(contentsOf: "\(line.hasPrefix("#") ? "" : "# ")\(line)\n".utf8)
        }
        text.append(contentsOf: "\(comments.isEmpty ? "" : "\n")data_\(name)\n\n".utf8)
        switch content {
        case .pairs:
            for column in columns {
                text.append(contentsOf: "_\(column.label) ".utf8)
                text.append(contentsOf: column.original(0))
                text.append(UInt8(ascii: "\n"))
            }
        case .table where !columns.isEmpty:
            text.append(contentsOf: "loop_\n".utf8)
            for (index, label) in labels.enumerated() {
                text.append(contentsOf: "_\(label) #\(index + 1)\n".utf8)
            }
            for row in 0..<rowCount {
                for column in columns {
                    text.append(contentsOf: column.original(row))
                    text.append(UInt8(ascii: " "))
                }
                text[text.count - 1] = UInt8(ascii: "\n")
                try flush(&text)
            }
        case .table: break
        }
        text.append(UInt8(ascii: "\n"))
    }
}
