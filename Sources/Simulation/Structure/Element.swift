/// Atomic numbers by symbol.
enum Element {
    private static let symbols = """
        H HE LI BE B C N O F NE NA MG AL SI P S CL AR K CA SC TI V CR MN FE CO NI CU ZN GA GE AS SE \
        BR KR RB SR Y ZR NB MO TC RU RH PD AG CD IN SN SB TE I XE CS BA LA CE PR ND PM SM EU GD TB \
        DY HO ER TM YB LU HF TA W RE OS IR PT AU HG TL PB BI PO AT RN FR RA AC TH PA U NP PU AM CM
        """

    private static let numbers: [String: Int] = {
        var table = ["D": 1]
        for (index, symbol) in symbols.split(separator: " ").enumerated() {
            table[String(symbol)] = index + 1
        }
        return table
    }()

    /// The atomic number of a symbol such as "C", "FE" or "Zn"; a charge behind it ("O1-") is ignored.
    static func atomicNumber(symbol: some StringProtocol) -> Int? {
        numbers[symbol.prefix { $0.isLetter }.uppercased()]
    }

    /// The atomic number from columns 13-16 of a PDB record, for files without an element column: the symbol
    /// is right-justified in columns 13-14, except that hydrogens with four-letter names begin in column 13.
    static func atomicNumber(pdbName name: some StringProtocol) -> Int? {
        let letters = String(name.prefix(2).filter(\.isLetter)).uppercased()
        if name.first?.isLetter == true, letters.count == 2 {
            if "HD".contains(letters.prefix(1)), name.count == 4, !name.hasSuffix(" ") { return 1 }
            return numbers[letters] ?? numbers[String(letters.prefix(1))]
        }
        return name.first { $0.isLetter }.flatMap { numbers[$0.uppercased()] }
    }
}
