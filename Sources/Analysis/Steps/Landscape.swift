import CryoIO
import Foundation
import Latent

/// The density of particles in the latent space: at every particle, along chosen principal components as a
/// free energy, and where hardly any particle lies.
public struct Landscape: Sendable {
    /// Neighbours that densities, paths and the layout are made from.
    static let neighbours = 20
    private static let linePoints = 100
    private static let planePoints = 80

    let neighbours: Neighbours
    public let density: LocalDensity
    public let outliers: Outliers
    /// Free energies along single components, with the component's number from 1.
    public let lines: [(component: Int, energy: FreeEnergy)]
    /// Over the plane of the first two chosen components; nil where there is one alone.
    public let plane: FreeEnergy?
    let planeComponents: [Int]

    /// nil where there are too few particles for neighbourhoods.
    init?(
        _ codes: Matrix, coordinates: Matrix, settings: AnalysisSettings, threads: Int?
    ) throws {
        guard codes.rows > 3 else { return nil }
        neighbours = try NeighbourIndex(codes).neighbours(
            min(Self.neighbours, codes.rows - 1), threads: threads)
        density = LocalDensity(neighbours, columns: codes.columns)
        outliers = Outliers(density, limit: settings.outlierLimit)
        let chosen = settings.energyComponents ?? Array(1...min(2, coordinates.columns))
        let columns = chosen.map { coordinates.column($0 - 1) }
        lines = try zip(chosen, columns).map {
            (component: $0, energy: try FreeEnergy([$1], points: Self.linePoints))
        }
        planeComponents = Array(chosen.prefix(2))
        plane = columns.count < 2 ? nil : try FreeEnergy(Array(columns.prefix(2)), points: Self.planePoints)
    }

    /// Writes `density.npy`, `outlier_scores.npy`, `outliers.npy`, `free_energy_pcN.csv` and `plane.csv`.
    func write(to path: String, uncertainty: CodeUncertainty?) throws {
        let folder = try StagedFolder(path)
        let n = density.logDensity.count
        try NPYArray(shape: [n], floats: density.logDensity).write(to: folder.file("density.npy"))
        try NPYArray(shape: [n], floats: outliers.scores).write(to: folder.file("outlier_scores.npy"))
        try NPYArray(shape: [outliers.rows.count], integers: outliers.rows).write(
            to: folder.file("outliers.npy"))
        if let uncertainty {
            try NPYArray(shape: [n], floats: uncertainty.values).write(to: folder.file("uncertainty.npy"))
        }
        for line in lines {
            try AtomicFile.write(
                text: Self.csv(line.energy), to: folder.file("free_energy_pc\(line.component).csv"))
        }
        if let plane { try AtomicFile.write(text: Self.csv(plane), to: folder.file("plane.csv")) }
        try folder.commit()
    }

    /// Densities per unit of the coordinates, energies and their errors in kT; empty where there is no
    /// particle.
    private static func csv(_ energy: FreeEnergy) -> String {
        let names = energy.axes.count == 1 ? ["coordinate"] : ["first", "second"]
        let head = (names + ["density", "free_energy_kT", "error_kT"]).joined(separator: ",")
        let width = energy.axes[0].count
        let rows = energy.density.indices.map { place -> String in
            let at =
                energy.axes.count == 1
                ? [energy.axes[0][place]] : [energy.axes[0][place % width], energy.axes[1][place / width]]
            func text(_ value: Double) -> String { value.isFinite ? String(format: "%.4f", value) : "" }
            return
                (at.map { String(format: "%.5f", $0) }
                + [
                    String(format: "%.6g", energy.density[place]), text(energy.energy[place]),
                    text(energy.error[place]),
                ])
                .joined(separator: ",")
        }
        return ([head] + rows).joined(separator: "\n") + "\n"
    }
}
