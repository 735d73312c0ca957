/// What a reader of documents knows of keys, found out by handing it documents, from an empty one on.
///
/// A reading notes every key that the reader asks for. Each of these is then added to a document in every way that may lead
/// to further keys: a mapping, a list of one mapping, each of its words, a name of the file's own. So whatever the reader knows is
/// found, and nobody keeps a second list of keys.
package struct DocumentExploration {
    /// What was noted of a key in one reading.
    struct Facts: Equatable {
        /// What it accepts, without what says nothing.
        var kinds: [KeyRule.Kind] = []
        var isRequired = false
        var fallback: String?
    }

    /// What one document led to.
    struct Reading {
        /// The document.
        let node: YAMLNode
        /// The words that it has, by path.
        let words: [String: String]
        /// The paths that it has.
        let present: Set<String>
        /// The key whose word changes nothing, and so was not followed; nil for none.
        var follows: String?
        /// What was noted, by path.
        let facts: [String: Facts]
    }

    /// Documents with what was noted of each.
    private(set) var readings: [Reading] = []
    /// The keys of each mapping, in the order in which they were asked for; the items of a list are below `[]`, names of a file's
    /// own are `*`.
    private(set) var children: [String: [String]] = [:]
    /// What keys mean.
    private(set) var texts: [String: String] = [:]

    private typealias Document = (node: YAMLNode, words: [String: String], present: Set<String>)
    private typealias Addition = (value: YAMLNode.Content, word: String?)

    /// The name that stands for any of the file's own.
    static let anyName = "anything"

    /// - Parameter read: Reads a document, with whatever faults it has.
    package init(_ read: (YAMLNode, FaultCollector) -> Void) {
        let empty = YAMLNode(content: .mapping([]), position: .start)
        var open: [(document: Document, added: String?, before: [String: Facts])] = [((empty, [:], []), nil, [:])]
        var tried: Set<String> = [], known: Set<String> = []
        while let (document, added, before) = open.popLast() {
            let collector = FaultCollector(recordsRules: true)
            read(document.node, collector)
            for (path, text) in collector.texts { texts[Self.pattern(path)] = text }
            var facts: [String: Facts] = [:], order: [String] = []
            for rule in collector.rules ?? [] {
                let path = Self.pattern(rule.path)
                if facts[path] == nil { order.append(path) }
                facts[path, default: Facts()].take(rule)
                if rule.kind == .names { facts["\(path).*", default: Facts()].isRequired = false }
                if rule.kind == .names, !order.contains("\(path).*") { order.append("\(path).*") }
            }
            for path in order where known.insert(path).inserted {
                children[Self.parent(path), default: []].append(path)
            }
            var reading = Reading(
                node: document.node, words: document.words, present: document.present, facts: facts)
            if let added, document.words[added] != nil, before[added]?.isRequired == false {
                let section = Self.parent(added)
                func below(_ facts: [String: Facts]) -> [String: Set<KeyRule.Kind>] {
                    facts.filter { Self.isBelow($0.key, section) }.mapValues { Set($0.kinds) }
                }
                if below(before) == below(facts) { reading.follows = added }
            }
            readings.append(reading)
            guard reading.follows == nil else { continue }
            for path in order.reversed() where !document.present.contains(path) {
                for addition in Self.additions(facts[path] ?? Facts(), isName: path.hasSuffix(".*")) {
                    let text =
                        "\(Self.context(of: path, document.words)) \(path) \(addition.word ?? addition.value.sign)"
                    guard tried.insert(text).inserted else { continue }
                    open.append((Self.adding(addition, at: path, to: document), path, facts))
                }
            }
        }
    }

    private static func adding(_ addition: Addition, at path: String, to document: Document) -> Document {
        var added = document
        added.node.set(addition.value, at: keys(path)[...])
        if let word = addition.word { added.words[path] = word }
        var part = path
        while !part.isEmpty {
            added.present.insert(part)
            part = parent(part)
        }
        return added
    }

    /// What may lead to further keys.
    private static func additions(_ facts: Facts, isName: Bool) -> [Addition] {
        let mapping = YAMLNode.Content.mapping([])
        let item = YAMLNode.Content.sequence([YAMLNode(content: mapping, position: .start)])
        if isName { return [(mapping, nil), (item, nil), (.scalar(text: "text", isPlain: true), nil)] }
        if facts.kinds.isEmpty { return [(mapping, nil)] }
        return facts.kinds.flatMap { kind -> [Addition] in
            switch kind {
            case .mapping: [(mapping, nil)]
            case .list: [(item, nil)]
            case .words(let words) where words.count > 1: words.map { (.scalar(text: $0, isPlain: true), $0) }
            default: []
            }
        }
    }

    /// The words that may decide what a key is: those of the mappings that it lies in.
    private static func context(of path: String, _ words: [String: String]) -> String {
        words.filter { $0.key != path && isBelow(path, parent($0.key)) }.map { "\($0.key)=\($0.value)" }.sorted()
            .joined(separator: " ")
    }

    // MARK: Paths

    /// The path without places in lists and names of the file's own.
    static func pattern(_ path: String) -> String {
        var pattern = "", isIndex = false
        for character in path {
            if character == "[" { isIndex = true }
            if !isIndex || !character.isNumber { pattern.append(character) }
            if character == "]" { isIndex = false }
        }
        return pattern.split(separator: ".", omittingEmptySubsequences: false)
            .map { $0 == anyName ? "*" : $0.hasPrefix("\(anyName)[") ? "*" + $0.dropFirst(anyName.count) : String($0) }
            .joined(separator: ".")
    }

    /// The path of what a key or an item lies in; empty for the document.
    static func parent(_ path: String) -> String {
        if path.hasSuffix("[]") { return String(path.dropLast(2)) }
        return path.lastIndex(of: ".").map { String(path[..<$0]) } ?? ""
    }

    /// Whether a key lies in a mapping, however deep.
    static func isBelow(_ path: String, _ section: String) -> Bool {
        section.isEmpty || path.hasPrefix("\(section).") || path.hasPrefix("\(section)[]")
    }

    /// The keys of a path, `[]` for the first item of a list.
    private static func keys(_ path: String) -> [String] {
        path.split(separator: ".").flatMap { part -> [String] in
            let name = part.prefix { $0 != "[" }
            return [name == "*" ? anyName : String(name)]
                + [String](repeating: "[]", count: part.count { $0 == "[" })
        }
    }
}

