import Analysis
import CryoEM
import CryoIO
import Foundation
import Latent
import OpusDSD

/// All columns of a run, in the order of the list.
enum Columns {
    static func all(
        _ folder: RunFolder, codes: Matrix, scores: Matrix, particles: ParticleSet?, clusters: Int?
    ) -> [Column] {
        clusterings(folder, first: clusters, rows: codes.rows)
            + arrays(folder, rows: codes.rows) + latent(folder, codes: codes, scores: scores)
            + (particles.map { optics($0) + table($0) } ?? [])
    }

    /// `kmeansK/labels.npy`, those of the last analysis first.
    private static func clusterings(_ folder: RunFolder, first: Int?, rows: Int) -> [Column] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.analysis)) ?? []
        let counts = names.compactMap { $0.hasPrefix("kmeans") ? Int($0.dropFirst(6)) : nil }
            .sorted { ($0 == first ? 0 : 1, $0) < ($1 == first ? 0 : 1, $1) }
        return counts.map { count in
            let file = "\(folder.analysis)/kmeans\(count)/labels.npy"
            return Column("kmeans\(count)", "Cluster, k = \(count)", group: "Analysis") {
                let labels = try read(file, rows: rows).integers()
                return .categories(labels, names: (0..<count).map { "\($0)" })
            }
        }
    }

    /// Other arrays of the analysis with a value for each particle.
    private static func arrays(_ folder: RunFolder, rows: Int) -> [Column] {
        let found =
            FileManager.default.enumerator(atPath: folder.analysis)?.compactMap { $0 as? String } ?? []
        let files = found.filter { $0.hasSuffix(".npy") && !$0.contains("kmeans") }.sorted()
        return files.compactMap { name in
            let path = "\(folder.analysis)/\(name)"
            guard let array = try? NPYArray.read(path), array.shape == [rows] else { return nil }
            return Column("array:\(name)", String(name.dropLast(4)), group: "Analysis") {
                Column.values(ofNumbers: try read(path, rows: rows).doubles())
            }
        }
    }

    private static func latent(_ folder: RunFolder, codes: Matrix, scores: Matrix) -> [Column] {
        let components = (0..<min(8, scores.columns)).map { component in
            Column("pc\(component + 1)", "Component \(component + 1)", group: "Latent space") {
                .numbers(scores.column(component), unit: nil)
            }
        }
        guard FileManager.default.fileExists(atPath: folder.logSigma) else { return components }
        let spread = Column("spread", "Posterior spread", group: "Latent space") {
            let array = try NPYArray.read(folder.logSigma)
            let width = array.shape.last ?? 1
            guard array.shape.first == codes.rows, width >= codes.columns else {
                throw wrongRows(folder.logSigma, array.shape, codes.rows)
            }
            let values = array.floats()
            return .numbers(
                (0..<codes.rows).map { row in
                    let part = values[(row * width)..<(row * width + codes.columns)]
                    return (part.reduce(0) { $0 + exp(2 * $1) } / Float(codes.columns)).squareRoot()
                }, unit: nil)
        }
        return [spread] + components
    }

    private static func optics(_ particles: ParticleSet) -> [Column] {
        [
            Column("defocus", "Defocus", group: "Images") {
                .numbers(
                    particles.ctf.map { Float(($0.defocusU + $0.defocusV) / 2 / 1e4) }, unit: "µm")
            },
            Column("view", "View class", group: "Images") {
                .categories(
                    particles.viewClasses(), names: (0..<ViewClass.count).map { "\($0)" })
            },
            Column("tilt", "Tilt", group: "Images") {
                .numbers(particles.angles.map { Float($0.tilt) }, unit: "°")
            },
            Column("psi", "In-plane angle", group: "Images") {
                .numbers(particles.angles.map { Float($0.psi) }, unit: "°")
            },
            Column("shift", "Length of the shift", group: "Images") {
                .numbers(
                    particles.origins.map { Float(($0.x * $0.x + $0.y * $0.y).squareRoot()) }, unit: "Å")
            },
        ]
    }

    /// Every column of the particle file that has one value a row.
    private static func table(_ particles: ParticleSet) -> [Column] {
        switch particles.source {
        case .star(let file, let block):
            return (file[block: block]?.labels ?? []).map { label in
                Column("file:\(label)", label, group: "Particle file") {
                    Column.values(ofTexts: file[block: block]?.column(label) ?? [])
                }
            }
        // cryoDRGN's pickles have no columns beside poses and optics.
        case .cryoDRGN: return []
        case .cryoSPARC(let table):
            return table.fields.filter { $0.shape.isEmpty && $0.kind != .opaque }.map { field in
                let isText = field.kind == .bytes || field.kind == .unicode
                return Column("file:\(field.name)", field.name, group: "Particle file") {
                    isText
                        ? Column.values(ofTexts: try table.strings(field.name))
                        : Column.values(ofNumbers: try table.doubles(field.name))
                }
            }
        }
    }

    private static func read(_ path: String, rows: Int) throws -> NPYArray {
        let array = try NPYArray.read(path)
        guard array.shape == [rows] else { throw wrongRows(path, array.shape, rows) }
        return array
    }

    private static func wrongRows(_ path: String, _ shape: [Int], _ rows: Int) -> DataError {
        DataError(
            file: path, "there is not one value for each particle", found: "shape \(shape)",
            wanted: "[\(rows)]", remedy: "Run dsd analyze again.")
    }
}
