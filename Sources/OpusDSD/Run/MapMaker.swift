import CryoIO

/// Turns codes into maps, on the decoder's own grid or in the box of the particles.
struct MapMaker: Sendable {
    let evaluation: Evaluation
    let latentSize: Int
    /// Size of a code with the pose block behind it.
    let wideSize: Int
    let geometry: StageGeometry
    /// Side, pixel size and origin of the maps.
    let side: Int
    let pixelSize: Double
    let origin: SIMD3<Double>

    /// Maps of codes, row-major [count, Z] or with the pose block behind, in the box of the particles.
    func maps(codes: [Float], count: Int, each body: (Int, DensityMap) throws -> Void) throws {
        let size = try checkedSize(codes, count: count)
        for row in 0..<count {
            try body(row, try map(Array(codes[(row * size)..<((row + 1) * size)])))
        }
    }

    private func map(_ code: [Float]) throws -> DensityMap {
        let volume = try evaluation.decode(code, count: 1)[0]
        return DensityMap(
            cube: try VolumeResampling(geometry).map(volume), side: side, pixelSize: pixelSize, origin: origin
        )
    }

    /// The map of a code as the decoder makes it: side T over the crop cube. It has the densities of the
    /// full map and lies where that lies, at a part of the cost.
    func quickMap(_ code: [Float]) throws -> DensityMap {
        _ = try checkedSize(code, count: 1)
        let volume = try evaluation.decode(code, count: 1)[0]
        let scale = 1 / Float(geometry.densityGain)
        let voxel = geometry.volumePitch * geometry.pixelSize
        // Both grids turn about index N/2 (METHOD 1.4).
        let shift = Double(side / 2) * pixelSize - Double(geometry.volumeSide / 2) * voxel
        return DensityMap(
            cube: volume.map { $0 * scale }, side: geometry.volumeSide, pixelSize: voxel,
            origin: origin + SIMD3(repeating: shift))
    }

    private func checkedSize(_ codes: [Float], count: Int) throws(DataError) -> Int {
        let size = codes.count / max(1, count)
        guard count > 0, size * count == codes.count, size == latentSize || size == wideSize else {
            throw DataError(
                file: nil, "codes have another size than the run's", found: "\(size)",
                wanted: "\(latentSize)", remedy: "Give an array [n, \(latentSize)].")
        }
        return size
    }
}
