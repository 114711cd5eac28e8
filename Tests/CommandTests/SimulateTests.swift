import CryoIO
import Foundation
import TestSupport
import Testing

@Suite struct SimulateTests {
    @Test func structureAndMoveGiveASetWithTruth() throws {
        let set = try Fixture.set.get()
        let names = try FileManager.default.contentsOfDirectory(atPath: set).sorted()
        #expect(
            names == [
                "consensus.mrc", "dataset.json", "mask.mrc", "particles.mrcs", "particles.star", "states",
                "truth.npz",
            ])
        let stack = try MRCStack(path: set + "/particles.mrcs")
        #expect(stack.count == 40 && stack.width == 16)
        let states = try NPZ.read(set + "/truth.npz").required("state", file: set).integers()
        #expect(states.count { $0 == 1 } == 20 && states.count == 40)
    }

    @Test func printsWhatItMadeAndTheDefinitionOfSNR() throws {
        let folder = try TemporaryFolder()
        try Fixture.pdb(to: folder.file("molecule.pdb"))
        let outcome = try Program.run(
            Fixture.simulation + ["--shares", "3,1", "--output", "set"], in: folder.path)
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("set/particles.star: 40 images of 16 x 16 pixels at 8.0 A, 2 states"))
        #expect(outcome.output.contains("states/state_000.mrc: 30 images"))
        #expect(outcome.output.contains("SNR 5 asked") && outcome.output.contains("over the whole box"))
    }

    @Test func phantomTakesStatesMotionErrorsAndNoNoise() throws {
        let folder = try TemporaryFolder()
        let facts = try Program.json(
            words(
                "simulate --phantom dumbbell --states 3 --motion 0.5 --count 3 --box 16 --pixel-size 16 "
                    + "--snr none --resolution 40 --pose-error 2 --shift-error 0.5 --seed 9 --output set"),
            in: folder.path)
        let settings = try #require(facts["settings"] as? [String: Any])
        #expect(settings["poseError"] as? Double == 2 && settings["shiftError"] as? Double == 0.5)
        #expect(settings["resolution"] as? Double == 40 && settings["seed"] as? Int == 9)
        #expect(settings["snr"] == nil && facts["noiseVariance"] as? Double == 0)
        #expect((facts["states"] as? [Any])?.count == 3)
        #expect((facts["structures"] as? [String: String])?["motion"] == "0.5")
    }

    @Test func structureFilesAreOneStateEachAndCTFsComeFromATable() throws {
        let set = try Fixture.set.get()
        let folder = try TemporaryFolder()
        try Fixture.pdb(to: folder.file("a.pdb"))
        try Fixture.pdb(to: folder.file("b.pdb"))
        let facts = try Program.json(
            words("simulate --structure a.pdb b.pdb --count 4 --box 16 --pixel-size 8 --output set")
                + ["--ctf-table", set + "/particles.star"], in: folder.path)
        #expect((facts["states"] as? [[String: Any]])?.map { $0["name"] as? String } == ["a.pdb", "b.pdb"])
        #expect(facts["ctfTable"] as? String == set + "/particles.star")
        let made = try STARFile(path: folder.file("set/particles.star"))[block: "particles"]?.doubles(
            "rlnDefocusU")
        let table = try STARFile(path: set + "/particles.star")[block: "particles"]?.doubles("rlnDefocusU")
        #expect(Set(made ?? []).isSubset(of: Set(table ?? [])) && made?.count == 4)
    }

    @Test func familiesBrokenParticlesAndNuisancesAreInTheTruth() throws {
        let folder = try TemporaryFolder()
        try Fixture.pdb(to: folder.file("m.pdb"))
        let small = "--count 24 --box 16 --pixel-size 8 --snr 5 --threads 1 --output "
        let series = try Program.json(
            ["simulate", "--structure", "m.pdb", "--series", "B:rotate=360@z", "--states", "4"]
                + words(small + "turn --scale-spread 0.2 --noise-excess 4"), in: folder.path)
        #expect((series["states"] as? [Any])?.count == 4)
        let settings = try #require(series["settings"] as? [String: Any])
        #expect(settings["scaleSpread"] as? Double == 0.2 && settings["noiseExcess"] as? Double == 4)
        let turn = try NPZ.read(folder.file("turn/truth.npz"))
        #expect(turn["state_position"]?.shape == [4, 2] && Set(turn["scale"]?.doubles() ?? []).count == 24)
        _ = try Program.json(
            ["simulate", "--structure", "m.pdb", "--random", "B:rotate=30@any", "--states", "5"]
                + words(small + "drawn"), in: folder.path)
        let drawn = try NPZ.read(folder.file("drawn/truth.npz"))
        #expect(drawn["state_position"]?.shape == [5, 3])
        _ = try Program.json(
            words("simulate --structure m.pdb --move B:remove --shares 2,1 --broken 0.3333")
                + words(small + "broken"), in: folder.path)
        let broken = try NPZ.read(folder.file("broken/truth.npz"))
        let flags = try #require(broken["state_broken"]).bools()
        #expect(flags == [false, false] + Array(repeating: true, count: 8))
        let states = try broken.required("state", file: "truth").integers()
        #expect(states.count { flags[$0] } == 8 && states.count { $0 == 0 } > states.count { $0 == 1 })
    }

    @Test(arguments: ["composition", "assemblies"])
    func phantomsHaveTheirOwnNumberOfStates(_ phantom: String) throws {
        let folder = try TemporaryFolder()
        let facts = try Program.json(
            words("simulate --phantom \(phantom) --states 2 --count 2 --box 16 --pixel-size 16 --output set"),
            in: folder.path)
        let structures = try #require(facts["structures"] as? [String: String])
        #expect(structures["phantom"] == phantom && structures["model seed"] == "20")
        #expect((facts["states"] as? [Any])?.count == 2)
    }

    @Test(arguments: [
        BadInput(
            "no such structure", "simulate --structure none.pdb --output set", "none.pdb", "cannot be read"),
        BadInput("an odd box", "simulate --phantom dumbbell --box 31 --output set", "box", "31", "even"),
        BadInput(
            "a resolution beyond Nyquist", "simulate --phantom dumbbell --resolution 1 --output set",
            "resolution"),
        BadInput(
            "an SNR that is no number", "simulate --phantom dumbbell --snr loud --output set", "--snr", "loud"
        ),
        BadInput("an SNR of zero", "simulate --phantom dumbbell --snr 0 --output set", "SNR", "0.0"),
        BadInput("no images", "simulate --phantom dumbbell --count 0 --output set", "count"),
        BadInput(
            "a molecule beyond the box", "simulate --structure m.pdb --box 8 --pixel-size 4 --output set",
            "larger than the box"),
        BadInput(
            "shares of other states", "simulate --phantom dumbbell --shares 1,2 --output set", "shares", "8"),
        BadInput(
            "shares that are no numbers", "simulate --phantom dumbbell --shares 1,x --output set", "--shares",
            "1,x"),
        BadInput("no states", "simulate --phantom dumbbell --states 0 --output set", "states"),
        BadInput(
            "an unknown action", "simulate --structure m.pdb --move B:jump=3 --output set", "jump=3"),
        BadInput(
            "no such table", "simulate --structure m.pdb --ctf-table none.star --output set", "none.star"),
        BadInput(
            "a share of broken particles above 1",
            "simulate --phantom dumbbell --broken 1.5 --output set", "--broken", "1.5"),
        BadInput(
            "broken particles of a continuous family",
            "simulate --structure m.pdb --series B:rotate=360@z --states 3 --broken 0.1 --output set",
            "continuous"),
        BadInput(
            "a random family with an axis",
            "simulate --structure m.pdb --random B:rotate=9@z --states 3 --output set", "rotate=DEGREES@any"),
        BadInput(
            "a noise excess below zero", "simulate --phantom dumbbell --noise-excess=-1 --output set",
            "noise excess"),
        BadInput("no threads", "simulate --structure m.pdb --threads 0 --output set", "threads", "0"),
        BadInput("a motion of nan", "simulate --structure m.pdb --motion nan --output set", "--motion"),
        BadInput(
            "a file where the folder goes",
            "simulate --structure m.pdb --box 16 --pixel-size 8 --output m.pdb/set", "m.pdb/set"),
        BadInput(
            "a folder with a set", "simulate --structure m.pdb --output SET", "already holds a particle set"),
    ])
    func badInputIsNamedAndNothingIsWritten(_ bad: BadInput) throws {
        try bad.check { try Fixture.pdb(to: $0.file("m.pdb")) }
    }

    @Test(arguments: [
        "simulate --output set", "simulate --phantom dumbbell --structure a.pdb --output set",
        "simulate --phantom dumbbell --move B:shift=1,0,0 --output set",
        "simulate --phantom cube --output set",
        "simulate --structure a.pdb --states 3 --output set",
        "simulate --phantom dumbbell --count many --output set",
        "simulate --phantom dumbbell",
        "simulate --structure a.pdb --series B:rotate=9@z --output set",
        "simulate --phantom dumbbell --series B:rotate=9@z --states 3 --output set",
        "simulate --structure a.pdb --series B:rotate=9@z --random B:rotate=9@any --states 3 --output set",
    ])
    func usageErrorsEndWith64(_ line: String) throws {
        let folder = try TemporaryFolder()
        let outcome = try Program.run(words(line), in: folder.path)
        #expect(outcome.status == 64 && outcome.error.contains("Usage: dsd simulate"))
        #expect(try folder.contents() == [])
    }
}

/// The words of a command line without quotes.
func words(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }
