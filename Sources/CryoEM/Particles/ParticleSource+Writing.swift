import CryoIO

extension ParticleSource {
    /// Writes the table with the values it was read with. Image names of a STAR file change where their stack
    /// has another name than before.
    /// - Parameters:
    ///   - images: of each row.
    ///   - old: names of the stacks in the table.
    ///   - names: names of the same stacks in the file written.
    func write(
        to path: String, images: [ImageReference], from old: [String], names: [String]
    ) throws(DataError) {
        switch self {
        case .cryoSPARC(let table): try table.write(to: path)
        case .cryoDRGN(let rows): try Pickle.write(integers: rows, to: path)
        case .star(var star, let name):
            if old != names, var block = star[block: name], let column = block["rlnImageName"] {
                var values: [String] = []
                values.reserveCapacity(images.count)
                for (row, image) in images.enumerated() {
                    let text = column[row]
                    let number = text.firstIndex(of: "@").map { text[...$0] } ?? ""
                    values.append(number + names[Int(image.stack)])
                }
                try block.setColumn("rlnImageName", values)
                star[block: name] = block
            }
            try star.write(to: path)
        }
    }
}
