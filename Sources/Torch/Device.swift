/// Where a tensor lives: the processor's memory or that of CUDA device `index`.
public struct Device: Hashable, Sendable, CustomStringConvertible, LosslessStringConvertible {
    enum Kind: Int64 { case cpu = 0, cuda = 1 }
    let kind: Kind
    public let index: Int

    public static let cpu = Device(kind: .cpu, index: 0)
    public static func cuda(_ index: Int = 0) -> Device { Device(kind: .cuda, index: index) }

    public var isCUDA: Bool { kind == .cuda }

    /// "cpu" or "cuda:N".
    public var description: String { isCUDA ? "cuda:\(index)" : "cpu" }

    init(kind: Kind, index: Int) { (self.kind, self.index) = (kind, index) }

    /// "cpu", "cuda" (the first) or "cuda:N" with N in 0...127, libtorch's range; nil for anything else.
    public init?(_ text: String) {
        if text == "cpu" { self = .cpu; return }
        if text == "cuda" { self = .cuda(0); return }
        guard text.hasPrefix("cuda:"), let index = Int8(text.dropFirst(5)), text == "cuda:\(index)",
            index >= 0
        else {
            return nil
        }
        self = .cuda(Int(index))
    }

    /// The shim's code: type << 16 | index.
    var code: Int64 { kind.rawValue << 16 | Int64(isCUDA ? index : 0xffff) }

    init(code: Int64) {
        self.init(kind: Kind(rawValue: code >> 16) ?? .cpu, index: code >> 16 == 0 ? 0 : Int(code & 0xffff))
    }
}

/// Number types, with libtorch's codes.
public enum DType: Int32, Sendable, Codable {
    case uint8 = 0, int8, int16, int32, int64, float16, float32, float64
    case complex64 = 9, complex128 = 10, bool = 11, bfloat16 = 15

    public var bytes: Int {
        switch self {
        case .uint8, .int8, .bool: 1
        case .int16, .float16, .bfloat16: 2
        case .int32, .float32: 4
        case .int64, .float64, .complex64: 8
        case .complex128: 16
        }
    }
    /// Bytes of a tensor of this type, or nil where a side is negative or the number is too large.
    func bytes(of shape: [Int]) -> Int? {
        var total = bytes
        for side in shape {
            let (product, overflow) = total.multipliedReportingOverflow(by: side)
            guard side >= 0, !overflow else { return nil }
            total = product
        }
        return total
    }
}
