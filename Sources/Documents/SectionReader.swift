/// Reads one mapping of a file key by key and reports whatever is wrong with it.
///
/// A read that fails returns a stand-in, so that reading goes on and finds the other faults; the collector
/// throws before a stand-in can be used.
package final class SectionReader {
    package let path: String
    package let position: FilePosition
    package let collector: FaultCollector
    private let entries: [YAMLNode.Entry]
    private let isSilent: Bool
    private var knownKeys: [String] = []

    /// Starts on a mapping; nil stands for one that is absent and reported, or wholly defaulted.
    package init(
        _ node: YAMLNode?, path: String, at position: FilePosition, collector: FaultCollector, isSilent: Bool = false
    ) {
        self.path = path
        self.position = node?.position ?? position
        self.collector = collector
        if !path.isEmpty { collector.note(path, .mapping) }
        if let node, case .mapping(let entries) = node.content {
            self.entries = entries
            self.isSilent = isSilent
        } else {
            entries = []
            if let node {
                collector.report("expected a mapping, found \(node.kindText)", at: node.position, path: path)
                self.isSilent = true
            } else {
                self.isSilent = isSilent
            }
        }
    }

    /// A reader of nothing, which reports nothing: for stand-ins.
    package static var silent: SectionReader {
        SectionReader(nil, path: "", at: .start, collector: FaultCollector(), isSilent: true)
    }

    /// The path of a key of this mapping.
    package func path(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// Whether the file has the key.
    package func has(_ key: String) -> Bool { entries.contains { $0.key == key } }

    /// Whether the file has a list under the key.
    package func isList(_ key: String) -> Bool {
        if case .sequence? = entries.first(where: { $0.key == key })?.value.content { true } else { false }
    }

    /// The keys that the file has, in its order.
    package var keys: [String] { entries.map(\.key) }

    /// The keys that the file has, in its order, where they are names of its own.
    package var names: [String] {
        collector.note(path, .names)
        return keys
    }

    /// The keys that the file has, of which each is one of something; none where there are too many, which is reported.
    package func keys(atMost most: Int, of what: String) -> [String] {
        guard names.count <= most else {
            collector.report(
                "expected at most \(most) \(what), found \(keys.count)", at: position, path: path)
            return []
        }
        return keys
    }

    /// What the file has under its keys, some apart, as entries that read back as the same.
    package func entries(except left: [String]) -> [(path: String, value: String)] {
        entries.filter { !left.contains($0.key) }.flatMap { $0.value.entries(at: $0.key) }
    }

    /// What a key holds where the file has it; nil where it has not.
    package func optional<Value>(_ key: String, _ read: () -> Value) -> Value? {
        // Named even where it is absent, for the list of known keys.
        guard has(key) else {
            knownKeys.append(key)
            collector.note(path(key), .other)
            return nil
        }
        return read()
    }

    /// Where the value of a key stands, or the mapping if the key is absent.
    package func position(of key: String) -> FilePosition {
        entries.first { $0.key == key }?.value.position ?? position
    }

    /// Says what keys mean, those of mappings within by their path: for whoever asks what a file may have.
    package func describe(_ texts: @autoclosure () -> [String: String]) {
        guard collector.rules != nil else { return }
        for (key, text) in texts() { collector.describe(path(key), text) }
    }

    /// Reports a fault of a key's value.
    package func report(_ message: String, key: String, hint: String? = nil) {
        guard !isSilent else { return }
        collector.report(message, at: position(of: key), path: path(key), hint: hint)
    }

    /// The value of a key; reports its absence if it is required.
    package func node(_ key: String, isRequired: Bool, expected: String) -> YAMLNode? {
        knownKeys.append(key)
        collector.note(path(key), .other, isRequired: isRequired)
        if let entry = entries.first(where: { $0.key == key }) { return entry.value }
        if isRequired, !isSilent {
            collector.report("expected \(expected), found nothing", at: position, path: path(key))
        }
        return nil
    }

    /// A nested mapping; one that is absent reads as empty.
    package func section(_ key: String, isRequired: Bool = false) -> SectionReader {
        let node = node(key, isRequired: isRequired, expected: "a mapping")
        return SectionReader(
            node, path: path(key), at: position, collector: collector,
            isSilent: isSilent || (isRequired && node == nil))
    }

    /// A whole number within a range; `fallback` nil means the key is required.
    package func integer(_ key: String, default fallback: Int? = nil, in range: ClosedRange<Int>) -> Int {
        let expected = "a whole number \(Self.text(range))"
        collector.note(path(key), .integer(range), fallback: fallback.map(String.init))
        guard let node = node(key, isRequired: fallback == nil, expected: expected) else {
            return fallback ?? range.lowerBound
        }
        if case .scalar(let text, true) = node.content, let value = Int(text), range.contains(value) { return value }
        collector.report("expected \(expected), found \(node.kindText)", at: node.position, path: path(key))
        return range.lowerBound
    }

    /// A number within a range; `fallback` nil means the key is required.
    ///
    /// - Parameter isComputed: Whether networks are computed with it, and so in 32 bits.
    package func number(
        _ key: String, default fallback: Double? = nil, in range: ClosedRange<Double>, excludingLowest: Bool = false,
        isComputed: Bool = true
    ) -> Double {
        let expected =
            excludingLowest
            ? "a number above \(ShortNumber.text(range.lowerBound)) and at most \(ShortNumber.text(range.upperBound))"
            : "a number from \(ShortNumber.text(range.lowerBound)) to \(ShortNumber.text(range.upperBound))"
        collector.note(
            path(key), .number(range, excludingLowest: excludingLowest), fallback: fallback.map(ShortNumber.text))
        guard let node = node(key, isRequired: fallback == nil, expected: expected) else {
            return fallback ?? range.upperBound
        }
        if let value = Self.number(node), range.contains(value), !(excludingLowest && value == range.lowerBound) {
            if !isComputed || collector.origin == .store || Self.isComputable(value) { return value }
            collector.report(
                "expected 0 or a number of at least \(Float.leastNormalMagnitude), found \(node.kindText)",
                at: node.position, path: path(key),
                hint: "runs compute with 32 bits, in which that is 0 or has lost its digits")
            return range.upperBound
        }
        collector.report("expected \(expected), found \(node.kindText)", at: node.position, path: path(key))
        return range.upperBound
    }

    /// Whether a number is what it says in the type that computes: neither lost to 0 nor without an end.
    private static func isComputable(_ value: Double) -> Bool {
        let computed = Float(value)
        return value == 0 || (computed.isFinite && abs(computed) >= Float.leastNormalMagnitude)
    }

    /// True or false.
    package func flag(_ key: String, default fallback: Bool) -> Bool {
        collector.note(path(key), .flag, fallback: String(fallback))
        guard let node = node(key, isRequired: false, expected: "true or false") else { return fallback }
        if case .scalar(let text, true) = node.content, let value = Bool(text) { return value }
        collector.report("expected true or false, found \(node.kindText)", at: node.position, path: path(key))
        return fallback
    }

    /// Text that is not empty; `fallback` nil means the key is required.
    ///
    /// - Parameter isProse: Whether it may have lines.
    package func text(
        _ key: String, default fallback: String? = nil, expected: String = "text", isProse: Bool = false
    ) -> String {
        collector.note(path(key), .text, fallback: fallback.flatMap { $0.isEmpty ? nil : JSONText.quoted($0) })
        guard let node = node(key, isRequired: fallback == nil, expected: expected) else { return fallback ?? "" }
        return text(node, path: path(key), expected: expected, isProse: isProse) ?? fallback ?? ""
    }

    /// The required key `name`: what folders and files are called after.
    package func name() -> String {
        let faultsBefore = collector.count
        collector.note(path("name"), .name)
        let name = text("name")
        guard collector.origin == .user, collector.count == faultsBefore, !PlainName.isOne(name) else { return name }
        report(
            "expected \(PlainName.expectation), found '\(name.prefix(80))'", key: "name",
            hint: PlainName.nearest(to: name).map { "such as '\($0)'" })
        return name
    }

    /// The text of a node that was taken before; nil, and reported, where it is none.
    ///
    /// Whoever hands a document in names nothing with signs that a terminal obeys or that end a path.
    package func text(_ node: YAMLNode, path: String, expected: String, isProse: Bool = false) -> String? {
        collector.note(path, .text)
        guard let text = Self.text(node) else {
            collector.report("expected \(expected), found \(node.kindText)", at: node.position, path: path)
            return nil
        }
        guard collector.origin == .user else { return text }
        if text.utf8.count > Self.mostTextBytes {
            collector.report(
                "expected \(expected) of at most \(Self.mostTextBytes) bytes, found \(text.utf8.count)",
                at: node.position, path: path)
            return nil
        }
        let allowed: [Unicode.Scalar] = isProse ? ["\n", "\t"] : []
        let stray = text.unicodeScalars.first { TerminalText.isDangerous($0) && !allowed.contains($0) }
        guard let stray else { return text }
        collector.report(
            "expected \(expected) without control characters, found U+\(String(stray.value, radix: 16, uppercase: true))",
            at: node.position, path: path)
        return nil
    }

    /// The longest text, as long as a path may be.
    private static let mostTextBytes = 4096

    /// One of some words; `later` are words that are known and not offered yet.
    package func word<Value: RawRepresentable<String> & CaseIterable>(
        _ key: String, default fallback: Value? = nil, later: [String] = [],
        laterText: String = "is not supported yet", standIn: Value
    ) -> Value {
        let words = Value.allCases.map(\.rawValue)
        collector.note(path(key), .words(words), fallback: (fallback?.rawValue).map(JSONText.quoted))
        guard let node = node(key, isRequired: fallback == nil, expected: Self.text(words)) else {
            return fallback ?? standIn
        }
        return word(node, path: path(key), among: words, later: later, laterText: laterText)
            .flatMap(Value.init) ?? standIn
    }

    /// A required key that has one of a few words; the first where it has not.
    package func word<Value: RawRepresentable<String> & CaseIterable>(_ key: String, of allowed: [Value]) -> Value {
        let words = allowed.map(\.rawValue)
        collector.note(path(key), .words(words))
        guard let node = node(key, isRequired: true, expected: Self.text(words)) else { return allowed[0] }
        return word(node, path: path(key), among: words).flatMap(Value.init) ?? allowed[0]
    }

    /// A key that has one of some words; nil, and reported, where it has not. `fallback` nil means the key is required.
    ///
    /// - Parameter later: Words that are known and not offered yet.
    package func word(
        _ key: String, among words: [String], default fallback: String? = nil, later: [String] = []
    ) -> String? {
        collector.note(path(key), .words(words), fallback: fallback.map(JSONText.quoted))
        guard let node = node(key, isRequired: fallback == nil, expected: Self.text(words)) else { return fallback }
        return word(node, path: path(key), among: words, later: later)
    }

    /// The word that a key most likely means; nil where it is like none of them.
    package func nearestWord(_ key: String, among words: [String]) -> String? {
        guard case .scalar(let text, _)? = entries.first(where: { $0.key == key })?.value.content else { return nil }
        return Spelling.nearest(to: text, among: words)
    }

    /// One of some words from a node that was taken before; nil, and reported, where it is none.
    package func word(
        _ node: YAMLNode, path: String, among words: [String], later: [String] = [],
        laterText: String = "is not supported yet"
    ) -> String? {
        collector.note(path, .words(words))
        var hint: String?
        if case .scalar(let text, _) = node.content {
            if words.contains(text) { return text }
            if later.contains(text) {
                collector.report(
                    "expected \(Self.text(words)); '\(text)' \(laterText)", at: node.position, path: path)
                return nil
            }
            hint = Spelling.nearest(to: text, among: words).map { "did you mean '\($0)'?" }
        }
        collector.report(
            "expected \(Self.text(words)), found \(node.kindText)", at: node.position, path: path, hint: hint)
        return nil
    }

    /// The items of a list; an absent optional list is empty.
    ///
    /// - Parameter least: What a list without any item is told to lack; nil where it may have none.
    package func list(
        _ key: String, isRequired: Bool, expected: String, least: String? = nil, most: Int = 256
    ) -> [YAMLNode] {
        collector.note(path(key), .list(atLeastOne: least != nil, atMost: most))
        guard let node = node(key, isRequired: isRequired, expected: expected) else { return [] }
        guard case .sequence(let items) = node.content else {
            collector.report("expected \(expected), found \(node.kindText)", at: node.position, path: path(key))
            return []
        }
        guard items.count <= most || collector.origin == .store else {
            collector.report(
                "expected \(expected) of at most \(most), found \(items.count)", at: node.position, path: path(key))
            return []
        }
        if items.isEmpty, let least { report("expected \(least), found an empty list", key: key) }
        return items
    }

    /// Reports every key that was never asked for.
    package func finish() {
        for entry in entries where !knownKeys.contains(entry.key) {
            collector.report(
                "expected one of the keys \(knownKeys.joined(separator: ", ")), found '\(entry.key.prefix(80))'",
                at: entry.position, path: path(entry.key),
                hint: Spelling.nearest(to: entry.key, among: knownKeys).map { "did you mean '\($0)'?" })
        }
    }

    /// The text of any scalar, a number or a truth value included.
    package static func scalarText(_ node: YAMLNode) -> String? {
        if case .scalar(let text, _) = node.content { text } else { nil }
    }

    /// A finite decimal number of a plain scalar.
    package static func number(_ node: YAMLNode) -> Double? {
        guard case .scalar(let text, true) = node.content,
            text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }), let value = Double(text), value.isFinite
        else { return nil }
        return value
    }

    /// The text of a scalar that is no number, truth value or null.
    package static func text(_ node: YAMLNode) -> String? {
        guard case .scalar(let text, let isPlain) = node.content, !text.isEmpty else { return nil }
        if isPlain, ["~", "null", "true", "false"].contains(text) || number(node) != nil { return nil }
        return text
    }

    private static func text(_ words: [String]) -> String {
        words.count == 1 ? "'\(words[0])'" : "one of \(words.joined(separator: ", "))"
    }

    private static func text(_ range: ClosedRange<Int>) -> String {
        range.upperBound == Int.max
            ? "of at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
    }
}
