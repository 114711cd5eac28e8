import Foundation

/// The safetensors container: a JSON header with name, type, shape and byte range of each tensor, then the bytes.
public enum Safetensors {

    private static let names: [(DType, String)] = [
        (.float32, "F32"), (.float64, "F64"), (.int64, "I64"), (.int32, "I32"), (.uint8, "U8"), (.bool, "BOOL"),
        (.bfloat16, "BF16"), (.float16, "F16"),
    ]

    /// The bytes of a file with these tensors and text entries.
    public static func encode(_ tensors: [Parameter], metadata: [String: String]) throws(TorchError) -> Data {
        var header: [String: Any] = ["__metadata__": metadata]
        var offset = 0
        for parameter in tensors {
            let dtype = parameter.tensor.dtype
            guard let name = names.first(where: { $0.0 == dtype })?.1 else {
                throw TorchError("tensor \(parameter.name) has the type \(dtype), which a checkpoint cannot hold")
            }
            let bytes = try parameter.tensor.checked().count * dtype.bytes
            header[parameter.name] = [
                "dtype": name, "shape": parameter.tensor.shape, "data_offsets": [offset, offset + bytes],
            ] as [String: Any]
            offset += bytes
        }
        guard var text = try? JSONSerialization.data(withJSONObject: header, options: [.sortedKeys]) else {
            throw TorchError("the header of a checkpoint cannot be written as JSON")
        }
        while text.count % 8 != 0 { text.append(0x20) }
        var file = Data(capacity: 8 + text.count + offset)
        withUnsafeBytes(of: UInt64(text.count).littleEndian) { file.append(contentsOf: $0) }
        file.append(text)
        for parameter in tensors {
            var block = [UInt8](repeating: 0, count: parameter.tensor.count * parameter.tensor.dtype.bytes)
            var failure: TorchError?
            block.withUnsafeMutableBytes { buffer in
                do throws(TorchError) { try parameter.tensor.copy(to: buffer) } catch { failure = error }
            }
            if let failure { throw failure }
            file.append(contentsOf: block)
        }
        return file
    }

    /// Tensors by name and the text entries. Every size is checked against the file before it is used.
    public static func decode(
        _ file: Data, name: String
    ) throws(TorchError) -> (tensors: [String: Tensor], metadata: [String: String]) {
        func damaged(_ what: String) -> TorchError { TorchError("\(name) is no whole safetensors file: \(what)") }
        guard file.count >= 8 else { throw damaged("it has \(file.count) bytes") }
        let length = file.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(file.count - 8) else { throw damaged("its header claims \(length) bytes") }
        let start = file.startIndex + 8 + Int(length)
        guard let object = try? JSONSerialization.jsonObject(with: file[(file.startIndex + 8)..<start]),
            let header = object as? [String: Any]
        else { throw damaged("its header is not JSON") }
        var tensors: [String: Tensor] = [:]
        for (key, value) in header where key != "__metadata__" {
            guard let entry = value as? [String: Any], let type = entry["dtype"] as? String,
                let dtype = names.first(where: { $0.1 == type })?.0, let shape = entry["shape"] as? [Int],
                let range = entry["data_offsets"] as? [Int], range.count == 2, range[0] >= 0, range[1] >= range[0],
                range[1] <= file.endIndex - start
            else { throw damaged("the entry of \(key) is not valid") }
            let bytes = file[(start + range[0])..<(start + range[1])]
            tensors[key] = try bytes.withUnsafeBytes { Tensor(bytes: $0, shape: shape, dtype) }.checked()
        }
        return (tensors, header["__metadata__"] as? [String: String] ?? [:])
    }
}
