import CryoEM
import CryoIO
import Foundation
import OpusDSD
import TestSupport
import Testing

@testable import Viewer

extension ViewerTests {
    @Suite struct SavingTests {
        private func rows(_ numbers: [UInt32]) -> Data {
            numbers.map(\.littleEndian).withUnsafeBytes { Data($0) }
        }

        @Test func aSelectionIsTheParticleFilesRows() async throws {
            let folder = try ViewerFixture.shared.get().folder
            let particles = try ParticleSet(path: try RunRecord.read(folder.configuration).inputs.particles)
            try await OpenViewer.with(folder) { viewer throws in
                let answer = try viewer.post("/api/selection?name=mine", rows([9, 2, 2, 119]))
                #expect(answer.status == 201)
                #expect(try answer.json()["path"] as? String == "selections/mine.star")
                let saved = try ParticleSet(path: folder.path + "/selections/mine.star")
                #expect(saved.images == [2, 9, 119].map { particles.images[$0] })
                #expect(saved.stacks.map(\.path) == particles.stacks.map(\.path))
                guard case .star(let all, let block) = particles.source,
                    case .star(let some, _) = saved.source
                else { return #expect(Bool(false), "the selection is no STAR file") }
                for label in all[block: block]?.labels ?? [] where label != "rlnImageName" {
                    let column = all[block: block]?.column(label) ?? []
                    #expect(some[block: block]?.column(label) == [2, 9, 119].map { column[$0] })
                }
                // A file is replaced only where that is asked for.
                #expect(try viewer.post("/api/selection?name=mine", rows([1])).status == 409)
                #expect(try ParticleSet(path: folder.path + "/selections/mine.star").count == 3)
                #expect(try viewer.post("/api/selection?name=mine&replace=1", rows([1])).status == 201)
                #expect(try ParticleSet(path: folder.path + "/selections/mine.star").count == 1)
                let bad: [(String, Data)] = [
                    ("other", rows([120])), ("other", Data([1, 2])), ("other", Data()),
                    ("..%2Fother", rows([1])),
                    (".hidden", rows([1])), ("a%20b", rows([1])), ("", rows([1])),
                ]
                for (name, body) in bad {
                    #expect(try viewer.post("/api/selection?name=\(name)", body).status == 400, "\(name)")
                }
                let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/selections")
                #expect(names.filter { $0 != "all.star" } == ["mine.star"])
            }
        }

        @Test func aPathIsMapsCodesAndAScript() async throws {
            let folder = try ViewerFixture.shared.get().folder
            try await OpenViewer.with(folder) { viewer throws in
                let codes = (0..<3).map { step in (0..<8).map { Double($0 * step) / 10 } }
                let begun = try viewer.post("/api/path?name=way", json: ["codes": codes, "level": 0.5])
                #expect(begun.status == 202)
                let id = try #require(try begun.json()["id"] as? Int)
                var status: [String: Any] = [:]
                repeat {
                    Thread.sleep(forTimeInterval: 0.05)
                    status = try viewer.get("/api/job?id=\(id)").json()
                } while status["result"] == nil && status["error"] == nil
                #expect(status["result"] as? String == "paths/way/morph.cxc" && status["done"] as? Int == 3)
                let place = folder.path + "/paths/way"
                let files = try FileManager.default.contentsOfDirectory(atPath: place).sorted()
                #expect(files == ["codes.npy", "map_000.mrc", "map_001.mrc", "map_002.mrc", "morph.cxc"])
                #expect(try NPYArray.read(place + "/codes.npy").shape == [3, 8])
                let script = try String(contentsOfFile: place + "/morph.cxc", encoding: .utf8)
                #expect(script.contains("open map_000.mrc map_001.mrc map_002.mrc vseries true\n"))
                #expect(script.contains("volume #1 level 0.5 "))
                let flat = codes[2].map { Float($0) }
                try RunDecoder(folder).maps(codes: flat, count: 1) { _, map in
                    let kept = try DensityMap.read(place + "/map_002.mrc")
                    let same = close(kept.values, map.values)
                    #expect(same && kept.origin == map.origin)
                }
                #expect(try viewer.post("/api/path?name=way", json: ["codes": codes]).status == 409)
                #expect(
                    try viewer.post("/api/path?name=no", json: ["codes": [[1, 2], [3, 4]]]).status == 400)
                #expect(try viewer.get("/api/job?id=99").status == 404)
            }
        }

        @Test func onlyFilmsAndPicturesAreKept() async throws {
            let folder = try ViewerFixture.shared.get().folder
            try await OpenViewer.with(folder) { viewer throws in
                let film = Data([0x1A, 0x45, 0xDF, 0xA3, 1, 2, 3])
                let picture = Data([0x89, 0x50, 0x4E, 0x47, 1])
                #expect(try viewer.post("/api/movie?name=film", film).status == 201)
                #expect(FileManager.default.contents(atPath: folder.path + "/movies/film.webm") == film)
                #expect(try viewer.post("/api/movie?name=film", film).status == 409)
                #expect(try viewer.post("/api/movie?name=set&frame=7", picture).status == 201)
                #expect(
                    FileManager.default.contents(atPath: folder.path + "/movies/set/frame_007.png") == picture
                )
                for (query, body) in [
                    ("name=x", picture), ("name=x&frame=0", film), ("name=x&frame=-1", picture),
                    ("name=x&frame=a", picture), ("name=x%2Fy", film), ("name=x", Data()),
                ] {
                    #expect(try viewer.post("/api/movie?\(query)", body).status == 400, "\(query)")
                }
            }
        }
    }
}
