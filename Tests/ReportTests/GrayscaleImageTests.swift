import CryoIO
import Testing

@testable import Report

@Suite struct GrayscaleImageTests {
    private let map = DensityMap(
        values: (0..<24).map(Float.init), size: GridSize(x: 4, y: 3, z: 2), pixelSize: 1.5)

    /// The value of voxel (x, y, z) is x + 4 y + 12 z; the centre voxel is (2, 1, 1).
    @Test func slicesGoThroughTheCentreWithTheSecondAxisUpwards() {
        let slices = GrayscaleImage.centralSlices(of: map)
        #expect(slices.map(\.caption) == ["XY slice", "XZ slice", "YZ slice"])
        #expect(slices.map(\.width) == [4, 4, 3])
        #expect(slices.map(\.height) == [3, 2, 2])
        #expect(slices[0].values == [20, 21, 22, 23, 16, 17, 18, 19, 12, 13, 14, 15])
        #expect(slices[1].values == [16, 17, 18, 19, 4, 5, 6, 7])
        #expect(slices[2].values == [14, 18, 22, 2, 6, 10])
        #expect(slices.allSatisfy { $0.pixelSize == 1.5 })
    }

    @Test func projectionsAreMeansAlongTheirAxis() {
        let projections = GrayscaleImage.projections(of: map)
        #expect(projections.map(\.caption) == ["XY projection", "XZ projection", "YZ projection"])
        #expect(projections[0].values == [14, 15, 16, 17, 10, 11, 12, 13, 6, 7, 8, 9])
        #expect(projections[1].values == [16, 17, 18, 19, 4, 5, 6, 7])
        #expect(projections[2].values == [13.5, 17.5, 21.5, 1.5, 5.5, 9.5])
    }

    @Test func changesAreShownAboutZero() {
        let values = (0..<10_000).map { Float($0 % 101) - 90 }
        let window = ContrastWindow(
            change: [GrayscaleImage(values: values, width: 100, height: 100, caption: "")])
        #expect(window == ContrastWindow(black: -90, white: 90))
        let still = GrayscaleImage(values: [0, 0, 0, 0], width: 2, height: 2, caption: "")
        #expect(still.pixels(in: ContrastWindow(change: [still])).allSatisfy { (127...128).contains($0) })
    }

    @Test func contrastIgnoresOutliersAndMissingValues() {
        var values = (0..<10_000).map { Float($0) / 10_000 }
        values[0] = 1e9
        values[1] = -.infinity
        values[2] = .nan
        let image = GrayscaleImage(values: values, width: 100, height: 100, caption: "")
        let window = ContrastWindow(images: [image])
        #expect(abs(window.black - 0.01) < 0.002)
        #expect(abs(window.white - 0.997) < 0.002)
        let pixels = image.pixels(in: window)
        #expect(pixels[0] == 255)
        #expect(pixels[1] == 0)
        #expect(pixels[2] == 0)
        #expect(pixels[9_999] == 255)
    }

    @Test func flatAndEmptyPicturesHaveAWindow() {
        for values in [[Float](repeating: 3, count: 4), [Float](repeating: .nan, count: 4)] {
            let image = GrayscaleImage(values: values, width: 2, height: 2, caption: "")
            let window = ContrastWindow(images: [image])
            #expect(window.white > window.black)
            #expect(image.pixels(in: window).allSatisfy { $0 == 0 })
        }
        #expect(ContrastWindow(images: []).white == 1)
    }

    @Test func reductionTakesTheMeanOfBlocks() {
        let image = GrayscaleImage(
            values: [1, 3, 5, 7, 9, 1, 3, 5, 7, 9], width: 5, height: 2, caption: "a", pixelSize: 2)
        let reduced = image.reduced(toSide: 3)
        #expect(reduced.values == [2, 6])
        #expect((reduced.width, reduced.height) == (2, 1))
        #expect(reduced.pixelSize == 4)
        #expect(image.reduced(toSide: 5) == image)
    }

    @Test func scaleBarHasARoundLengthBelowTwoFifthsOfThePicture() throws {
        let image = GrayscaleImage(
            values: [0], width: 64, height: 64, caption: "", pixelSize: 3.2)
        let bar = try #require(ScaleBar(image: image))
        #expect(bar.length == 50)
        #expect(abs(bar.share - 50 / 204.8) < 1e-12)
        #expect(ScaleBar(image: GrayscaleImage(values: [], width: 4, height: 4, caption: "")) == nil)
    }
}
