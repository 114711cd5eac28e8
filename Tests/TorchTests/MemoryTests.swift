import Testing
import TestSupport
import Torch

/// In processes of their own, where no other test has tensors.
@Suite struct MemoryTests {
    @Test func liveTensorsStayFlatOver2000TrainingSteps() async {
        await #expect(processExitsWith: .success) {
            try Runtime.setThreads(1)
            let weight = try Tensor.normal([2, 1, 3, 3, 3], seed: 1, .float32).requiringGradient()
            let head = try Tensor.normal([1, 16], seed: 2, .float32).requiringGradient()
            let bias = [try Tensor.zeros([2]).requiringGradient(), try Tensor.zeros([1]).requiringGradient()]
            let parameters = [weight, head, bias[0], bias[1]].enumerated().map { Parameter("p\($0)", $1) }
            let adam = Adam(parameters)
            let convolution = Convolution3D(weight: weight, bias: bias[0], stride: 2, padding: 1)
            let linear = Linear(weight: head, bias: bias[1])
            let x = Tensor.normal([2, 1, 4, 4, 4], seed: 3, .float32)
            var losses: [Double] = []
            var start = 0
            for step in 0..<2000 {
                let y = linear(convolution(x).leakyReLU(0.2).reshape([2, 16]))
                let loss = (y - 1).square().mean()
                try adam.step(try gradients(of: loss, for: parameters.map(\.tensor)), learningRate: 1e-3)
                losses.append(try loss.item())
                if step == 0 { start = try Runtime.liveTensors() }
                if step % 100 == 99 { #expect(try Runtime.liveTensors() == start) }
            }
            #expect(losses[1999] < 0.01 * losses[0])
        }
    }

    @Test func liveTensorsStayFlatAfterErrors() async {
        await #expect(processExitsWith: .success) {
            let a = try Tensor.zeros([2, 3]).requiringGradient()
            let start = try Runtime.liveTensors()
            for _ in 0..<200 {
                let failed = (a.exp().matmul(a) + 1).sum()
                #expect(throws: TorchError.self) { try gradients(of: failed, for: [a]) }
                #expect(throws: TorchError.self) { try gradients(of: a.exp(), for: [a]) }
                #expect(throws: TorchError.self) {
                    try Operator("aten::unbind", "int").results(.tensor(.zeros([65, 1])))
                }
                _ = try? Safetensors.decode(.init([1, 2, 3]), name: "x")
            }
            #expect(try Runtime.liveTensors() == start)
        }
    }

    @Test func aTensorIsFreedWithItsLastReference() async {
        await #expect(processExitsWith: .success) {
            let start = try Runtime.liveTensors()
            var kept: Tensor? = Tensor.zeros([4])
            let view = kept?.select(0, 1)
            kept = nil
            #expect(try Runtime.liveTensors() == start + 1)
            #expect(try view?.item() == 0)
        }
    }
}
