import Testing
import Torch

@Suite struct ErrorTests {
    let a = Tensor.zeros([2, 3]), b = Tensor.zeros([4, 5], .float64)

    @Test func failedOperatorNamesItselfAndTheShapesItWasGiven() throws {
        let text = try message(a.matmul(b))
        #expect(text.hasPrefix("aten::matmul(Float[2, 3], Double[4, 5]): "))
        #expect(try message(.cat([a, b.to(.float32)])).hasPrefix("aten::cat(Float[2, 3], Float[4, 5]): "))
        #expect(
            try message(a.conv3d(a, nil, stride: 1, padding: 0)).hasPrefix(
                "aten::conv3d(Float[2, 3], Float[2, 3]): "))
    }

    @Test func firstErrorIsPassedOnThroughLaterOperators() throws {
        let failed = a.matmul(b)
        let first = try message(failed)
        let later = [
            failed + 1, a * failed, -failed, failed.sum(), failed.reshape([7]), failed.rfft2(),
            .cat([a, failed]),
            failed.to(.float64), failed.channelsLast3D(), failed.linear(b, nil), a.linear(a, failed),
            failed.topK(1).values,
            a.chosen(where: failed, else: b), failed.detached(),
        ]
        for tensor in later { #expect(try message(tensor) == first) }
    }

    @Test func everythingThatReadsNumbersThrowsTheFirstError() throws {
        let failed = a.matmul(b)
        let error = try #require(failed.error)
        #expect(throws: error) { try failed.floats() }
        #expect(throws: error) { try failed.doubles() }
        #expect(throws: error) { try failed.ints() }
        #expect(throws: error) { try failed.item() }
        #expect(throws: error) { try failed.requiringGradient() }
        #expect(throws: error) { try gradients(of: failed.sum(), for: [a]) }
        #expect(throws: error) { try gradients(of: a.sum(), for: [failed]) }
        #expect(throws: error) { try a.copy(from: failed) }
        #expect(throws: error) { try Safetensors.encode([Parameter("x", failed)], metadata: [:]) }
        #expect(failed.shape == [] && failed.count == 0 && !failed.requiresGradient)
        #expect("\(failed)" == "Tensor(failed: \(error))")
    }

    @Test func itemWantsOneValue() {
        let error = #expect(throws: TorchError.self) { try a.item() }
        #expect(error?.description.contains("Float[2, 3]") == true)
    }

    @Test func unknownOperatorsAndMissingArgumentsAreErrors() throws {
        #expect(try message(Operator("aten::no_such_operator")(.tensor(a))).contains("no_such_operator"))
        #expect(try message(Operator("aten::mm")(.tensor(a))).contains("mat2"))
        #expect(
            try message(Operator("aten::neg")(.tensor(a), .tensor(a))).contains(
                "2 arguments given, 1 declared"))
        #expect(try message(Operator("aten::neg")(.string("text"))).contains("aten::neg()"))
        #expect(try message(Operator("aten::neg").pair(.tensor(a)).0).contains("1 results, wanted 2"))
    }

    @Test func badIndicesShapesAndTypesAreErrors() throws {
        #expect(try message(a.select(0, 2)).contains("aten::select"))
        #expect(try message(a.narrow(1, 2, 2)).contains("aten::narrow"))
        #expect(try message(a.indexSelect(0, Tensor(indices: [9]))).contains("aten::index_select"))
        #expect(try message(a.reshape([5])).contains("aten::reshape"))
        #expect(try message(a.permute([0, 0])).contains("aten::permute"))
        #expect(try message(.zeros([-1])).contains("aten::full"))
        #expect(try message(a.matmul(b.narrow(0, 0, 3))).contains("aten::matmul"))
        #expect(try message(.stack([])).contains("aten::stack"))
        #expect(try message(a.to(.cuda(99))).hasPrefix("aten::pin_memory("))
    }
}
