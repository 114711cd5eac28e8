import CryoIO
import Foundation
import TestSupport
import Testing

/// A plan of seconds: 60 images of 16 pixels, two states.
enum QualityPlanFixture {
    static let small = "{model.decoderWidth: 0.03125, model.encoderWidth: 0.125}"

    static func plan(simulate: String, more: String = "") -> String {
        """
        title: small
        images: 6
        neighbours: 5
        sets:
          tiny:
            simulate:
              {\(simulate), move: "B:rotate=60@z:shift=0,18,0", count: 60, box: 16, pixel-size: 8,
              snr: 5}
        configurations:
          narrow:
            set: \(small)
            arguments: [--epochs, "1", --threads, "1"]

        """ + more
    }
}

@Suite struct BenchmarkTests {
    /// A program that gives the true states, codes that tell them, and the maps of the states.
    private static let rival = """
        #!/bin/sh
        set -eu
        verb=$1; set=$(dirname "$2"); out=$3
        [ "$4" = 1 ] && [ "$5" = 2 ] && [ "$6" = extra ] && [ -s "$out/rows.txt" ]
        [ -s "$out/consensus.mrc" ] && [ -s "$out/mask.mrc" ]
        if [ "$verb" = train ]; then echo trained > "$out/model"; exit 0; fi
        [ -s "$out/model" ]
        mkdir -p "$out/result/maps"
        cp "$set/../../labels.npy" "$out/result/labels.npy"
        for state in 000 001; do cp "$set/states/state_$state.mrc" "$out/result/maps/class_$state.mrc"; done

        """

    private static let rivals = """
          perfect:
            program: rival.sh
            arguments: extra
          broken:
            program: fails.sh
          missing:
            program: nowhere.sh

        """

    private func results(_ folder: TemporaryFolder) throws -> [[String: Any]] {
        let bytes = try Data(contentsOf: URL(filePath: folder.file("out/quality.json")))
        return try #require(try JSONSerialization.jsonObject(with: bytes) as? [[String: Any]])
    }

    private func value(_ result: [String: Any], _ measure: String) -> Double {
        ((result["score"] as? [String: Any])?[measure] as? [String: Any])?["value"] as? Double ?? .nan
    }

