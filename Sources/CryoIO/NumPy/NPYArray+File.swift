extension NPYArray {
    /// Reads an `.npy` file of either byte order, in C or Fortran order.
    /// - Throws: `DataError` where the file is missing, not an array, truncated, or of a type that cannot be
    ///   read.
    public static func read(_ path: String) throws(DataError) -> NPYArray {
        try NPYArray(encoded: FileBytes.read(path)[...], file: path)
    }

    /// Writes an `.npy` file.
    /// - Throws: `DataError` where the file cannot be written; nothing is left behind.
    public func write(to path: String) throws(DataError) {
        try AtomicFile.write(encoded(), to: path)
    }

    /// The bytes of the `.npy` file.
    func encoded() -> [UInt8] {
        NPYHeader.encoded(element: element, shape: shape) + bytes
    }

    /// - Parameter encoded: the bytes of an `.npy` file.
    init(encoded: ArraySlice<UInt8>, file: String) throws(DataError) {
        let header = try NPYHeader(bytes: encoded, file: file)
        let (element, isBigEndian) = try header.plainType(file: file)
        let stored = encoded.dropFirst(header.dataOffset)
        try self.init(
            stored: stored, shape: header.shape, element: element, isBigEndian: isBigEndian,
            isFortranOrder: header.isFortranOrder, file: file)
    }

    /// An array of the bytes that a file has for it, which may be more than it needs.
    /// - Throws: `DataError` where they are fewer.
    init(
        stored: some RandomAccessCollection<UInt8>, shape: [Int], element: Element, isBigEndian: Bool,
        isFortranOrder: Bool, file: String
    ) throws(DataError) {
        let width = element.bytesPerValue
        var length: Int? = width
        for axis in shape { length = length.flatMap { checkedProduct($0, axis) } }
        guard let length, stored.count >= length else {
            throw DataError(
                file: file, "the array is truncated", found: "\(stored.count) bytes of values",
                wanted: "\(length.map(String.init) ?? "more than fits in memory") for shape \(shape)",
                remedy: "Copy or make the file again")
        }
        // One copy is made of the values, whatever is done to them.
        var values: [UInt8]
        if isFortranOrder, shape.count > 1, length > 0 {
            values = Self.cOrdered(stored.prefix(length), shape: shape, width: width)
        } else if let whole = stored as? [UInt8], whole.count == length {
            values = whole
        } else {
            values = Array(stored.prefix(length))
        }
        if isBigEndian, width > 1 {
            for start in stride(from: 0, to: length, by: width) { values[start..<start + width].reverse() }
        }
        self.init(shape: shape, element: element, bytes: values)
    }

    /// Values stored with the first axis fastest, put into the order with the last axis fastest.
    private static func cOrdered(
        _ values: some RandomAccessCollection<UInt8>, shape: [Int], width: Int
    ) -> [UInt8] {
        var strides: [Int] = []
        for axis in shape.indices { strides.append(shape[..<axis].reduce(width, *)) }
        var result: [UInt8] = []
        result.reserveCapacity(values.count)
        var index = [Int](repeating: 0, count: shape.count)
        var source = 0
        while result.count < values.count {
            let first = values.index(values.startIndex, offsetBy: source)
            result.append(contentsOf: values[first..<values.index(first, offsetBy: width)])
            var axis = shape.count - 1
            while axis >= 0 {
                index[axis] += 1
                source += strides[axis]
                if index[axis] < shape[axis] { break }
                source -= strides[axis] * shape[axis]
                index[axis] = 0
                axis -= 1
            }
        }
        return result
    }
}