extension DocumentExploration.Facts {
    fileprivate mutating func take(_ rule: KeyRule) {
        if rule.kind != .other, !kinds.contains(rule.kind) { kinds.append(rule.kind) }
        isRequired = isRequired || rule.isRequired
        fallback = fallback ?? rule.fallback
    }
}

extension YAMLNode.Content {
    fileprivate var sign: String {
        switch self {
        case .mapping: "{}"
        case .sequence: "[]"
        case .scalar: "text"
        }
    }
}

extension YAMLNode {
    /// Sets the value below some keys, with mappings and lists of one item on the way to it.
    fileprivate mutating func set(_ value: Content, at keys: ArraySlice<String>) {
        guard let first = keys.first else {
            content = value
            return
        }
        if first == "[]" {
            var item = YAMLNode(content: .mapping([]), position: .start)
            if case .sequence(let items) = content, let there = items.first { item = there }
            item.set(value, at: keys.dropFirst())
            content = .sequence([item])
            return
        }
        var entries: [Entry] = []
        if case .mapping(let there) = content { entries = there }
        let index = entries.firstIndex { $0.key == first } ?? entries.count
        if index == entries.count {
            entries.append(
                Entry(key: first, position: .start, value: YAMLNode(content: .mapping([]), position: .start)))
        }
        entries[index].value.set(value, at: keys.dropFirst())
        content = .mapping(entries)
    }
}