    private func folder(more: String) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try Fixture.pdb(to: folder.file("molecule.pdb"))
        let text = QualityPlanFixture.plan(simulate: "structure: molecule.pdb", more: more)
        try AtomicFile.write(text: text, to: folder.file("plan.yaml"))
        for (name, script) in [
            ("rival.sh", Self.rival), ("fails.sh", "#!/bin/sh\necho out of luck; exit 4\n"),
        ] {
            try AtomicFile.write(text: script, to: folder.file(name))
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: folder.file(name))
        }
        return folder
    }

    @Test func tableHoldsTrainingsRivalsAndFailures() throws {
        let folder = try folder(more: Self.rivals)
        // The states of the simulation, for the program that knows them.
        let options =
            "simulate --structure molecule.pdb --move B:rotate=60@z:shift=0,18,0 --count 60 --box 16 "
            + "--pixel-size 8 --snr 5 --output known"
        #expect(try Program.run(words(options), in: folder.path).status == 0)
        let states = try NPZ.read(folder.file("known/truth.npz")).required("state", file: "truth").integers()
        try FileManager.default.createDirectory(
            atPath: folder.file("out/sets"), withIntermediateDirectories: true)
        try NPYArray(shape: [60], integers: states).write(to: folder.file("out/sets/labels.npy"))
        let outcome = try Program.run(words("benchmark quality plan.yaml --output out"), in: folder.path)
        #expect(outcome.status == 1, "\(outcome.error)")
        let found = try results(folder)
        #expect(found.map { $0["status"] as? String } == ["done", "done", "failed", "failed"])
        let (own, perfect) = (found[0], found[1])
        #expect(value(own, "adjustedRandIndex") >= -0.1 && value(own, "area") > 0.1)
        #expect(value(perfect, "adjustedRandIndex") == 1 && value(perfect, "entropy") == 0)
        #expect(value(perfect, "neighbourhood") == 1)
        #expect(abs(value(perfect, "area") - 0.5) < 1e-5)
        #expect(value(perfect, "closed") > 1)
        // Its clusters are the states, so their reconstructions are those with true labels.
        #expect(abs(value(perfect, "reconstructionClosed") - 1) < 1e-9)
        #expect(value(own, "localArea") > 0.1 && value(perfect, "localArea").isNaN)
        #expect(value(own, "consensusArea") == value(perfect, "consensusArea"))
        #expect(value(own, "trueArea") > value(own, "consensusArea"))
        let cost = try #require(own["cost"] as? [String: Any])
        #expect((cost["peakBytes"] as? Int ?? 0) > 10_000_000 && (cost["cpuSeconds"] as? Double ?? 0) > 0.1)
        #expect((found[2]["reason"] as? String)?.contains("out of luck") == true)
        #expect((found[3]["reason"] as? String)?.contains("nowhere.sh") == true)
        let table = try String(contentsOfFile: folder.file("out/quality.md"), encoding: .utf8)
        #expect(outcome.output == table)
    }

    @Test func whatIsDoneIsNotDoneAgainAndOtherSettingsAreRefused() throws {
        let folder = try folder(more: "")
        let line = words("benchmark quality plan.yaml --output out --json")
        #expect(try Program.run(line, in: folder.path).status == 0)
        let codes = folder.file("out/runs/tiny/narrow/seed1/run/latent/mean.npy")
        let written = try FileManager.default.attributesOfItem(atPath: codes)[.modificationDate] as? Date
        let again = try Program.run(line, in: folder.path)
        #expect(again.status == 0 && again.messages.isEmpty, "\(again.error)")
        #expect(
            try FileManager.default.attributesOfItem(atPath: codes)[.modificationDate] as? Date == written)
        let once = try Program.run(line + ["--rescore"], in: folder.path)
        #expect(once.status == 0 && once.error.contains("scoring") && !once.error.contains("training"))
        #expect(once.output == again.output)
        let plan = try String(contentsOfFile: folder.file("plan.yaml"), encoding: .utf8)
        try AtomicFile.write(
            text: plan.replacing("\"1\", --threads", with: "\"2\", --threads"), to: folder.file("plan.yaml"))
        let other = try Program.run(line, in: folder.path)
        #expect(other.status == 1 && other.error.contains("other settings"), "\(other.error)")
        try AtomicFile.write(text: plan.replacing("snr: 5", with: "snr: 4"), to: folder.file("plan.yaml"))
        let remade = try Program.run(line, in: folder.path)
        #expect(remade.status == 1 && remade.error.contains("other options"), "\(remade.error)")
    }

    @Test func setsWhoseFilesAreAbsentAreSaidSo() throws {
        let folder = try folder(more: "")
        try FileManager.default.removeItem(atPath: folder.file("molecule.pdb"))
        let outcome = try Program.run(words("benchmark quality plan.yaml --output out"), in: folder.path)
        #expect(outcome.status == 0 && outcome.output.contains("molecule.pdb is not there"))
        #expect(try results(folder).map { $0["status"] as? String } == ["absent"])
    }

    @Test(arguments: [
        BadInput("no such plan", "benchmark quality none.yaml --output out", "none.yaml"),
        BadInput("no such set", "benchmark quality plan.yaml --output out --sets huge", "huge", "tiny"),
        BadInput(
            "no such configuration", "benchmark quality plan.yaml --output out --configurations wide", "wide",
            "narrow"),
        BadInput("no threads", "benchmark quality plan.yaml --output out --threads 0", "threads", "0"),
        BadInput("an unknown key", "benchmark quality bad.yaml --output out", "bad.yaml", "colour"),
    ])
    func badInputIsNamedAndNothingIsWritten(_ bad: BadInput) throws {
        try bad.check { folder in
            let text = QualityPlanFixture.plan(simulate: "structure: molecule.pdb")
            try AtomicFile.write(text: text, to: folder.file("plan.yaml"))
            try AtomicFile.write(text: text + "colour: red\n", to: folder.file("bad.yaml"))
        }
    }
}
