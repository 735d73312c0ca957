/// The settings of a run as ordered key paths with their values in YAML, every default filled.
package struct ResolvedEntries {
    package private(set) var entries: [(path: String, value: String)] = []

    package init() {}

    package mutating func add(_ path: String, _ value: Int) { entries.append((path, String(value))) }

    package mutating func add(_ path: String, _ value: Double) { entries.append((path, ShortNumber.text(value))) }

    package mutating func add(_ path: String, _ value: Bool) { entries.append((path, String(value))) }

    package mutating func add(_ path: String, list values: [Int]) {
        entries.append((path, "[\(values.map(String.init).joined(separator: ", "))]"))
    }

    package mutating func add(_ path: String, list values: [Double]) {
        entries.append((path, "[\(values.map(ShortNumber.text).joined(separator: ", "))]"))
    }

    /// Adds text of a user, quoted.
    package mutating func add(_ path: String, quoted value: String) { entries.append((path, Self.quoted(value))) }
    /// Adds a list of texts.
    package mutating func add(_ path: String, quoted values: [String]) {
        entries.append((path, "[\(values.map(Self.quoted).joined(separator: ", "))]"))
    }

    /// Adds text that is safe in YAML as it is.
    package mutating func add(_ path: String, plain value: String) { entries.append((path, value)) }

    /// The text as a double-quoted YAML scalar of one line.
    package static func quoted(_ text: String) -> String {
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
    package var yaml: String {
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

extension YAMLNode {
    /// Everything below as entries that read back as the same, lists in one line.
    func entries(at path: String) -> [(path: String, value: String)] {
        guard case .mapping(let children) = content, !children.isEmpty else { return [(path, line)] }
        return children.flatMap { $0.value.entries(at: "\(path).\($0.key)") }
    }

    private var line: String {
        switch content {
        case .scalar(let text, let isPlain): isPlain ? text : ResolvedEntries.quoted(text)
        case .sequence(let items): "[\(items.map(\.line).joined(separator: ", "))]"
        case .mapping(let children):
            "{\(children.map { "\($0.key): \($0.value.line)" }.joined(separator: ", "))}"
        }
    }
}

/// Whether settings read back from the form in which they are stored.
///
/// What cannot be read back would be accepted today and missing tomorrow, so it is refused while somebody listens. Settings
/// are the same when their stored forms are: what has no effect is not stored.
package enum StoredForm {
    /// Checks the stored form of a document's settings.
    ///
    /// - Parameter readBack: The stored form of what a text reads as.
    package static func check(
        _ text: String, file: String, readBack: (String) throws(DocumentError) -> String
    ) throws(DocumentError) {
        if text.utf8.count <= YAMLNode.sizeLimit, let again = try? readBack(text), again == text { return }
        throw .invalidFile(
            file: file,
            faults: [
                FileFault(
                    line: 1, column: 1, keyPath: "",
                    message: "expected settings that read back from the text they are stored as, of at most 1 MiB",
                    hint: "shorten its longest lists and texts")
            ])
    }
}
