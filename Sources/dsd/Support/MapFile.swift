import CryoEM
import CryoIO

/// Maps that a user names.
enum MapFile {
    /// Reads a map that can be transformed and filtered.
    /// - Throws: `DataError` for a map that is no even cube, has no pixel size or holds values that are no
    ///   numbers.
    static func read(_ path: String) throws(DataError) -> DensityMap {
        let map = try DensityMap.read(path)
        guard map.isCube, map.side % 2 == 0 else {
            throw DataError(
                file: path, "an even cubic box is wanted", found: "\(map.size)",
                remedy: "Pad or crop the map to an even cube")
        }
        guard map.pixelSize > 0 else {
            throw DataError(
                file: path, "the header tells no voxel size", found: "\(map.pixelSize) A",
                remedy: "Write it into the header, for example with relion_image_handler --rescale_angpix")
        }
        guard map.values.allSatisfy(\.isFinite) else {
            throw DataError(
                file: path, "the map has values that are no numbers", found: "NaN or infinity",
                remedy: "Make the map again")
        }
        return map
    }

    /// Reads a map that is compared voxel by voxel with another.
    /// - Throws: `DataError` also where its box, or its pixel size by more than 1 %, is not that of `other`.
    static func read(_ path: String, like other: DensityMap, _ name: String) throws(DataError) -> DensityMap {
        let map = try read(path)
        guard map.size == other.size else {
            throw DataError(
                file: path, "the map's box is not that of \(name)", found: "\(map.side)",
                wanted: "\(other.side)",
                remedy: "Resample one of the two")
        }
        guard abs(map.pixelSize - other.pixelSize) <= 0.01 * other.pixelSize else {
            throw DataError(
                file: path, "the map's pixel size is not that of \(name)", found: "\(map.pixelSize) A",
                wanted: "\(other.pixelSize) A", remedy: "Correct its header, or resample one of the two")
        }
        return map
    }
}
