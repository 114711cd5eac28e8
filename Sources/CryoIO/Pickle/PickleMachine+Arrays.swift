extension PickleMachine {
    /// What a known function gives for the arguments on the stack's top.
    mutating func called(_ arguments: PickleValue) throws(DataError) -> PickleValue {
        guard case .name(let name) = try pop(), case .tuple(let tuple) = arguments else {
            throw damaged("the pickle calls what is no function")
        }
        let items = tuple.items
        switch (name, items.count) {
        case (.reconstruct, 3):
            guard case .name(.ndarray) = items[0] else { break }
            return .array(PickleArray())
        case (.dtype, 1...):
            guard case .text(let code) = items[0] else { break }
            return .type(try type(string(code)))
        case (.scalar, 2):
            guard case .type(let type) = items[0] else { break }
            return try scalar(try array(type, shape: [], isFortranOrder: false, items[1]))
        case (.fromBuffer, 4):
            guard case .type(let type) = items[1], case .text(let order) = items[3] else { break }
            return .array(
                PickleArray(
                    try array(
                        type, shape: try shape(items[2]), isFortranOrder: string(order) == "F", items[0])))
        case (.encode, 2):
            guard case .text(let text) = items[0], case .text(let codec) = items[1],
                string(codec) == "latin1"
            else { break }
            return .latin(text)
        default: break
        }
        throw damaged(
            "the pickle calls \(name.rawValue) with arguments that are not known",
            found: items.prefix(6).map(\.kind).joined(separator: ", "))
    }

    /// Gives the object on the stack's top its state.
    mutating func build(_ state: PickleValue) throws(DataError) {
        guard case .tuple(let tuple) = state, let top = stack.last else {
            throw damaged("a state of the pickle is no tuple")
        }
        let items = tuple.items
        switch top {
        case .type(let type):
            guard items.count >= 2, case .text(let order) = items[1] else { break }
            let text = string(order)
            guard ["<", ">", "|", "="].contains(text) else { break }
            type.isBigEndian = text == ">"
            return
        case .array(let target):
            guard items.count == 5, case .type(let type) = items[2], case .flag(let fortran) = items[3]
            else { break }
            target.array = try array(type, shape: try shape(items[1]), isFortranOrder: fortran, items[4])
            return
        default: break
        }
        throw damaged("the pickle gives a state to \(top.kind) that is not known")
    }

    private func type(_ code: String) throws(DataError) -> PickleType {
        let plain = code.first.map { "<>|=".contains($0) } == true ? String(code.dropFirst()) : code
        guard NPYArray.Element(rawValue: plain) != nil else {
            throw damaged(
                "the array has a type that cannot be read", found: "'\(code.prefix(40))'",
                wanted: "one of " + NPYArray.Element.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return PickleType(code: plain, isBigEndian: code.hasPrefix(">"))
    }

    private func shape(_ value: PickleValue) throws(DataError) -> [Int] {
        guard case .tuple(let tuple) = value, tuple.items.count <= 32 else {
            throw damaged("an array has no shape", found: value.kind)
        }
        var shape: [Int] = []
        for item in tuple.items {
            guard case .integer(let length) = item, length >= 0 else {
                throw damaged("an array has an impossible shape", found: item.kind)
            }
            shape.append(length)
        }
        return shape
    }

    /// An array of stored bytes, whose length is held against the shape.
    private func array(
        _ type: PickleType, shape: [Int], isFortranOrder: Bool, _ data: PickleValue
    ) throws(DataError) -> NPYArray {
        guard let element = NPYArray.Element(rawValue: type.code) else {
            throw damaged("the array has a type that cannot be read", found: type.code)
        }
        func array(_ stored: some RandomAccessCollection<UInt8>) throws(DataError) -> NPYArray {
            try NPYArray(
                stored: stored, shape: shape, element: element, isBigEndian: type.isBigEndian,
                isFortranOrder: isFortranOrder, file: file)
        }
        switch data {
        case .bytes(let range): return try array(bytes[range])
        case .latin(let range): return try array(latin(range))
        default: throw damaged("an array has no bytes", found: data.kind)
        }
    }

    /// The bytes of a text of the characters 0 to 255, which UTF-8 writes as one or two bytes.
    private func latin(_ range: Range<Int>) throws(DataError) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes[range].count { $0 & 0xc0 != 0x80 })
        var next = range.lowerBound
        while next < range.upperBound {
            let first = bytes[next]
            if first < 0x80 {
                result.append(first)
                next += 1
                continue
            }
            guard 0xc2...0xc3 ~= first, next + 1 < range.upperBound, bytes[next + 1] & 0xc0 == 0x80 else {
                throw damaged("a text of the pickle holds no bytes", found: "byte \(first)")
            }
            result.append(first << 6 | bytes[next + 1] & 0x3f)
            next += 2
        }
        return result
    }

    /// A NumPy number becomes a plain one.
    private func scalar(_ array: NPYArray) throws(DataError) -> PickleValue {
        switch array.element {
        case .float32, .float64: .float(array.doubles()[0])
        case .bool: .flag(array.bools()[0])
        case .int32, .int64, .uint8: .integer(try array.integers()[0])
        }
    }

    /// The arrays of the value that the pickle ends with.
    func result(_ value: PickleValue) throws(DataError) -> [NPYArray] {
        switch value {
        case .array(let one): return [try filled(one)]
        case .list(let list) where list.others.isEmpty:
            return [list.array]
        case .tuple(let tuple): return try arrays(tuple.items)
        case .list(let list) where list.count == 0: return try arrays(list.others)
        default:
            throw damaged(
                "the pickle holds no arrays", found: value.kind,
                wanted: "an array, a tuple or list of arrays, or a list of whole numbers")
        }
    }

    private func arrays(_ items: [PickleValue]) throws(DataError) -> [NPYArray] {
        var arrays: [NPYArray] = []
        for item in items.prefix(17) {
            guard case .array(let one) = item else {
                throw damaged("the pickle holds \(item.kind) among its arrays", wanted: "arrays alone")
            }
            arrays.append(try filled(one))
        }
        guard arrays.count <= 16 else {
            throw damaged("the pickle holds too many arrays", wanted: "up to 16")
        }
        return arrays
    }

    private func filled(_ array: PickleArray) throws(DataError) -> NPYArray {
        guard let values = array.array else { throw damaged("an array of the pickle has no values") }
        return values
    }
}
