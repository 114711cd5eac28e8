/// The sections that are tables: scores, confusion with the truth, files.
enum ScoresSection {
    static func make(_ content: ReportContent) -> Page.Section? {
        let scores = content.scores
        guard !scores.isEmpty else { return nil }
        let hasReference = scores.contains { $0.reference != nil }
        let hasMeaning = scores.contains { $0.meaning != nil }
        let rows = scores.map { score -> HTML in
            let reference: HTML? =
                hasReference
                ? "<td class=\"number\">\(score.reference.map(NumberText.short) ?? "")</td>" : nil
            let meaning: HTML? = hasMeaning ? "<td class=\"meaning\">\(score.meaning ?? "")</td>" : nil
            return """
                <tr><th scope="row">\(score.name)</th>\
                <td class="number strong">\(NumberText.short(score.value))</td>\(reference)\(meaning)</tr>

                """
        }
        let reference: HTML? = hasReference ? "<th scope=\"col\" class=\"number\">To compare</th>" : nil
        let meaning: HTML? = hasMeaning ? "<th scope=\"col\">What it says</th>" : nil
        let body: HTML = """
            <div class="scroll"><table>
            <thead><tr><th scope="col">Measure</th><th scope="col" class="number">Value</th>\
            \(reference)\(meaning)</tr></thead>
            <tbody>
            \(rows)</tbody>
            </table></div>
            """
        return Page.Section(id: "scores", title: "Scores", body: body)
    }
}

enum ConfusionSection {
    static func make(_ content: ReportContent) -> Page.Section? {
        guard let table = content.confusion, !table.clusters.isEmpty, !table.truths.isEmpty else {
            return nil
        }
        let header = table.truths.map { "<th scope=\"col\" class=\"number\">\($0)</th>" as HTML }
        let rows = order(of: table).map { row -> HTML in
            let (name, counts) = (table.clusters[row], table.counts[row])
            let total = counts.reduce(0, +)
            let cells = counts.map { cell($0, of: total) }
            return """
                <tr><th scope="row">\(name)</th>\(cells)\
                <td class="number total">\(NumberText.grouped(total))</td></tr>

                """
        }
        let totals = table.truths.indices.map { column -> HTML in
            let total = table.counts.reduce(0) { $0 + $1[column] }
            return "<td class=\"number total\">\(NumberText.grouped(total))</td>"
        }
        let all = table.counts.reduce(0) { $0 + $1.reduce(0, +) }
        let body: HTML = """
            <p>Particles of each cluster (rows) by their true state (columns). The shade is the share of the \
            cluster: a row with one dark cell is a pure cluster, a column with one dark cell a state that \
            was not split.</p>
            <div class="scroll"><table class="confusion">
            <thead><tr><th scope="col">Cluster</th>\(header)\
            <th scope="col" class="number">All</th></tr></thead>
            <tbody>
            \(rows)</tbody>
            <tfoot><tr><th scope="row">All</th>\(totals)\
            <td class="number total">\(NumberText.grouped(all))</td></tr></tfoot>
            </table></div>
            """
        return Page.Section(id: "confusion", title: "Clusters and truth", label: "Truth", body: body)
    }

    /// Clusters by the state that most of their particles have, so that a good table has its diagonal.
    static func order(of table: ConfusionTable) -> [Int] {
        let main = table.counts.map { counts in counts.indices.max { counts[$0] < counts[$1] } ?? 0 }
        return table.clusters.indices.sorted { (main[$0], $0) < (main[$1], $1) }
    }

    private static func cell(_ count: Int, of total: Int) -> HTML {
        let share = total > 0 ? Double(count) / Double(total) : 0
        return """
            <td class="number heat" style="--heat:\(100 * share, digits: 1)%" \
            title="\(NumberText.percent(share)) of the cluster">\(NumberText.grouped(count))</td>
            """
    }
}

enum FilesSection {
    static func make(_ content: ReportContent) -> Page.Section? {
        guard !content.files.isEmpty else { return nil }
        let rows = content.files.map { file -> HTML in
            """
            <tr><th scope="row"><a href="\(Link.address(of: file.path))">\
            <code>\(file.path)</code></a></th>\
            <td class="meaning">\(file.meaning)</td></tr>

            """
        }
        let body: HTML = """
            <p>Paths are relative to the folder of this report.</p>
            <div class="scroll"><table>
            <thead><tr><th scope="col">File</th><th scope="col">What it holds</th></tr></thead>
            <tbody>
            \(rows)</tbody>
            </table></div>
            """
        return Page.Section(id: "files", title: "Files", body: body)
    }
}

enum Link {
    /// The address of a file beside the report. Whatever the path holds, it is a path: `./` in front keeps a
    /// name such as `javascript:x` from being read as a scheme.
    static func address(of path: String) -> String {
        let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/".utf8)
        let encoded = path.utf8.map { byte -> String in
            if allowed.contains(byte) { return String(UnicodeScalar(byte)) }
            let hex = String(byte, radix: 16, uppercase: true)
            return "%" + (hex.count < 2 ? "0" : "") + hex
        }
        return (path.hasPrefix("/") ? "" : "./") + encoded.joined()
    }
}
