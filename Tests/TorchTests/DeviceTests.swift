import Testing
import Torch

@Suite struct DeviceTests {
    @Test func namesAreReadAndWritten() {
        #expect(Device("cpu") == .cpu && "\(Device.cpu)" == "cpu" && !Device.cpu.isCUDA)
        #expect(Device("cuda") == .cuda(0) && "\(Device.cuda())" == "cuda:0")
        #expect(Device("cuda:3") == .cuda(3) && Device("cuda:3")?.index == 3 && Device.cuda(3).isCUDA)
        for index in 0...127 { #expect(Device("\(Device.cuda(index))") == .cuda(index)) }
    }

    @Test(arguments: [
        "", "CPU", "cpu ", "cpu:0", "cuda:", "cuda:-1", "cuda:+1", "cuda:01", "cuda:128", "cuda:65536", "gpu",
        "cuda:x",
    ])
    func otherNamesAreNoDevice(_ text: String) { #expect(Device(text) == nil) }

    @Test func tensorsKnowTheirDevice() throws {
        #expect(Tensor.zeros([1], on: .cpu).device == .cpu)
        try Runtime.synchronize(.cpu)
    }
}
