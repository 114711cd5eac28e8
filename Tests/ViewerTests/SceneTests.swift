import Analysis
import CryoEM
import CryoIO
import Foundation
import OpusDSD
import TestSupport
import Testing

@testable import Viewer

/// What the page gets is what is in the run's files.
extension ViewerTests {
    @Suite struct SceneTests {
        @Test func pointsAndColumnsAreThoseOfTheFiles() async throws {
            let folder = try ViewerFixture.shared.get().folder
            let analysis = AnalysisFolder(folder)
            try await OpenViewer.with(folder) { viewer throws in
                let facts = try viewer.get("/api/run").json()
                #expect(facts["particles"] as? Int == 120 && facts["hasCheckpoint"] as? Bool == true)
                #expect((facts["clusters"] as? [Any])?.count == ViewerFixture.clusters)
                #expect(facts["codesProblem"] == nil && facts["particlesProblem"] == nil)

                let layout = try NPYArray.read(analysis.embedding).floats()
                let umap = try viewer.get("/api/points?plane=umap").packet().floats
                let (x, y) = ((0..<120).map { layout[2 * $0] }, (0..<120).map { layout[2 * $0 + 1] })
                #expect(umap == x + y)
                let scores = try NPYArray.read(analysis.components + "/coordinates.npy")
                let width = scores.shape[1]
                let values = scores.floats()
                let plane = try viewer.get("/api/points?plane=pca-1-3").packet().floats
                let wanted = [0, 2].flatMap { axis in (0..<120).map { values[$0 * width + axis] } }
                #expect(zip(plane, wanted).allSatisfy { abs($0 - $1) < 1e-4 })

                let particles = try ParticleSet(
                    path: try RunRecord.read(folder.configuration).inputs.particles)
                let defocus = try viewer.get("/api/column?id=defocus").packet()
                let mean = (particles.ctf[7].defocusU + particles.ctf[7].defocusV) / 2 / 1e4
                #expect(defocus.floats[7] == Float(mean))
                #expect(defocus.facts["unit"] as? String == "µm")
                let column = try viewer.get("/api/column?id=file:rlnDefocusU").packet()
                #expect(column.facts["kind"] as? String == "numbers" && column.floats.count == 120)
                let names = try viewer.get("/api/column?id=file:rlnMicrographName").packet().facts["names"]
                #expect((names as? [String])?.isEmpty == false)
                let labels = try NPYArray.read(analysis.clusters(3) + "/labels.npy").integers()
                let sent = [UInt8](try viewer.get("/api/column?id=kmeans3").body.suffix(240))
                let wantedBytes: [UInt8] = labels.flatMap { label -> [UInt8] in [UInt8(label), 0] }
                #expect(sent == wantedBytes)
                #expect(try viewer.get("/api/column?id=none").status == 404)
                #expect(try viewer.get("/api/points?plane=none").status == 404)
            }
        }

        @Test func aRunWithoutCodesAndWithoutACheckpointSaysSo() async throws {
            let fixture = try ViewerFixture.shared.get()
            let bare = RunFolder(fixture.temporary.file("bare"))
            try FileManager.default.createDirectory(atPath: bare.path, withIntermediateDirectories: true)
            for name in ["config.yaml", "metrics.csv", "log.txt"] {
                try? FileManager.default.copyItem(
                    atPath: "\(fixture.folder.path)/\(name)", toPath: "\(bare.path)/\(name)")
            }
            try await OpenViewer.with(bare) { viewer throws in
                let facts = try viewer.get("/api/run").json()
                #expect((facts["codesProblem"] as? String)?.contains("no latent codes") == true)
                #expect(facts["hasCheckpoint"] as? Bool == false && facts["isTrained"] as? Bool == false)
                let training = try viewer.get("/api/training").json()
                #expect((training["terms"] as? [Any])?.isEmpty == false)
                let decoded = try viewer.post("/api/decode", json: ["code": [Float](repeating: 0, count: 8)])
                #expect(decoded.status == 422)
                #expect((try decoded.json()["error"] as? String)?.contains("no checkpoint yet") == true)
            }
            #expect(throws: DataError.self) {
                try Viewer(RunFolder(fixture.temporary.file("nowhere")), threads: 1)
            }
        }

        @Test func fewWholeNumbersAndTextsAreCategories() {
            guard case .categories(let labels, let names) = Column.values(ofTexts: ["b", "a", "b"]) else {
                Issue.record("texts are no categories")
                return
            }
            #expect(labels == [0, 1, 0] && names == ["b", "a"])
            guard case .categories(let classes, let kinds) = Column.values(ofTexts: ["2.0", "1", "2"]) else {
                Issue.record("classes are no categories")
                return
            }
            #expect(classes == [1, 0, 1] && kinds == ["1", "2"])
            guard case .numbers(let numbers, unit: nil) = Column.values(ofTexts: ["1.5", "-2"]) else {
                Issue.record("numbers are no numbers")
                return
            }
            #expect(numbers == [1.5, -2])
        }
    }
}
