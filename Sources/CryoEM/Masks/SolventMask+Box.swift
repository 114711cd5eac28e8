import CryoIO

extension SolventMask {
    /// Reads a mask that belongs to particles or maps of a given box.
    /// - Throws: `DataError` where its box or pixel size (by more than 1 %) is another.
    public init(path: String, box: Int, pixelSize: Double) throws(DataError) {
        try self.init(try DensityMap.read(path), file: path)
        guard side == box else {
            throw DataError(
                file: path, "the mask's box is not that of the particles", found: "\(side)", wanted: "\(box)",
                remedy: "Make the mask from a map of the particles' box, or resample it")
        }
        guard self.pixelSize == 0 || abs(self.pixelSize - pixelSize) <= 0.01 * pixelSize else {
            throw DataError(
                file: path, "the mask's pixel size is not that of the particles",
                found: "\(self.pixelSize) A",
                wanted: "\(pixelSize) A", remedy: "Correct its header, or resample the mask")
        }
    }

    /// The mask on another grid, at the same physical places about index N/2: trilinear, 0 outside the old
    /// box.
    public func resampled(side: Int, pixelSize: Double) throws(DataError) -> SolventMask {
        let ratio = pixelSize / self.pixelSize
        let axis = (0..<side).map { target -> (index: Int, fraction: Float) in
            let place = Double(self.side / 2) + ratio * Double(target - side / 2)
            let lower = place.rounded(.down)
            return (Int(lower), Float(place - lower))
        }
        var values = [Float](repeating: 0, count: side * side * side)
        var index = 0
        let n = self.side
        map.values.withUnsafeBufferPointer { source in
            func value(_ z: Int, _ y: Int, _ x: Int) -> Float {
                guard 0..<n ~= z, 0..<n ~= y, 0..<n ~= x else { return 0 }
                return source[(z * n + y) * n + x]
            }
            func row(_ z: Int, _ y: Int, _ x: (index: Int, fraction: Float)) -> Float {
                (1 - x.fraction) * value(z, y, x.index) + x.fraction * value(z, y, x.index + 1)
            }
            for z in axis {
                for y in axis {
                    for x in axis {
                        let near =
                            (1 - y.fraction) * row(z.index, y.index, x) + y.fraction
                            * row(z.index, y.index + 1, x)
                        let far =
                            (1 - y.fraction) * row(z.index + 1, y.index, x)
                            + y.fraction * row(z.index + 1, y.index + 1, x)
                        values[index] = (1 - z.fraction) * near + z.fraction * far
                        index += 1
                    }
                }
            }
        }
        return try SolventMask(DensityMap(cube: values, side: side, pixelSize: pixelSize, origin: map.origin))
    }

    /// First and last index of the voxels above 0 along z, y and x.
    public var extents: (z: ClosedRange<Int>, y: ClosedRange<Int>, x: ClosedRange<Int>) {
        var low = SIMD3(side, side, side), high = SIMD3(0, 0, 0), index = 0
        for z in 0..<side {
            for y in 0..<side {
                for x in 0..<side {
                    if map.values[index] > 0 {
                        low = SIMD3(min(low.x, x), min(low.y, y), min(low.z, z))
                        high = SIMD3(max(high.x, x), max(high.y, y), max(high.z, z))
                    }
                    index += 1
                }
            }
        }
        return (low.z...high.z, low.y...high.y, low.x...high.x)
    }

    /// Voxels between the mask and the nearest face of its box: the least of `first` and `side - last` over
    /// the axes.
    public var margin: Int {
        let e = extents
        return [e.z, e.y, e.x].map { min($0.lowerBound, side - $0.upperBound) }.min() ?? 0
    }

    /// Radius in Angstrom of the smallest sphere about index N/2 that holds all voxels above 0.
    public var radius: Double {
        var square = 0, index = 0
        let centre = side / 2
        for z in -centre..<side - centre {
            for y in -centre..<side - centre {
                for x in -centre..<side - centre {
                    if map.values[index] > 0 { square = max(square, z * z + y * y + x * x) }
                    index += 1
                }
            }
        }
        return Double(square).squareRoot() * pixelSize
    }

    /// Sum of the mask's values as a volume, cubic Angstrom.
    public var volume: Double {
        map.values.reduce(0) { $0 + Double($1) } * pixelSize * pixelSize * pixelSize
    }
}
