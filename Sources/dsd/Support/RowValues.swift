import CryoIO
import Foundation

/// One number for each particle, from a file that a user gives: a NumPy array (`.npy`), a pickle of one as
/// cryoDRGN writes it (`.pkl`), or text with a number a line.
enum RowValues {
    /// - Parameters:
    ///   - option: that named the file, for errors.
    ///   - count: particles; nil takes any number of values.
    static func read(_ path: String, option: String, count: Int? = nil) throws(DataError) -> [Double] {
        let values: [Double]
        if let array = try array(path) {
            guard array.shape.count(where: { $0 != 1 }) <= 1 else {
                throw DataError(
                    file: path, "the array is no list of numbers", found: "shape \(array.shape)",
                    wanted: "one axis", remedy: "Save one column")
            }
            values = array.doubles()
        } else {
            values = try text(path)
        }
        if let row = values.firstIndex(where: { !$0.isFinite }) {
            throw DataError(
                file: path, at: .row(row + 1), "the value is not finite", found: "\(values[row])",
                wanted: "a number", remedy: "Correct the file that \(option) names")
        }
        if let count, values.count != count {
            throw DataError(
                file: path, "there is not one value for each particle", found: "\(values.count) values",
                wanted: "\(count)", remedy: "Give \(option) a file with one value for each row of the set")
        }
        return values
    }

    /// The array of a `.npy` or `.pkl` file; nil for another file.
    static func array(_ path: String) throws(DataError) -> NPYArray? {
        switch (path as NSString).pathExtension.lowercased() {
        case "npy": return try NPYArray.read(path)
        case "pkl":
            let arrays = try Pickle.read(path)
            guard let only = arrays.first, arrays.count == 1 else {
                throw DataError(
                    file: path, "the pickle is no list of numbers", found: "\(arrays.count) arrays",
                    wanted: "one", remedy: "Give a file of row numbers")
            }
            return only
        default: return nil
        }
    }

    private static func text(_ path: String) throws(DataError) -> [Double] {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw DataError(file: path, "the file cannot be read", remedy: "Check its name")
        }
        var values: [Double] = []
        let lines = String(decoding: bytes, as: UTF8.self)
            .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (number, line) in lines.enumerated() {
            for word in line.prefix(while: { $0 != "#" }).split(whereSeparator: { " \t,".contains($0) }) {
                guard let value = Double(word) else {
                    throw DataError(
                        file: path, at: .line(number + 1), "this is no number", found: "'\(word.prefix(40))'",
                        wanted: "numbers, one a line", remedy: "Give a .npy file or a plain list")
                }
                values.append(value)
            }
        }
        return values
    }
}
