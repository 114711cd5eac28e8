import CryoEM
import Foundation
import OpusDSD
import TestSupport
import Testing

@testable import Viewer

/// The page as a user works with it, in a real browser.
extension ViewerTests {
    @Suite(.enabled(if: Browser.isPresent, "\(Browser.absence)"))
    struct BrowserTests {
        private static func note(_ browser: Browser) throws -> String {
            try browser.text("document.getElementById('map-note').textContent")
        }

        /// Places of the latent plot on the screen, as shares of its size.
        private static func place(_ browser: Browser, _ x: Double, _ y: Double) throws -> (Double, Double) {
            let box = try browser.box(of: "#overlay")
            return (box[0] + x * box[2], box[1] + y * box[3])
        }

        @Test func loadDecodeLassoAndSave() async throws {
            let folder = try ViewerFixture.shared.get().folder
            try await OpenViewer.with(folder) { viewer throws in
                let browser = try Browser()
                try browser.open(viewer.link)
                try browser.wait("document.getElementById('map-note').textContent.includes('decoded in')")
                #expect(try browser.text("document.getElementById('run-name').textContent") == "run")
                #expect(
                    try browser.text("document.getElementById('run-facts').textContent").hasPrefix(
                        "120 particles"))
                #expect(try browser.text("document.querySelectorAll('#legend button').length") == "3")
                let empty = try browser.screenshot()

                // A click decodes the map of that place.
                try browser.evaluate("document.getElementById('map-note').textContent = ''")
                try browser.drag([try Self.place(browser, 0.3, 0.7)])
                try browser.wait("document.getElementById('map-note').textContent.includes('decoded in')")
                #expect(try Self.note(browser).contains("16 × 16 × 16 voxels"))
                #expect(try browser.evaluate("document.getElementById('map-empty').hidden") as? Bool == true)
                #expect(try browser.screenshot() != empty)

                // A lasso around everything selects all; the saved file has them.
                try browser.press("[data-mode=lasso]")
                try browser.drag(
                    try [(0.01, 0.01), (0.99, 0.01), (0.99, 0.99), (0.01, 0.99)].map {
                        try Self.place(browser, $0.0, $0.1)
                    })
                try browser.wait(
                    "document.getElementById('selected-count').textContent.startsWith('120 particles')")
                try browser.evaluate("document.getElementById('selection-name').value = 'all'")
                try browser.press("#save-selection")
                try browser.wait(
                    "document.getElementById('toasts').textContent.includes('selections/all.star')")
                #expect(try ParticleSet(path: folder.path + "/selections/all.star").count == 120)
                try browser.press("#show-images")
                try browser.wait("document.querySelectorAll('#gallery canvas').length === 36")
                #expect(try browser.problems() == [])
            }
        }

        /// Every particle is on the picture in the colour of its cluster, and none of a hidden cluster.
        @Test func pointsAreDrawnInTheirColours() async throws {
            let folder = try ViewerFixture.shared.get().folder
            // Pixels of the canvas whose colour is nearer to a cluster's than a tenth of the scale.
            let count = """
                (() => { const canvas = document.getElementById('points');
                const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
                const chips = [...document.querySelectorAll('#legend button')].map(button =>
                  [1, 3, 5].map(k => parseInt(button.style.getPropertyValue('--chip').slice(k, k + 2), 16)));
                const counts = chips.map(() => 0);
                for (let p = 0; p < data.length; p += 4) {
                  chips.forEach((chip, k) => {
                    if (chip.every((v, c) => Math.abs(v - data[p + c]) < 45)) counts[k]++;
                  });
                }
                return counts; })()
                """
            try await OpenViewer.with(folder) { viewer throws in
                let browser = try Browser()
                func counts() throws -> [Int] { try browser.evaluate(count) as? [Int] ?? [] }
                let drawn = "document.getElementById('points').dataset.drawn"
                try browser.open(viewer.link)
                try browser.wait("\(drawn) === '120'")
                let first = try counts()
                #expect(first.count == 3 && first.allSatisfy { $0 > 5 }, "\(first)")
                try browser.press("#legend button")
                try browser.wait("Number(\(drawn)) < 120")
                let rest = try counts()
                #expect(rest[0] == 0 && rest[1] > 5 && rest[2] > 5, "\(rest)")
                // The wheel brings the points closer: the axes say so, and the picture is another.
                let picture = "document.getElementById('points').toDataURL()"
                let range = "document.getElementById('scatter')._fullLayout.xaxis.range.join()"
                let (before, seen) = (try browser.text(range), try browser.text(picture))
                try browser.press("[data-mode=move]")
                let (x, y) = try Self.place(browser, 0.5, 0.5)
                try browser.wheel(at: (x, y), by: -120)
                try browser.wait("\(range) !== '\(before)' && \(picture) !== '\(seen)'")
                // Places beside the plot or far from every particle draw nothing and break nothing.
                for _ in 0..<12 { try browser.wheel(at: (x, y), by: -240) }
                #expect(try browser.problems() == [])
            }
        }

