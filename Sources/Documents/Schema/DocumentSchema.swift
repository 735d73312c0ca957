/// The JSON Schema of a kind of document, made of what its reader asks for.
///
/// Where a word of a mapping decides which keys it has, these follow from the word (`if`, `then`); keys that depend on each other
/// in any other way are all allowed. So no good document is refused, and some bad ones are found by the reader alone.
package struct DocumentSchema: Sendable {
    private let found: DocumentExploration
    private let title: String, address: String, description: String

    private typealias Reading = DocumentExploration.Reading
    private typealias Facts = DocumentExploration.Facts
    private typealias Member = JSONText.Member

    /// - Parameters:
    ///   - title: What documents are called.
    ///   - address: The `$id`.
    ///   - description: What they are, in a sentence.
    ///   - found: What their reader knows.
    package init(title: String, address: String, description: String, _ found: DocumentExploration) {
        self.title = title
        self.address = address
        self.description = description
        self.found = found
    }

    /// The schema, by JSON Schema 2020-12.
    package var json: JSONText {
        var members = [
            Member("$schema", "https://json-schema.org/draft/2020-12/schema"), Member("$id", .string(address)),
            Member("title", .string(title)), Member("description", .string(description)),
        ]
        members += section("", found.readings, decided: []).members
        return .object(members)
    }

    /// Every key that has a schema, as a path.
    package var paths: [String] {
        found.children.values.flatMap(\.self).filter { !$0.hasSuffix("*") && !$0.hasSuffix("[]") }.sorted()
    }

    /// The keys of the mapping at a path.
    package func keys(of path: String) -> [String] {
        (found.children[DocumentExploration.pattern(path)] ?? []).map(Self.name).filter { $0 != "*" }
    }

    /// Documents that led to what is known.
    package var examples: [YAMLNode] { found.readings.map(\.node) }

    /// What a key means; nil where its reader does not say it.
    package func text(of path: String) -> String? { found.texts[path] }

    // MARK: Mappings

    /// A mapping in the making.
    private struct Section: Hashable {
        var required: [String] = []
        var properties: [Member] = []
        var names: JSONText?
        var branches: [JSONText] = []

        var members: [Member] {
            var members: [Member] = [Member("type", "object")]
            if !required.isEmpty { members.append(Member("required", .list(required.map(JSONText.string)))) }
            if !properties.isEmpty { members.append(Member("properties", .object(properties))) }
            members.append(Member("additionalProperties", names ?? .literal("false")))
            if !branches.isEmpty { members.append(Member("allOf", .list(branches))) }
            return members
        }
    }

    private func section(_ path: String, _ readings: [Reading], decided: Set<String>) -> Section {
        let keys = (found.children[path] ?? []).filter { key in readings.contains { $0.facts[key] != nil } }
        if let key = keys.first(where: { !decided.contains($0) && decides($0, of: path, readings) }) {
            return branched(path, by: key, readings, decided: decided)
        }
        var section = Section()
        for key in keys {
            let value = value(key, readings, decided: decided)
            if key.hasSuffix(".*") {
                section.names = value
            } else {
                section.properties.append(Member(Self.name(key), value))
                if isRequired(key, readings) { section.required.append(Self.name(key)) }
            }
        }
        return section
    }

    /// Whether a key must be there: whoever reads a document without it misses it.
    private func isRequired(_ key: String, _ readings: [Reading]) -> Bool {
        let beside = found.children[DocumentExploration.parent(key)] ?? []
        let without = readings.filter { reading in
            !reading.present.contains(key) && beside.contains { reading.facts[$0] != nil }
        }
        return !without.isEmpty && without.allSatisfy { $0.facts[key]?.isRequired == true }
    }

    /// Whether other keys follow from the word that a key has.
    private func decides(_ key: String, of path: String, _ readings: [Reading]) -> Bool {
        let groups = groups(by: key, readings)
        guard groups.count > 1 else { return false }
        let signs = groups.map { group in sign(of: group.readings, below: path, except: key) }
        return signs.contains { $0 != signs[0] }
    }

    private func sign(of readings: [Reading], below path: String, except key: String) -> [String: Set<KeyRule.Kind>] {
        var sign: [String: Set<KeyRule.Kind>] = [:]
        for reading in readings {
            for (other, facts) in reading.facts where other != key && DocumentExploration.isBelow(other, path) {
                sign[other, default: []].formUnion(facts.kinds)
            }
        }
        return sign
    }

    /// Readings by the word of a key; those of documents without it, unless it must be there, and of words that change nothing are
    /// one group.
    private func groups(by key: String, _ readings: [Reading]) -> [(words: [String], isOpen: Bool, readings: [Reading])]
    {
        var words: [String] = []
        for reading in readings {
            for case .words(let some) in reading.facts[key]?.kinds ?? [] {
                words += some.filter { !words.contains($0) }
            }
        }
        var groups: [(words: [String], isOpen: Bool, readings: [Reading])] = []
        var usual: (words: [String], isOpen: Bool, readings: [Reading]) = (
            [], !isRequired(key, readings), readings.filter { $0.words[key] == nil }
        )
        for word in words {
            let own = readings.filter { $0.words[key] == word }
            if !own.isEmpty, own.allSatisfy({ $0.follows == key }) {
                usual.words.append(word)
                usual.readings += own
            } else if !own.isEmpty {
                groups.append(([word], false, own))
            }
        }
        if usual.isOpen || !usual.words.isEmpty { groups.append(usual) }
        return groups
    }

    /// A mapping whose keys follow from one of its words.
    private func branched(_ path: String, by key: String, _ readings: [Reading], decided: Set<String>) -> Section {
        var branches: [(words: [String], isOpen: Bool, section: Section)] = []
        for group in groups(by: key, readings) {
            let own = section(path, group.readings, decided: decided.union([key]))
            if let place = branches.firstIndex(where: { without(key, $0.section) == without(key, own) }) {
                branches[place].words += group.words
                branches[place].isOpen = branches[place].isOpen || group.isOpen
            } else {
                branches.append((group.words, group.isOpen, own))
            }
        }
        var whole = Section()
        var names: [String] = []
        for branch in branches {
            names += branch.section.properties.map(\.name).filter { !names.contains($0) }
        }
        for name in names {
            let values = branches.map { branch in branch.section.properties.first { $0.name == name }?.value }
            let isShared = values.allSatisfy { $0 == values[0] }
            if name == Self.name(key) {
                whole.properties.append(Member(name, value(key, readings, decided: decided)))
            } else if isShared, let value = values[0] {
                whole.properties.append(Member(name, value))
            } else {
                whole.properties.append(Member(name, .object([])))
            }
            let isRequired =
                name == Self.name(key)
                ? self.isRequired(key, readings) : branches.allSatisfy { $0.section.required.contains(name) }
            if isRequired { whole.required.append(name) }
        }
        whole.names = branches.compactMap(\.section.names).first
        let name = Self.name(key)
        for branch in branches {
            var then: [Member] = []
            let missing = branch.section.required.filter { !whole.required.contains($0) }
            if !missing.isEmpty { then.append(Member("required", .list(missing.map(JSONText.string)))) }
            let own = branch.section.properties.filter { $0.name != name && !whole.properties.contains($0) }
            if !own.isEmpty { then.append(Member("properties", .object(own))) }
            if branch.section.names == nil {
                let allowed = branch.section.properties.map { JSONText.string($0.name) }
                if allowed.count < names.count { then.append(Member("propertyNames", ["enum": .list(allowed)])) }
            }
            if !branch.section.branches.isEmpty { then.append(Member("allOf", .list(branch.section.branches))) }
            guard !then.isEmpty else { continue }
            let words: JSONText =
                branch.words.count == 1
                ? ["const": .string(branch.words[0])] : ["enum": .list(branch.words.map(JSONText.string))]
            let has: JSONText = ["properties": .object([Member(name, words)]), "required": [.string(name)]]
            let isOpen: JSONText = ["not": ["required": [.string(name)]]]
            let condition: JSONText =
                branch.isOpen ? (branch.words.isEmpty ? isOpen : ["anyOf": [isOpen, has]]) : has
            whole.branches.append(["if": condition, "then": .object(then)])
        }
        return whole
    }

    private func without(_ key: String, _ section: Section) -> Section {
        var section = section
        section.properties.removeAll { $0.name == Self.name(key) }
        return section
    }

    private static func name(_ path: String) -> String { path.split(separator: ".").last.map(String.init) ?? "" }

    // MARK: Values

    private func value(_ path: String, _ readings: [Reading], decided: Set<String>) -> JSONText {
        let facts = readings.compactMap { $0.facts[path] }
        var kinds: [KeyRule.Kind] = [], words: [String] = []
        for kind in facts.flatMap(\.kinds) where kind != .names {
            if case .words(let some) = kind {
                // Names of the file's own are any.
                let isOwn = some.isEmpty || some == [DocumentExploration.anyName]
                let kind = isOwn ? KeyRule.Kind.text : .words([])
                if !kinds.contains(kind) { kinds.append(kind) }
                words += isOwn ? [] : some.filter { !words.contains($0) }
            } else if !kinds.contains(kind) {
                kinds.append(kind)
            }
        }
        // A name is text, a list of numbers a list.
        if kinds.contains(.name) { kinds.removeAll { $0 == .text } }
        if kinds.contains(where: { if case .numbers = $0 { true } else { false } }) {
            kinds.removeAll { if case .list = $0 { true } else { false } }
        }
        var members: [Member] = []
        if let text = found.texts[path] { members.append(Member("description", .string(text))) }
        let schemas = kinds.map { kind -> [Member] in
            if case .words = kind { return [Member("enum", .list(words.map(JSONText.string)))] }
            return schema(kind, path, readings, decided: decided)
        }
        if schemas.count == 1 {
            members += schemas[0]
        } else if schemas.count > 1 {
            members.append(Member("anyOf", .list(schemas.map(JSONText.object))))
        }
        let fallbacks = Set(facts.map(\.fallback))
        if fallbacks.count == 1, let fallback = fallbacks.first, let fallback {
            members.append(Member("default", .literal(fallback)))
        }
        return .object(members)
    }

    private func schema(
        _ kind: KeyRule.Kind, _ path: String, _ readings: [Reading], decided: Set<String>
    ) -> [Member] {
        switch kind {
        case .integer(let range):
            var members: [Member] = [Member("type", "integer")]
            if range.lowerBound > .min { members.append(Member("minimum", .literal("\(range.lowerBound)"))) }
            if range.upperBound < .max { members.append(Member("maximum", .literal("\(range.upperBound)"))) }
            return members
        case .number(let range, let excludesLowest):
            return [Member("type", "number")] + bounds(range, excludesLowest: excludesLowest)
        case .numbers(let range, let isWhole):
            let item =
                [Member("type", isWhole ? "integer" : "number")]
                + bounds(range, excludesLowest: !isWhole && range.lowerBound == 0)
            return [
                Member("type", "array"), Member("minItems", .literal("1")), Member("uniqueItems", .literal("true")),
                Member("items", .object(item)),
            ]
        case .scaled: return [Member("type", "string"), Member("pattern", "^[0-9+.eE-]+[kKMGT]$")]
        case .flag: return [Member("type", "boolean")]
        case .text: return [Member("type", "string"), Member("minLength", .literal("1"))]
        case .name:
            return [
                Member("type", "string"), Member("minLength", .literal("1")),
                Member("maxLength", .literal("\(PlainName.longest)")), Member("pattern", "^[^-._/\\s][^/\\s]*$"),
            ]
        case .words, .names, .other: return []
        case .list(let atLeastOne, let most):
            var members: [Member] = [Member("type", "array")]
            if atLeastOne { members.append(Member("minItems", .literal("1"))) }
            if most < .max { members.append(Member("maxItems", .literal("\(most)"))) }
            let item = value("\(path)[]", readings, decided: decided)
            if item != .object([]) { members.append(Member("items", item)) }
            return members
        case .mapping: return section(path, readings, decided: decided).members
        }
    }

    private func bounds(_ range: ClosedRange<Double>, excludesLowest: Bool) -> [Member] {
        let low = excludesLowest ? "exclusiveMinimum" : "minimum"
        var members: [Member] = []
        if range.lowerBound > -.greatestFiniteMagnitude {
            members.append(Member(low, .literal(ShortNumber.text(range.lowerBound))))
        }
        if range.upperBound < .greatestFiniteMagnitude {
            members.append(Member("maximum", .literal(ShortNumber.text(range.upperBound))))
        }
        return members
    }
}
