import Analysis
import CryoEM
import CryoIO
import Foundation
import Latent
import OpusDSD
import TestSupport
import Testing

@testable import Viewer

extension ViewerTests {
    @Suite struct DecodingTests {
        @Test func theDecoderAloneMakesTheMapsOfTheRun() throws {
            let folder = try ViewerFixture.shared.get().folder
            let (run, decoder) = (try Run(folder), try RunDecoder(folder))
            let codes = try LatentCodes(folder).table.selecting(rows: [3, 50]).values
            var wanted: [DensityMap] = []
            try run.maps(codes: codes, count: 2) { _, map in wanted.append(map) }
            try decoder.maps(codes: codes, count: 2) { row, map in #expect(map == wanted[row]) }
            // The quick map is the same density on another grid: their sums over space agree.
            let quick = try decoder.quickMap(Array(codes.prefix(8)))
            #expect(quick.side == decoder.geometry.volumeSide)
            func mass(_ map: DensityMap) -> Double {
                map.values.reduce(0) { $0 + Double($1) } * pow(map.pixelSize, 3)
            }
            #expect(abs(mass(quick) / mass(wanted[0]) - 1) < 0.02)
            let middles = [quick, wanted[0]].map { $0.origin.x + Double($0.side / 2) * $0.pixelSize }
            #expect(abs(middles[0] - middles[1]) < 1e-9)
        }

        @Test func placesOfAPlaneGetTheirCodes() async throws {
            let folder = try ViewerFixture.shared.get().folder
            let codes = try LatentCodes(folder).table
            let pca = try PCA(codes)
            try await OpenViewer.with(folder) { viewer throws in
                let place: [String: Any] = ["plane": "pca-1-2", "x": 0.7, "y": -0.3]
                let answer = try viewer.post("/api/decode", json: place).packet()
                let code = (answer.facts["code"] as? [Any] ?? []).compactMap { ($0 as? NSNumber)?.floatValue }
                let wanted = (0..<8).map { axis in
                    Float(
                        pca.mean[axis] + 0.7 * Double(pca.components[0, axis])
                            - 0.3 * Double(pca.components[1, axis]))
                }
                #expect(zip(code, wanted).allSatisfy { abs($0 - $1) < 1e-5 } && code.count == 8)
                let map = try RunDecoder(folder).quickMap(code)
                #expect(close(answer.floats, map.values))

                let row = try viewer.post("/api/decode", json: ["row": 5]).packet().facts["code"]
                let own = (row as? [Any] ?? []).compactMap { ($0 as? NSNumber)?.floatValue }
                #expect(own == Array(codes.row(5)))
            }
        }

        @Test func aCodeBetweenParticlesIsNearThoseAroundIt() async throws {
            let codes = try Matrix(rows: (0..<40).map { [Float($0), 1] })
            let layout = try Matrix(rows: (0..<40).map { [Float($0) / 10, 0] })
            let plane = Plane(layout: layout, codes: codes)
            let code = try plane.code(at: SIMD2(2.0, 0))
            #expect(abs(code[0] - 20) < 0.5 && abs(code[1] - 1) < 1e-5)
        }

        @Test func routesAndReprojectionsHaveTheirSizes() async throws {
            let folder = try ViewerFixture.shared.get().folder
            try await OpenViewer.with(folder) { viewer throws in
                let line: [String: Any] = [
                    "plane": "umap", "points": [[0, 0], [1, 2], [3, 1]], "count": 7,
                ]
                let route = try viewer.post("/api/route", json: line).json()
                #expect((route["codes"] as? [[Any]])?.map(\.count) == [Int](repeating: 8, count: 7))
                #expect((route["places"] as? [[Any]])?.count == 7)
                for bad in [
                    ["plane": "umap", "points": [[0, 0]], "count": 7] as [String: Any],
                    ["plane": "umap", "points": [[0, 0], [1, 1]], "count": 1],
                ] {
                    #expect(try viewer.post("/api/route", json: bad).status == 400)
                }
                let rows = Data([4, 0, 0, 0, 17, 0, 0, 0])
                let images = try viewer.post("/api/gallery", rows).packet()
                let side = images.facts["side"] as? Int ?? 0
                #expect(images.floats.count == 2 * 2 * side * side && side == 16)
                let run = try Run(folder)
                let kept = try run.data.prepared(box: 16).images([4, 17]).floats()
                #expect(zip(images.floats, kept).allSatisfy { abs($0 - $1) < 1e-5 })
                #expect(correlation(kept, Array(images.floats.suffix(kept.count))) > 0.3)
                #expect(try viewer.post("/api/gallery", Data([120, 0, 0, 0])).status == 400)
                #expect(try viewer.post("/api/gallery", Data()).status == 400)
            }
        }

        private func correlation(_ a: [Float], _ b: [Float]) -> Float {
            let n = Float(a.count)
            let (ma, mb) = (a.reduce(0, +) / n, b.reduce(0, +) / n)
            let ab = zip(a, b).reduce(0) { $0 + ($1.0 - ma) * ($1.1 - mb) }
            let aa = a.reduce(0) { $0 + ($1 - ma) * ($1 - ma) }
            let bb = b.reduce(0) { $0 + ($1 - mb) * ($1 - mb) }
            return ab / (aa * bb).squareRoot()
        }
    }
}
