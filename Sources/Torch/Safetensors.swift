import Foundation

/// The safetensors container: a JSON header with name, type, shape and byte range of each tensor, then the
/// bytes.
public enum Safetensors {

    static let names: [(DType, String)] = [
        (.float32, "F32"), (.float64, "F64"), (.int64, "I64"), (.int32, "I32"), (.uint8, "U8"),
        (.bool, "BOOL"),
        (.bfloat16, "BF16"), (.float16, "F16"),
    ]

    /// The bytes of a file with these tensors and text entries.
    public static func encode(_ tensors: [Parameter], metadata: [String: String]) throws(TorchError) -> Data {
        var header: [String: Any] = ["__metadata__": metadata]
        var offset = 0
        for parameter in tensors {
            let dtype = parameter.tensor.dtype
            guard let name = names.first(where: { $0.0 == dtype })?.1 else {
                throw TorchError(
                    "tensor \(parameter.name) has the type \(dtype), which a checkpoint cannot hold")
            }
            guard header[parameter.name] == nil else {
                throw TorchError("two entries of a checkpoint are named \(parameter.name)")
            }
            let bytes = try parameter.tensor.checked().count * dtype.bytes
            header[parameter.name] =
                [
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

    /// Tensors by name and the text entries. Every size is checked against the file before it is used; a
    /// damaged file gives an error that says what is wrong.
    public static func decode(
        _ file: Data, name: String
    ) throws(TorchError) -> (tensors: [String: Tensor], metadata: [String: String]) {
        let header: SafetensorsHeader
        do throws(SafetensorsDamage) { header = try SafetensorsHeader(file) } catch {
            throw TorchError("\(name) is no whole safetensors file: \(error.what)")
        }
        let start = file.startIndex + header.dataStart
        var tensors: [String: Tensor] = [:]
        for entry in header.entries {
            let bytes = file[(start + entry.range.lowerBound)..<(start + entry.range.upperBound)]
            tensors[entry.name] = try bytes.withUnsafeBytes {
                Tensor(bytes: $0, shape: entry.shape, entry.dtype)
            }.checked()
        }
        return (tensors, header.metadata)
    }
}
