/// What a reader of documents knows of keys, found out by handing it documents, from an empty one on.
///
/// A reading notes every key that the reader asks for. Each of these is then added to a document in every way that may lead
/// to further keys: a mapping, a list of one mapping, each of its words, a name of the file's own. So whatever the reader knows is
/// found, and nobody keeps a second list of keys.
package struct DocumentExploration: Sendable {
    /// What was noted of a key in one reading.
    struct Facts: Sendable, Equatable {
        /// What it accepts, without what says nothing.
        var kinds: [KeyRule.Kind] = []
        var isRequired = false
        var fallback: String?
    }

    /// What one document led to.
    struct Reading: Sendable {
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
        var tried: Set<String> = []
        // Documents that have nothing but what leads to the key that is added come first: whatever else there is may change
        // what the reader asks for.
        var open: [Step] = [], others: [Step] = []
        func take(_ document: Document, _ step: Step?) {
            let (reading, order) = note(read, document, after: step)
            guard reading.follows == nil else { return }
            for path in order.reversed() {
                // That a key has words may be known only once it has a text.
                let isText = step?.path == path && step?.addition.word == nil
                guard !document.present.contains(path) || isText else { continue }
                let base = isText ? step?.document ?? document : document
                let isAlone = base.present.allSatisfy {
                    path.hasPrefix($0) || base.words[$0] != nil && Self.isBelow(path, Self.parent($0))
                }
                for addition in Self.additions(reading.facts[path] ?? Facts(), isName: path.hasSuffix(".*"))
                where !isText || addition.word != nil {
                    let before = isText ? step?.before ?? [:] : reading.facts
                    let next = Step(document: base, path: path, addition: addition, before: before)
                    if isAlone { open.append(next) } else { others.append(next) }
                }
            }
        }
        take((empty, [:], []), nil)
        while let step = open.popLast() ?? others.popLast() {
            let (path, addition) = (step.path, step.addition)
            let context = Self.context(of: path, step.document.words)
            guard tried.insert("\(context) \(path) \(addition.word ?? addition.value.sign)").inserted else { continue }
            take(Self.adding(addition, at: path, to: step.document), step)
        }
    }

    /// A key that is to be added to a document.
    private struct Step {
        let document: Document
        let path: String
        let addition: Addition
        /// What was noted without it.
        let before: [String: Facts]
    }

    /// Reads a document and keeps what is noted.
    ///
    /// - Returns: The reading, and the paths in the order in which they were asked for.
    private mutating func note(
        _ read: (YAMLNode, FaultCollector) -> Void, _ document: Document, after step: Step?
    ) -> (reading: Reading, order: [String]) {
        let collector = FaultCollector(recordsRules: true)
        read(document.node, collector)
        for (path, text) in collector.texts { texts[Self.pattern(path)] = text }
        var facts: [String: Facts] = [:], order: [String] = []
        func note(_ path: String, _ rule: KeyRule?) {
            if facts[path] == nil { order.append(path) }
            facts[path, default: Facts()].take(rule)
        }
        for rule in collector.rules ?? [] {
            let path = Self.pattern(rule.path)
            note(path, rule)
            if rule.kind == .names { note("\(path).*", nil) }
        }
        for path in order where children[Self.parent(path)]?.contains(path) != true {
            children[Self.parent(path), default: []].append(path)
        }
        var reading = Reading(node: document.node, words: document.words, present: document.present, facts: facts)
        if let step, document.words[step.path] != nil, step.before[step.path]?.isRequired == false {
            let section = Self.parent(step.path)
            func below(_ facts: [String: Facts]) -> [String: Set<KeyRule.Kind>] {
                facts.filter { Self.isBelow($0.key, section) && $0.key != step.path }.mapValues { Set($0.kinds) }
            }
            if below(step.before) == below(facts) { reading.follows = step.path }
        }
        readings.append(reading)
        return (reading, order)
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
        if facts.kinds.isEmpty { return [(mapping, nil), (.scalar(text: "text", isPlain: true), nil)] }
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
    fileprivate mutating func take(_ rule: KeyRule?) {
        guard let rule else { return }
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
