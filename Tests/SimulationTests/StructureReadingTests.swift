import CryoIO
import TestSupport
import Testing

@testable import Simulation

@Suite struct StructureReadingTests {
    private static let pdb = """
        HEADER    TEST
        ATOM      1  N   ALA A   1      11.000  12.000  13.000  1.00 20.00           N
        ATOM      2  CA AALA A   1      12.000  12.500  13.000  0.60 20.00           C
        ATOM      3  CA BALA A   1      12.200  12.700  13.000  0.40 20.00           C
        ATOM      4  SG  CYS H  -5      -1.500   2.000   3.000  1.00 20.00
        TER
        HETATM    5 ZN    ZN H 301       0.000   0.000   1.000  0.50 20.00          ZN
        HETATM    6  O   HOH H 401       9.000   9.000   9.000  1.00 20.00           O
        ENDMDL
        MODEL        2
        ATOM      7  N   ALA A   1      99.000  99.000  99.000  1.00 20.00           N
        """

    private static let cif = """
        data_TEST
        # a comment
        _entry.id TEST
        _struct.title
        ;a title over
        two lines with loop_ in it
        ;
        loop_
        _citation.id
        _citation.title
        1 'It''s a title'
        loop_
        _atom_site.group_PDB
        _atom_site.id
        _atom_site.type_symbol
        _atom_site.label_atom_id
        _atom_site.label_alt_id
        _atom_site.label_comp_id
        _atom_site.label_asym_id
        _atom_site.auth_asym_id
        _atom_site.auth_seq_id
        _atom_site.pdbx_PDB_ins_code
        _atom_site.Cartn_x
        _atom_site.Cartn_y
        _atom_site.Cartn_z
        _atom_site.occupancy
        _atom_site.pdbx_PDB_model_num
        ATOM 1 N N . ALA X A 1 ? 11.000 12.000 13.000 1.00 1
        ATOM 2 C CA A ALA X A 1 ? 12.000 12.500 13.000 0.60 1
        ATOM 3 C CA B ALA X A 1 ? 12.200 12.700 13.000 0.40 1
        ATOM 4 S "S'G" . CYS Y H -5 ? -1.500 2.000 3.000 1.00 1
        HETATM 5 ZN ZN . ZN Z H 301 ? 0.000 0.000 1.000 0.50 1
        HETATM 6 O O . HOH W H 401 ? 9.000 9.000 9.000 1.00 1
        ATOM 7 N N . ALA X A 1 ? 99.000 99.000 99.000 1.00 2
        #
        _after.all yes
        """

    private func read(_ text: String, _ options: StructureOptions = .init()) throws -> AtomModel {
        try PDBReader.parse(Array(text.utf8), file: "a.pdb", options: options)
    }

    @Test func pdbKeepsTheFirstModelWithoutWater() throws {
        let model = try read(Self.pdb)
        #expect(
            model.positions == [
                [11, 12, 13], [12, 12.5, 13], [12.2, 12.7, 13], [-1.5, 2, 3], [0, 0, 1],
            ])
        let expected = [7, 6 * 0.6, 6 * 0.4, 16, 30 * 0.5]
        for (a, b) in zip(model.weights, expected) { #expect(abs(a - b) < 1e-12) }
        #expect(model.residues[3] == .init(chain: "H", number: -5))
    }

    @Test func mmCIFOfTheSameAtomsIsTheSameModel() throws {
        for options in [
            StructureOptions(), .init(weighting: .occupancy, alternates: .first, keepsWater: true),
        ] {
            let cif = try MMCIFReader.parse(Array(Self.cif.utf8), file: "a.cif", options: options)
            #expect(cif == (try read(Self.pdb, options)))
        }
    }

