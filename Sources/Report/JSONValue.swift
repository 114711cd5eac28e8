/// The JSON that the page's script reads. Keys keep their order: the same content gives the same file.
enum JSONValue: Sendable {
    case text(String)
    /// Text known to need no escaping, such as base64: it is copied as it is.
    case plain(String)
    case number(Double)
    case integer(Int)
    case flag(Bool)
    case list([JSONValue])
    case object([(String, JSONValue)])
    case null

    /// JSON knows no NaN and no infinity: both become `null`, which a plot draws as a gap.
    static func numbers(_ values: [Double]) -> JSONValue { .list(values.map { .number($0) }) }

    var serialized: String {
        var output = ""
        write(to: &output)
        return output
    }

    private func write(to output: inout String) {
        switch self {
        case .text(let text): Self.write(text, to: &output)
        case .plain(let text): output += "\"" + text + "\""
        case .number(let value): output += value.isFinite ? String(value) : "null"
        case .integer(let value): output += String(value)
        case .flag(let value): output += value ? "true" : "false"
        case .null: output += "null"
        case .list(let values):
            output += "["
            for (index, value) in values.enumerated() {
                if index > 0 { output += "," }
                value.write(to: &output)
            }
            output += "]"
        case .object(let members):
            output += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { output += "," }
                Self.write(member.0, to: &output)
                output += ":"
                member.1.write(to: &output)
            }
            output += "}"
        }
    }

    /// `<` is escaped too: the JSON stands in a script element, which `</script` or `<!--` would end or
    /// change.
    private static func write(_ text: String, to output: inout String) {
        output += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            case "\u{0}"..."\u{1F}", "<", ">", "&", "\u{7F}", "\u{2028}", "\u{2029}":
                let hex = String(scalar.value, radix: 16)
                output += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: output.unicodeScalars.append(scalar)
            }
        }
        output += "\""
    }
}
