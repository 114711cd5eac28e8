import CryoIO

/// Every value of a STAR file's particle and optics tables, looked at once.
struct STARCheck {
    let file: String
    let block: STARBlock
    let optics: STARBlock?
    let reading: ParticleReading
    private var particleColumns: [String: ColumnScan] = [:]
    private var opticsColumns: [String: ColumnScan] = [:]
    /// Row of the optics table for each particle; empty without one.
    private var opticsRows: [Int] = []

    init(_ star: STARFile, file: String, reading: ParticleReading, _ faults: inout FaultList)
        throws(DataError)
    {
        self.file = file
        self.reading = reading
        block = try ParticleRows.particleBlock(of: star, file: file)
        optics = block.name == "optics" ? nil : star[block: "optics"]
        particleColumns = Self.scan(block, file: file, &faults)
        if let optics { opticsColumns = Self.scan(optics, file: file, &faults) }
        checkColumns(&faults)
        let check = OpticsCheck(file: file, particles: particleColumns, optics: opticsColumns)
        opticsRows = check.rows(count: block.rowCount, hasTable: optics != nil, &faults)
    }

    /// Numbers of all columns that hold numbers, with their faults.
    private static func scan(
        _ block: STARBlock, file: String, _ faults: inout FaultList
    ) -> [String: ColumnScan] {
        let columns = block.columns
        var found: [String: ColumnScan] = [:]
        for scan in Concurrent.map(columns.count, { ColumnScan(columns[$0]) }) {
            guard let scan, let column = block[scan.label] else { continue }
            found[scan.label] = scan
            let name = "_\(scan.label)"
            for row in scan.faulty {
                faults.add(
                    .error, .number, subject: name,
                    DataError(
                        file: file, at: .row(row + 1), "\(name) of data_\(block.name) is no finite number",
                        found: "'\(column[row].prefix(60))'", wanted: "a number",
                        remedy: "Correct the value or remove the row"))
            }
            guard let quantity = Quantity.byLabel[scan.label] else { continue }
            for row in scan.outside {
                faults.add(
                    quantity.severity, .range, subject: name,
                    DataError(
                        file: file, at: .row(row + 1), "\(name) of data_\(block.name) is "
                            + (quantity.severity == .error ? "impossible" : "doubtful"),
                        found: String(column[row].prefix(60)), wanted: quantity.wanted,
                        remedy: "Correct the value or its unit, or remove the row"))
            }
        }
        return found
    }

    private func checkColumns(_ faults: inout FaultList) {
        func isThere(_ label: String) -> Bool {
            block.contains(label) || optics?.contains(label) == true
        }
        for label in Quantity.required where !isThere(label) {
            faults.add(
                .error, .column,
                DataError(
                    file: file, "the file has no column _\(label)", wanted: "_\(label)",
                    remedy: "Give the STAR file of a refinement, which has it"))
        }
        let hasOrigins = ["rlnOriginXAngst", "rlnOriginX"].contains(where: isThere)
        if !hasOrigins {
            faults.add(
                .warning, .column,
                DataError(
                    file: file, "there are no origins: particles are taken as centred",
                    wanted: "_rlnOriginXAngst and _rlnOriginYAngst",
                    remedy: "Give the STAR file of a refinement"))
        }
        if !isThere("rlnRandomSubset") {
            faults.add(
                .warning, .column,
                DataError(
                    file: file, "there are no half sets: images are divided by their names",
                    wanted: "_rlnRandomSubset", remedy: "Give the STAR file of an auto-refinement"))
        }
    }

    /// What the checks of images, views and duplicates need.
    func rows(_ faults: inout FaultList) -> CheckedRows? {
        guard let column = block["rlnImageName"] else { return nil }
        var badNames: [Int] = []
        let names = ImageNames(column) { badNames.append($0) }
        for row in badNames {
            faults.add(
                .error, .name,
                DataError(
                    file: file, at: .row(row + 1), "_rlnImageName does not name an image",
                    found: "'\(column[row].prefix(120))'", wanted: "NUMBER@STACK with a number from 1",
                    remedy: "Correct the name or remove the row"))
        }
        let (rot, tilt, psi) = (values("rlnAngleRot"), values("rlnAngleTilt"), values("rlnAnglePsi"))
        let sizes = pixelSizes(&faults)
        let groups = values("rlnOpticsGroup", default: 1).map { Int(exactly: $0) ?? 0 }
        var rows = CheckedRows(
            file: file, names: names,
            angles: rot.indices.map { SIMD3(rot[$0], tilt[$0], psi[$0]) }, origins: origins(sizes),
            pixelSizes: sizes, opticsGroups: groups)
        if let box = known("rlnImageSize") { rows.boxes = ("_rlnImageSize", box) }
        if let names = block["rlnMicrographName"], let x = known("rlnCoordinateX"),
            let y = known("rlnCoordinateY")
        {
            rows.places = (ParticleRows.interned(names).indices ?? [], x, y)
        }
        return rows
    }

    /// Angstrom per pixel of each row; NaN where nothing tells it.
    private func pixelSizes(_ faults: inout FaultList) -> [Double] {
        if let given = reading.pixelSize { return Array(repeating: given, count: block.rowCount) }
        if let sizes = known("rlnImagePixelSize") { return sizes }
        if let detector = known("rlnDetectorPixelSize"), let magnification = known("rlnMagnification") {
            return zip(detector, magnification).map { $0 * 1e4 / $1 }
        }
        if let sizes = known("rlnPixelSize") { return sizes }
        faults.add(
            .error, .pixelSize,
            DataError(
                file: file, "the file does not tell the pixel size",
                wanted: "_rlnImagePixelSize, or _rlnDetectorPixelSize and _rlnMagnification",
                remedy: "Give it with --pixel-size"))
        return Array(repeating: .nan, count: block.rowCount)
    }

    private func origins(_ sizes: [Double]) -> [SIMD2<Double>] {
        for suffix in ["Angst", ""] {
            guard let x = known("rlnOriginX" + suffix), let y = known("rlnOriginY" + suffix) else { continue }
            return x.indices.map { SIMD2(x[$0], y[$0]) * (suffix.isEmpty ? sizes[$0] : 1) }
        }
        return Array(repeating: .zero, count: block.rowCount)
    }

    private func values(_ label: String, default value: Double = .nan) -> [Double] {
        known(label) ?? Array(repeating: value, count: block.rowCount)
    }

    /// One number for each particle, from the optics table where that has the column; nil where neither has.
    private func known(_ label: String) -> [Double]? {
        guard let scan = opticsColumns[label], !opticsRows.isEmpty else {
            return particleColumns[label]?.values
        }
        return opticsRows.map { $0 < 0 ? .nan : scan.values[$0] }
    }

    /// Number of particles in each optics group and what the table says of it.
    func groups() -> [OpticsGroupFacts] {
        guard optics != nil else { return [] }
        var counts: [Int: Int] = [:]
        for row in opticsRows { counts[row, default: 0] += 1 }
        func value(_ label: String, _ row: Int) -> Double? { opticsColumns[label]?.values[row] }
        return (0..<(optics?.rowCount ?? 0)).map { row in
            OpticsGroupFacts(
                group: Int(exactly: value("rlnOpticsGroup", row) ?? Double(row + 1)) ?? 0,
                particles: counts[row] ?? 0,
                pixelSize: value("rlnImagePixelSize", row), box: value("rlnImageSize", row),
                voltage: value("rlnVoltage", row),
                sphericalAberration: value("rlnSphericalAberration", row),
                amplitudeContrast: value("rlnAmplitudeContrast", row))
        }
    }
}
