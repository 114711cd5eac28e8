import CryoIO
import Foundation
import TestSupport
import Testing

@testable import Report

@Suite struct SurfaceSectionTests {
    private func page(states: Int, side: Int) throws -> String {
        var random = SeededGenerator(seed: 3)
        let map = DensityMap(cube: random.normals(side * side * side), side: side, pixelSize: 2)
        var content = ReportContent(title: "Run", provenance: .init(program: "dsd", version: "1.0"))
        let volumes = ["reconstruction", "decoded"].map { ReportVolume(map, name: $0) }
        content.states = (0..<states).map { index in
            var state = StructuralState(name: "Cluster \(index)", category: index, count: 1, share: 0.1)
            state.volumes = volumes
            return state
        }
        return try HTMLReport(plotlySource: "var Plotly = {};").render(content)
    }

    @Test func stepsSpanTheDensitiesAboveZero() {
        var values = (0..<1000).map { Float($0) / 10 - 20 }
        values[0] = .nan
        let volume = ReportVolume(DensityMap(cube: values, side: 10, pixelSize: 3), name: "decoded")
        #expect(volume.low == 0 && volume.high == 79.9 && volume.voxel == 3)
        #expect(volume.steps[0] == 0 && volume.steps[100] == 0 && volume.steps[999] == 255)
        #expect(abs(Float(volume.steps[600]) / 255 * volume.high - values[600]) < volume.high / 255)
        #expect(abs(volume.level - 0.3 * 79.8) < 0.1)
    }

    @Test func everyMapCanBeChosen() throws {
        let text = try page(states: 2, side: 4)
        #expect(text.contains("<section id=\"surfaces\""))
        for name in ["Cluster 0, reconstruction", "Cluster 1, decoded"] {
            #expect(text.components(separatedBy: ">\(name)</option>").count == 3)
        }
        #expect(!(try page(states: 0, side: 4)).contains("<section id=\"surfaces\""))
    }

    /// With 4.8 MB of Plotly and 10 MB of 300,000 points the page stays below 25 MB.
    @Test func sixteenMapsStayBelowTenMegabytesAndAHalf() throws {
        #expect(try page(states: 8, side: 80).utf8.count < 11_200_000)
    }
}
