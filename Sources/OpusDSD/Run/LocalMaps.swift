import CryoEM
import CryoIO

/// Maps of codes from the particle images whose codes lie near them, in the box, pixel size and origin of the
/// consensus. Unlike the decoder's they reach the resolution that the images have.
public struct LocalMaps {
    private let run: Run
    private let codes: Codes
    private let reconstructor: LocalReconstructor

    /// Reconstructs from all images first.
    /// - Throws: `DataError` where the run has no codes, or not one for each particle.
    public init(_ run: Run, progress: RunData.Progress = { _, _, _ in }) throws {
        codes = try Codes(run.data.folder)
        guard codes.count == run.data.particles.count, codes.width >= run.latentSize else {
            throw DataError(
                file: run.data.folder.mean, "there is not one code for each particle",
                found: "\(codes.count) codes of \(codes.width) values",
                wanted: "\(run.data.particles.count) codes of \(run.latentSize)",
                remedy: "Encode again with dsd encode.")
        }
        self.run = run
        let prepared = try run.data.prepared(box: run.data.particles.box, progress: progress)
        reconstructor = try LocalReconstructor(
            run.data.particles, prepared, mask: run.data.mask, workers: run.workers
        ) { progress("reconstructing from all images", $0, $1) }
    }

    /// - Parameter code: Z values.
    public func map(_ code: [Float]) throws -> LocalReconstruction {
        let code = Array(code.prefix(run.latentSize))
        var decoded: DensityMap?
        try run.maps(codes: code, count: 1) { decoded = $1 }
        let most = LocalReconstructor.counts(of: codes.count).last ?? 0
        var found = try reconstructor.map(nearest: codes.nearest(to: code, count: most), decoded: decoded)
        found.map.origin = run.data.consensus.origin
        return found
    }
}
