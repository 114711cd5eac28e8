import Foundation
import Testing
import TestSupport
import Torch

@Suite struct SafetensorsTests {
    static let parameters = [
        Parameter("weight", .normal([2, 3], seed: 1, .float32)), Parameter("a.double", .normal([4], seed: 2)),
        Parameter("count", Tensor([Int64(7), -1], shape: [2])),
        Parameter("small", Tensor([Int32(5)], shape: [])),
        Parameter("half", .normal([3], seed: 3, .bfloat16)),
        Parameter("f16", .normal([3], seed: 4, .float16)),
        Parameter("mask", .normal([5], seed: 5) > 0),
        Parameter("bytes", Tensor([Int32(0), 255], shape: [2]).to(.uint8)),
        Parameter("empty", .zeros([0, 3])), Parameter("\"quoted\" \u{e9}\n", .zeros([1])),
    ]

    @Test func tensorsNamesAndTextsComeBack() throws {
        let texts = ["epoch": "3", "note": "a \"b\" \\ \u{2603}"]
        let file = try Safetensors.encode(Self.parameters, metadata: texts)
        let (tensors, metadata) = try Safetensors.decode(file, name: "x")
        #expect(metadata == texts)
        #expect(tensors.count == Self.parameters.count)
        for parameter in Self.parameters {
            let found = try #require(tensors[parameter.name])
            #expect(found.dtype == parameter.tensor.dtype)
            try expect(found, parameter.tensor.shape, parameter.tensor.doubles())
        }
        // The same from a slice whose indices do not start at 0.
        let slice = (Data([9, 9, 9]) + file).dropFirst(3)
        #expect(try Safetensors.decode(slice, name: "x").tensors.count == tensors.count)
    }

    @Test func layoutIsTheOneOfTheFormat() throws {
        let file = try Safetensors.encode(
            [Parameter("b", .doubles(1)), Parameter("a", .zeros([2]))], metadata: [:])
        let length = Int(file[0]) | Int(file[1]) << 8
        #expect(length % 8 == 0 && file.count == 8 + length + 16)
        let text = String(decoding: file[8..<(8 + length)], as: UTF8.self).trimmingCharacters(
            in: .whitespaces)
        #expect(
            text == #"{"__metadata__":{},"a":{"data_offsets":[8,16],"dtype":"F32","shape":[2]},"#
                + #""b":{"data_offsets":[0,8],"dtype":"F64","shape":[1]}}"#)
        #expect(file.suffix(16) == Data([0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0]))
    }

    @Test func stridedTensorsAreWrittenRowMajor() throws {
        let t = Tensor.counting([1, 2, 2, 2, 2]).channelsLast3D()
        let file = try Safetensors.encode(
            [Parameter("t", t), Parameter("u", Tensor.counting([2, 3]).transposed(0, 1))], metadata: [:])
        let found = try Safetensors.decode(file, name: "x").tensors
        try expect(try #require(found["t"]), [1, 2, 2, 2, 2], (0..<16).map(Double.init))
        try expect(try #require(found["u"]), [3, 2], [0, 3, 1, 4, 2, 5])
    }

    @Test func whatTheFormatCannotHoldIsAnError() {
        let error = #expect(throws: TorchError.self) {
            try Safetensors.encode([Parameter("z", Tensor.complex(.zeros([1]), .zeros([1])))], metadata: [:])
        }
        #expect(error?.description.contains("tensor z has the type complex64") == true)
        #expect(throws: TorchError.self) {
            try Safetensors.encode([Parameter("x", .zeros([1])), Parameter("x", .zeros([1]))], metadata: [:])
        }
    }

