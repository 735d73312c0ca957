/// The settings of a run as ordered key paths with their values in YAML, every default filled.
struct ResolvedEntries {
    private(set) var entries: [(path: String, value: String)] = []

    mutating func add(_ path: String, _ value: Int) { entries.append((path, String(value))) }

    mutating func add(_ path: String, _ value: Double) { entries.append((path, ShortNumber.text(value))) }

    mutating func add(_ path: String, _ value: Bool) { entries.append((path, String(value))) }

    /// Adds text of a user, quoted.
    mutating func add(_ path: String, quoted value: String) { entries.append((path, Self.quoted(value))) }

    /// Adds text that is safe in YAML as it is.
    mutating func add(_ path: String, plain value: String) { entries.append((path, value)) }

    /// The text as a double-quoted YAML scalar of one line.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case " "..."~": result.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16)
                result += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
            }
        }
        return result + "\""
    }

    /// The entries as a YAML mapping in block style.
    var yaml: String {
        var text = ""
        var open: [Substring] = []
        for (path, value) in entries {
            let keys = path.split(separator: ".")
            let parents = keys.dropLast()
            let shared = zip(open, parents).prefix { $0 == $1 }.count
            for (level, key) in parents.enumerated().dropFirst(shared) {
                text += String(repeating: "  ", count: level) + "\(key):\n"
            }
            text += String(repeating: "  ", count: parents.count) + "\(keys.last ?? ""): \(value)\n"
            open = Array(parents)
        }
        return text
    }
}
