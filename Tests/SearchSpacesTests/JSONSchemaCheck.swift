import Documents
import Foundation

/// A value of JSON, and what of JSON Schema the published schemas use, after its specification (2020-12).
indirect enum JSONData: Decodable, Hashable {
    case null
    case flag(Bool)
    case number(Double)
    case text(String)
    case list([JSONData])
    case fields([String: JSONData])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .flag(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSONData].self) {
            self = .list(value)
        } else {
            self = .fields(try container.decode([String: JSONData].self))
        }
    }

    /// The value of a node, its plain scalars by the core schema of YAML.
    init(_ node: YAMLNode) {
        switch node.content {
        case .mapping(let entries):
            self = .fields(Dictionary(uniqueKeysWithValues: entries.map { ($0.key, JSONData($0.value)) }))
        case .sequence(let items): self = .list(items.map { JSONData($0) })
        case .scalar(let text, let isPlain):
            if isPlain, ["", "~", "null"].contains(text) {
                self = .null
            } else if isPlain, let flag = Bool(text) {
                self = .flag(flag)
            } else if isPlain, let number = SectionReader.number(node) {
                self = .number(number)
            } else {
                self = .text(text)
            }
        }
    }

    init(yaml: String) { self = YAMLNode.parse(yaml, into: FaultCollector()).map { JSONData($0) } ?? .null }

    subscript(_ key: String) -> JSONData? { if case .fields(let fields) = self { fields[key] } else { nil } }
    var items: [JSONData] { if case .list(let items) = self { items } else { [] } }
    var keys: [String: JSONData] { if case .fields(let fields) = self { fields } else { [:] } }
    var string: String { if case .text(let text) = self { text } else { "" } }
    var value: Double? { if case .number(let number) = self { number } else { nil } }

    private var type: String {
        switch self {
        case .null: "null"
        case .flag: "boolean"
        case .number(let value): value.rounded() == value ? "integer" : "number"
        case .text: "string"
        case .list: "array"
        case .fields: "object"
        }
    }

    /// What is wrong with the value by a schema; nothing where it is valid.
    func faults(by schema: JSONData, at path: String = "") -> [String] {
        if schema == .flag(false) { return ["\(path): nothing may be here"] }
        var faults: [String] = []
        func check(_ isRight: Bool, _ text: String) { if !isRight { faults.append("\(path): \(text)") } }
        if let wanted = schema["type"]?.string {
            check(type == wanted || (wanted == "number" && type == "integer"), "\(type) for \(wanted)")
        }
        if let constant = schema["const"] { check(self == constant, "not \(constant)") }
        if let words = schema["enum"] { check(words.items.contains(self), "none of \(words.items.map(\.string))") }
        switch self {
        case .number(let value):
            if let least = schema["minimum"]?.value { check(value >= least, "below \(least)") }
            if let least = schema["exclusiveMinimum"]?.value { check(value > least, "not above \(least)") }
            if let most = schema["maximum"]?.value { check(value <= most, "above \(most)") }
        case .text(let text):
            if let least = schema["minLength"]?.value { check(Double(text.count) >= least, "too short") }
            if let most = schema["maxLength"]?.value { check(Double(text.count) <= most, "too long") }
            if let pattern = schema["pattern"]?.string {
                check(text.range(of: pattern, options: .regularExpression) != nil, "not like \(pattern)")
            }
        case .list(let items):
            if let least = schema["minItems"]?.value { check(Double(items.count) >= least, "too few") }
            if let most = schema["maxItems"]?.value { check(Double(items.count) <= most, "too many") }
            if schema["uniqueItems"] == .flag(true) { check(Set(items).count == items.count, "twice") }
            for (index, item) in items.enumerated() {
                if let inner = schema["items"] { faults += item.faults(by: inner, at: "\(path)[\(index)]") }
            }
        case .fields(let fields):
            for key in schema["required"]?.items.map(\.string) ?? [] where fields[key] == nil {
                faults.append("\(path): lacks \(key)")
            }
            let known = schema["properties"]?.keys ?? [:]
            for (key, value) in fields {
                if let names = schema["propertyNames"] {
                    faults += JSONData.text(key).faults(by: names, at: "\(path).\(key)")
                }
                if let inner = known[key] ?? schema["additionalProperties"] {
                    faults += value.faults(by: inner, at: "\(path).\(key)")
                }
            }
        case .null, .flag: break
        }
        for part in schema["allOf"]?.items ?? [] { faults += self.faults(by: part, at: path) }
        if let parts = schema["anyOf"]?.items {
            check(parts.contains { self.faults(by: $0).isEmpty }, "none of what may be here")
        }
        if let part = schema["not"] { check(!self.faults(by: part).isEmpty, "what may not be here") }
        if let condition = schema["if"], self.faults(by: condition).isEmpty, let then = schema["then"] {
            faults += self.faults(by: then, at: path)
        }
        return faults
    }
}
