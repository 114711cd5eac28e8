/// How the run was made.
enum ProvenanceSection {
    static func make(_ content: ReportContent) -> Page.Section? {
        let provenance = content.provenance
        let facts: [(String, HTML?)] = [
            ("Program", "\(provenance.program) \(provenance.version)"),
            ("Written", provenance.date.map { "\($0)" }),
            ("Device", provenance.device.map { "\($0)" }),
            ("Command", provenance.commandLine.map { "<code>\($0)</code>" }),
        ]
        let list = facts.map { label, value -> HTML? in
            value.map { "<div><dt>\(label)</dt><dd>\($0)</dd></div>\n" }
        }
        let configuration = provenance.configuration.map { text -> HTML in
            """
            <details open>
            <summary>Configuration</summary>
            <pre tabindex="0">\(text)</pre>
            </details>
            """
        }
        let body: HTML = """
            <dl class="provenance">
            \(list.compactMap { $0 })</dl>
            \(configuration)
            """
        return Page.Section(id: "provenance", title: "How this was made", label: "Provenance", body: body)
    }
}