    @Test func optionsSelectAtomsAndWeights() throws {
        #expect(try read(Self.pdb, .init(weighting: .occupancy)).weights == [1, 0.6, 0.4, 1, 0.5])
        #expect(
            try read(Self.pdb, .init(weighting: .occupancy, alternates: .first)).weights == [1, 1, 1, 0.5])
        #expect(try read(Self.pdb, .init(keepsWater: true)).count == 6)
        #expect(try read(Self.pdb, .init(keepsHeteroAtoms: false)).count == 4)
        #expect(try read(Self.pdb, .init(chains: ["A"])).count == 3)
        #expect(message { _ = try read(Self.pdb, .init(chains: ["Q"])) }?.contains("no atom is left") == true)
    }

    @Test(arguments: [
        (" CA ", 6), ("CA  ", 20), ("HG11", 1), ("FE  ", 26), (" SE ", 16), ("1HB ", 1), (" D  ", 1),
        ("HG  ", 80),
    ])
    func elementIsReadFromTheAtomNameWhereItsColumnIsEmpty(name: String, number: Int) {
        #expect(Element.atomicNumber(pdbName: name) == number)
    }

    @Test(arguments: [
        ("12.500", "12.x00", "line 3: y is not a number; found \"12.x00\""),
        ("0.60 20", "-.60 20", "line 3: the occupancy is negative"),
        ("A   1      11", "A   !      11", "line 2: the residue number"),
        ("           N\n", "           ?\n", "line 2"),
    ])
    func badPDBRecordIsNamedWithItsLine(old: String, new: String, expected: String) throws {
        let at = try #require(Self.pdb.range(of: old))
        var text = Self.pdb.replacingCharacters(in: at, with: new)
        if new.contains("?") { text = text.replacing("N   ALA A   1      11", with: "?   ALA A   1      11") }
        #expect(
            message { _ = try read(text) }?.contains(expected) == true,
            "\(message { _ = try read(text) } ?? "")")
    }

    @Test(arguments: [
        ("Cartn_y", "Cartn_q", "wanted _atom_site.cartn_y"),
        ("12.700 13", "1a 13", "line 30: y is not a number"),
        ("99.000 1.00 2\n#", "99.000\n#", "line 34: the last row of _atom_site is incomplete"),
        ("atom_site", "other", "no _atom_site loop"),
        ("\"S'G\"", "\"S'G", "line 31: a quoted value is not closed"),
        (";\nloop_\n_citation", "\nloop_\n_citation", "line 5: a text field is not closed"),
    ])
    func badCIFIsNamedWithItsLine(old: String, new: String, expected: String) {
        let text = Self.cif.replacing(old, with: new)
        let found = message { _ = try MMCIFReader.parse(Array(text.utf8), file: "a.cif") }
        #expect(found?.contains(expected) == true, "\(found ?? "no error")")
    }

    @Test func fileIsReadByItsName() throws {
        let folder = try TemporaryFolder()
        let pdb = try folder.write(Array(Self.pdb.utf8), as: "a.pdb")
        let cif = try folder.write(Array(Self.cif.utf8), as: "a.cif")
        #expect(try StructureFile.read(pdb) == (try StructureFile.read(cif)))
        #expect(message { _ = try StructureFile.read(folder.file("no.pdb")) }?.contains("no.pdb") == true)
        #expect(message { _ = try StructureFile.read("a.cif.gz") }?.contains("gunzip") == true)
        #expect(message { _ = try read("nothing here") }?.contains("no ATOM") == true)
        let ensemble = try Ensemble(files: [pdb, cif])
        #expect(ensemble.states.count == 2 && ensemble.states[0].centreOfMass.length < 1e-12)
    }

    @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
    func antibodyHasItsFourChains() throws {
        let path = try #require(SharedData.path("structures/1hzh.pdb"))
        let model = try StructureFile.read(path)
        #expect(model.count == 10_576)
        #expect(try StructureFile.read(path, options: .init(keepsWater: true)).count == 10_647)
        #expect(Set(model.residues.map(\.chain)) == ["A", "B", "H", "K", "L", "M"])
        #expect(try StructureFile.read(path, options: .init(keepsHeteroAtoms: false)).count == 10_355)
        let ensemble = try Ensemble(
            file: path, moves: [try StateMove("H/1-227,L:rotate=20@x:hinge=H/228-232; K/1-227,M:shift=0,8,0")]
        )
        #expect(ensemble.states.count == 2)
        #expect(ensemble.reach < 100)
        let (a, b) = (ensemble.states[0], ensemble.states[1])
        for (index, residue) in a.residues.enumerated() {
            let moved = (a.positions[index] - b.positions[index]).length
            if residue.chain == "M" { #expect(abs(moved - 8) < 1e-9) }
            if residue.chain == "H" && residue.number > 232 { #expect(moved == 0) }
        }
    }
}