        @Test func aPathIsPlayedAndSaved() async throws {
            let folder = try ViewerFixture.shared.get().folder
            try await OpenViewer.with(folder) { viewer throws in
                let browser = try Browser(isDark: true)
                try browser.open(viewer.link)
                try browser.wait("document.getElementById('map-note').textContent.includes('decoded in')")
                try browser.type(key: "a")
                for (x, y) in [(0.2, 0.3), (0.5, 0.6), (0.8, 0.3)] {
                    try browser.drag([try Self.place(browser, x, y)])
                }
                #expect(try browser.text("document.querySelectorAll('#overlay .anchor').length") == "3")
                try browser.evaluate("document.getElementById('path-count').value = 4")
                try browser.press("#path-compute")
                try browser.wait("!document.getElementById('player').hidden")
                #expect(try browser.text("document.getElementById('frame-text').textContent") == "1 of 4")
                try browser.evaluate("document.getElementById('path-name').value = 'seen'")
                try browser.press("#save-path")
                try browser.wait(
                    "document.getElementById('toasts').textContent.includes('paths/seen/morph.cxc')")
                #expect(FileManager.default.fileExists(atPath: folder.path + "/paths/seen/map_003.mrc"))
                try browser.press("#record")
                try browser.wait("document.getElementById('toasts').textContent.includes('movies/seen.webm')")
                let film = FileManager.default.contents(atPath: folder.path + "/movies/seen.webm") ?? Data()
                #expect(film.count > 1000)
                try browser.press("#tab-training")
                try browser.wait("document.querySelectorAll('#curves .plot svg').length > 0")
                #expect(try browser.problems() == [])
            }
        }

        /// The page of a training that has just begun; a checkpoint comes while it is watched, then the
        /// codes.
        @Test func aTrainingIsWatchedUntilItsCodesAreThere() async throws {
            let fixture = try ViewerFixture.shared.get()
            let early = fixture.temporary.file("early")
            @Sendable func add(_ names: [String]) throws {
                for name in names {
                    let (from, to) = ("\(fixture.folder.path)/\(name)", "\(early)/\(name)")
                    try FileManager.default.createDirectory(
                        atPath: (to as NSString).deletingLastPathComponent,
                        withIntermediateDirectories: true)
                    try FileManager.default.copyItem(atPath: from, toPath: to)
                }
            }
            try add(["config.yaml", "metrics.csv"])
            try await OpenViewer.with(RunFolder(early)) { viewer throws in
                let browser = try Browser()
                try browser.open(viewer.link)
                try browser.wait(
                    "document.getElementById('space-empty').textContent.includes('no latent codes')")
                let empty = try browser.text("document.getElementById('map-empty').textContent")
                #expect(empty.contains("No checkpoint yet"))
                try browser.wait("document.querySelectorAll('#curves .plot svg').length > 0")
                let status = try browser.text("document.getElementById('status').textContent")
                #expect(status == "training is running")
                try add(["consensus.mrc", "mask.mrc", "checkpoint/best.safetensors"])
                try browser.wait("document.getElementById('map-note').textContent.includes('decoded in')")
                try add(["latent/mean.npy"])
                try browser.wait(
                    "document.getElementById('run-facts').textContent.startsWith('120 particles')")
                let isHidden = try browser.evaluate("document.getElementById('space-empty').hidden")
                #expect(isHidden as? Bool == true)
                #expect(try browser.problems() == [])
            }
        }
    }
}
