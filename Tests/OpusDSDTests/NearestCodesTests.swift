import Testing

@testable import OpusDSD

@Suite struct NearestCodesTests {
    /// The second column is known ten times better, so a difference in it counts ten times as much.
    @Test func columnsCountByWhatTheImagesKnow() {
        let codes = Codes(
            mean: [0, 0, 9, 1, 0, 7, 0, 0.2, 8, 3, 0, 9],
            logSigma: [0, -2.302585, 0, 0, -2.302585, 0, 0, -2.302585, 0, 0, -2.302585, 0],
            width: 3)
        #expect(codes.nearest(to: [0, 0], count: 4) == [0, 1, 2, 3])
        #expect(codes.nearest(to: [3, 0], count: 2) == [3, 1])
        #expect(codes.nearest(to: [0, 0.2], count: 1) == [2])
        #expect(codes.nearest(to: [0, 0], count: 9).count == 4)
    }
}
