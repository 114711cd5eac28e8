import CryoEM
import CryoIO
import Foundation

/// The files of a motion study: `motion.json`, `motion.csv`, an axis for each state as `STATE.bild` and
/// `motion.cxc`, which opens the base map with all axes in ChimeraX.
public struct MotionFiles {
    let findings: MotionFindings

    public init(_ findings: MotionFindings) { self.findings = findings }

    /// - Parameter path: of the folder; an earlier study there is replaced whole.
    public func write(to path: String) throws {
        try OutputFolder.create((path as NSString).deletingLastPathComponent)
        let folder = try StagedFolder(path)
        try findings.write(to: folder.file("motion.json"))
        try AtomicFile.write(text: findings.csv, to: folder.file("motion.csv"))
        for (index, state) in findings.states.enumerated() {
            try AtomicFile.write(text: bild(state, index), to: folder.file(Self.name(state, index)))
        }
        try AtomicFile.write(text: script(path), to: folder.file("motion.cxc"))
        try folder.commit()
    }

    static func name(_ state: MotionFindings.State, _ index: Int) -> String {
        let safe = state.name.map { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" ? $0 : "_" }
        return String(format: "%03d_", index) + String(safe) + ".bild"
    }

    /// The screw axis as an arrow through the point nearest to the domain, and the way of the domain's
    /// centre.
    private func bild(_ state: MotionFindings.State, _ index: Int) -> String {
        let centre = SIMD3(findings.domain.centre)
        let axis = SIMD3(state.axis)
        let half = 30.0
        let middle = state.axisPoint.map { SIMD3($0) } ?? centre
        var lines = [
            ".comment \(state.name): rotation \(Self.number(state.rotation)) degrees, "
                + "translation \(Self.number(state.translation)) A, slide \(Self.number(state.slide)) A",
            ".color \(Self.colours[index % Self.colours.count])",
        ]
        if state.axisPoint != nil {
            lines.append(Self.arrow(middle - half * axis, middle + half * axis, radius: 0.8))
        }
        let (r, t) = (state.matrix, SIMD3(state.offset))
        let turned = Rotation(rowMajor: r) * centre
        lines.append(".sphere \(Self.text(centre)) 1.5")
        if state.translation > 0.05 { lines.append(Self.arrow(centre, turned + t, radius: 0.6)) }
        return lines.joined(separator: "\n") + "\n"
    }

    private func script(_ folder: String) -> String {
        let lines =
            ["open \"\(Self.absolute(findings.base))\"", "volume #1 transparency 0.6"]
            + findings.states.enumerated().map { index, state in
                "open \"\(Self.absolute(folder))/\(Self.name(state, index))\""
            } + ["view"]
        return lines.joined(separator: "\n") + "\n"
    }

    private static let colours = [
        "0.12 0.47 0.71", "1.0 0.5 0.05", "0.17 0.63 0.17", "0.84 0.15 0.16", "0.58 0.4 0.74",
        "0.55 0.34 0.29",
        "0.89 0.47 0.76", "0.5 0.5 0.5",
    ]

    private static func absolute(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.path
    }

    private static func arrow(_ from: SIMD3<Double>, _ to: SIMD3<Double>, radius: Double) -> String {
        ".arrow \(text(from)) \(text(to)) \(radius) \(2 * radius) 0.85"
    }

    private static func text(_ v: SIMD3<Double>) -> String {
        [v.x, v.y, v.z].map(number).joined(separator: " ")
    }

    private static func number(_ value: Double) -> String { String(format: "%.3f", value) }
}

extension SIMD3<Double> {
    /// Of three values; of fewer, 0.
    fileprivate init(_ values: [Double]) {
        self = values.count == 3 ? SIMD3(values[0], values[1], values[2]) : .zero
    }
}