    @Test func everyTruncationIsAnErrorThatNamesTheFile() throws {
        let file = try Safetensors.encode(Self.parameters, metadata: ["k": "v"])
        for length in 0..<file.count {
            let error = #expect(throws: TorchError.self) {
                try Safetensors.decode(file.prefix(length), name: "run/m.st")
            }
            #expect(error?.description.hasPrefix("run/m.st is no whole safetensors file: ") == true)
        }
        #expect(throws: TorchError.self) { try Safetensors.decode(file + [0], name: "x") }
    }

    /// No byte of the header can be changed into something that traps.
    @Test func damagedHeadersNeverTrap() throws {
        let file = try Safetensors.encode(
            [Parameter("a", .zeros([2, 3])), Parameter("b", .doubles(1))], metadata: ["k": "v"])
        var random = SeededGenerator(seed: 4)
        let header = 8 + Int(file[0])
        for _ in 0..<3000 {
            var damaged = file
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let digits = Array("0123456789-.e{}[]\",: ".utf8)
                damaged[Int.random(in: 0..<header, using: &random)] =
                    Bool.random(using: &random)
                    ? digits[Int.random(in: 0..<digits.count, using: &random)]
                    : UInt8.random(in: 0...255, using: &random)
            }
            do throws(TorchError) { _ = try Safetensors.decode(damaged, name: "x") } catch {
                #expect(error.description.hasPrefix("x is no whole"))
            }
        }
    }

    static let badHeaders: [(String, String)] = [
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#, "whole number"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, "in bytes 8 to 0"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,16]}}"#, "in bytes 0 to 16"),
        (#"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#, "16 bytes, the file holds 8"),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, "starts at byte 4"),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, "4 bytes, the file holds 8"),
        (
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
                + #""b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
            "b starts at byte 4"
        ),
        (
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
                + #""b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
            "starts at byte 0"
        ),
        (#"{"a":{"dtype":"F99","shape":[2],"data_offsets":[0,8]}}"#, "unknown type F99"),
        (#"{"a":{"dtype":7,"shape":[2],"data_offsets":[0,8]}}"#, "not valid"),
        (#"{"a":{"dtype":"F64","shape":[2],"data_offsets":[0,8]}}"#, "F64 [2]"),
        (#"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, "whole number"),
        (#"{"a":{"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]}}"#, "whole number"),
        (#"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,8]}}"#, "whole number"),
        (#"{"a":{"dtype":"F32","shape":[1e300],"data_offsets":[0,8]}}"#, "whole number"),
        (
            #"{"a":{"dtype":"F32","shape":[9223372036854775807],"data_offsets":[0,8]}}"#,
            "F32 [9223372036854775807]"
        ),
        (#"{"a":{"dtype":"F32","shape":[4294967296,4294967296,2],"data_offsets":[0,8]}}"#, "F32 [4294967296"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,18446744073709551615]}}"#, "whole number"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9223372036854775807]}}"#, "in bytes"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,9]}}"#, "not valid"),
        (#"{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}"#, "not valid"),
        (#"{"a":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}}"#, "whole number"),
        (#"{"a":{"dtype":"F32","shape":[null],"data_offsets":[0,8]}}"#, "whole number"),
        (#"{"a":[1,2]}"#, "not valid"), (#"{"a":null}"#, "not valid"), (#"[1]"#, "not JSON"),
        ("", "not JSON"),
        (#"{"__metadata__":{"k":3}}"#, "holds 8"), (#"{"a":"#, "not JSON"),
        ("{}", "0 bytes, the file holds 8"),
    ]

    @Test(arguments: badHeaders.indices)
    func headersThatLieAreErrors(_ index: Int) throws {
        let (text, wanted) = Self.badHeaders[index]
        var file = Data(withUnsafeBytes(of: UInt64(text.utf8.count).littleEndian) { Array($0) })
        file += Data(text.utf8) + [0, 0, 0, 0, 0, 0, 0, 0]
        let error = #expect(throws: TorchError.self) { try Safetensors.decode(file, name: "x") }
        #expect(error?.description.contains(wanted) == true, "\(String(describing: error))")
    }

    @Test(arguments: [UInt64.max, UInt64(Int64.max), UInt64(Int64.max) - 7, 1 << 63, 17, 1 << 40])
    func headerLengthsBeyondTheFileAreErrors(_ claim: UInt64) {
        let file =
            Data(withUnsafeBytes(of: claim.littleEndian) { Array($0) }) + Data(#"{"a":1}         "#.utf8)
        let error = #expect(throws: TorchError.self) { try Safetensors.decode(file, name: "x") }
        #expect(error?.description.contains("claims \(claim) bytes") == true)
    }

    @Test func metadataThatIsNotTextIsAnError() {
        let text = #"{"__metadata__":{"k":3}}"#
        let file =
            Data(withUnsafeBytes(of: UInt64(text.utf8.count).littleEndian) { Array($0) }) + Data(text.utf8)
        #expect(throws: TorchError.self) { try Safetensors.decode(file, name: "x") }
    }
}
