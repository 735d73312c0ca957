/// A JSON value whose members keep their order, and its text.
package enum JSONText: Sendable, Hashable {
    /// A number, true, false or null, as it is written.
    case literal(String)
    case string(String)
    case list([JSONText])
    case object([Member])

    /// A member of an object.
    package struct Member: Sendable, Hashable {
        package let name: String
        package let value: JSONText

        package init(_ name: String, _ value: JSONText) {
            self.name = name
            self.value = value
        }
    }

    private static let width = 110

    /// The text, values that fit on one line in one line, and a line feed.
    package var pretty: String { pretty(indent: 0, before: 0) + "\n" }

    /// The text on one line.
    package var line: String {
        switch self {
        case .literal(let text): text
        case .string(let text): Self.quoted(text)
        case .list(let items): "[\(items.map(\.line).joined(separator: ", "))]"
        case .object(let members):
            "{\(members.map { "\(Self.quoted($0.name)): \($0.value.line)" }.joined(separator: ", "))}"
        }
    }

    private func pretty(indent: Int, before: Int) -> String {
        let line = line
        if indent + before + line.count <= Self.width { return line }
        let space = String(repeating: " ", count: indent + 2), end = "\n" + String(repeating: " ", count: indent)
        switch self {
        case .literal, .string: return line
        case .list(let items):
            let lines = items.map { space + $0.pretty(indent: indent + 2, before: 0) }
            return "[\n" + lines.joined(separator: ",\n") + end + "]"
        case .object(let members):
            let lines = members.map { member in
                let name = Self.quoted(member.name) + ": "
                return space + name + member.value.pretty(indent: indent + 2, before: name.count)
            }
            return "{\n" + lines.joined(separator: ",\n") + end + "}"
        }
    }

    /// A text as a JSON string.
    package static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case ..." ":
                let digits = String(scalar.value, radix: 16)
                quoted += scalar == " " ? " " : "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension JSONText: ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    package init(stringLiteral text: String) { self = .string(text) }
    package init(arrayLiteral items: JSONText...) { self = .list(items) }
    package init(dictionaryLiteral members: (String, JSONText)...) {
        self = .object(members.map { Member($0.0, $0.1) })
    }
}
