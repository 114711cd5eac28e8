/// The 1024-byte header of an MRC file, after MRC2014 (Cheng et al., J. Struct. Biol. 192, 146, 2015).
public struct MRCHeader: Sendable, Equatable {
    /// How a value is stored.
    public enum Mode: Int, Sendable, CaseIterable {
        /// Signed bytes.
        case int8 = 0
        case int16 = 1
        case float32 = 2
        case uint16 = 6
        case float16 = 12

        public var bytesPerValue: Int {
            switch self {
            case .int8: 1
            case .int16, .uint16, .float16: 2
            case .float32: 4
            }
        }
    }

    public enum ByteOrder: Sendable, CaseIterable {
        case little, big
    }

    /// Columns (fastest), rows and sections stored in the file: NX, NY, NZ.
    public var columns: Int
    public var rows: Int
    public var sections: Int
    public var mode: Mode
    public var byteOrder: ByteOrder
    /// Index of the first column, row and section in the unit cell: NXSTART, NYSTART, NZSTART.
    public var start: SIMD3<Int>
    /// Sampling intervals of the unit cell along x, y, z: MX, MY, MZ.
    public var intervals: SIMD3<Int>
    /// Unit cell along x, y, z in Angstrom: CELLA.
    public var cell: SIMD3<Double>
    /// The axis (0 x, 1 y, 2 z) of columns, rows and sections: MAPC, MAPR, MAPS less one.
    public var axes: SIMD3<Int>
    /// DMIN, DMAX, DMEAN and RMS. Not trusted by the readers.
    public var minimum: Float
    public var maximum: Float
    public var mean: Float
    public var rms: Float
    /// ISPG: 0 image stack, 1 map, 401 stack of maps.
    public var spaceGroup: Int
    /// NSYMBT: bytes between the header and the first value.
    public var extendedHeaderBytes: Int
    /// EXTTYP, such as `FEI1` or `SERI`; empty where there is none.
    public var extendedHeaderType: String
    /// ORIGIN along x, y, z in Angstrom.
    public var origin: SIMD3<Double>
    public var labels: [String]

    /// Length of the header itself.
    public static let length = 1024

    /// Byte of the first value.
    public var dataOffset: Int { Self.length + extendedHeaderBytes }
    public var valuesPerSection: Int { columns * rows }
    public var bytesPerSection: Int { valuesPerSection * mode.bytesPerValue }

    /// Angstrom per voxel along x, y, z; 0 where the header does not say.
    public var voxelSize: SIMD3<Double> {
        var size = SIMD3<Double>.zero
        for axis in 0..<3 where intervals[axis] > 0 && cell[axis] > 0 && cell[axis].isFinite {
            size[axis] = cell[axis] / Double(intervals[axis])
        }
        return size
    }
}
