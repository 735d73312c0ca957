internal import Yams

/// A value of a YAML file with its position: plain data, free of tags, anchors and aliases.
struct YAMLNode {
    struct Entry {
        var key: String
        var position: FilePosition
        var value: YAMLNode
    }

    enum Content {
        case scalar(text: String, isPlain: Bool)
        case sequence([YAMLNode])
        case mapping([Entry])
    }

    var content: Content
    var position: FilePosition

    /// The largest file that is read, in bytes; the limit of a submission to the daemon.
    static let sizeLimit = 1 << 20
    /// How deep lists and mappings may nest.
    static let depthLimit = 32

    /// Reads YAML text; faults go to the collector, and nil comes back when nothing can be used.
    ///
    /// - Parameter overrideKey: The override whose value the text is, or nil for a file.
    static func parse(_ yaml: String, overrideKey: String? = nil, into collector: FaultCollector) -> YAMLNode? {
        let place = { (line: Int, column: Int) in
            overrideKey.map(FilePosition.override) ?? FilePosition(line: max(line, 1), column: max(column, 1))
        }
        if let (line, problem) = screen(yaml) {
            collector.report(problem, at: place(line, 1), path: overrideKey ?? "")
            return nil
        }
        do {
            let parser = try Parser(yaml: yaml)
            guard let root = try parser.singleRoot() else {
                let problem =
                    overrideKey == nil ? "expected a mapping, found an empty file" : "expected a value, found nothing"
                collector.report(problem, at: place(1, 1), path: overrideKey ?? "")
                return nil
            }
            // The parser owns the anchors and the nodes only refer to them weakly.
            return withExtendedLifetime(parser) {
                convert(root, path: overrideKey ?? "", place: place, collector: collector)
            }
        } catch let error as YamlError {
            let (line, column, problem) = explain(error, yaml: yaml)
            collector.report(problem, at: place(line, column), path: overrideKey ?? "")
        } catch {
            collector.report("malformed YAML", at: place(1, 1), path: overrideKey ?? "")
        }
        return nil
    }

    /// What the node is, for a message.
    var kindText: String {
        switch content {
        case .scalar(let text, let isPlain):
            if isPlain, text.isEmpty || text == "~" || text == "null" { "nothing" } else { "'\(text.prefix(80))'" }
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }

    // Nested input costs the composer stack and aliases cost it time, so text that could exhaust either is
    // refused before it is composed. The count is coarse on purpose: no genuine file comes near.
    private static func screen(_ yaml: String) -> (line: Int, problem: String)? {
        if yaml.utf8.count > sizeLimit { return (1, "expected at most 1 MiB of YAML") }
        var line = 1
        var openers = 0
        var aliases = 0
        var prefix = 0
        var inPrefix = true
        var previous: Unicode.Scalar = "\n"
        for scalar in yaml.unicodeScalars {
            switch scalar {
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}":
                if !(scalar == "\n" && previous == "\r") { line += 1 }
                prefix = 0
                inPrefix = true
            case "[", "{":
                openers += 1
                inPrefix = false
            case " ", "-", "?", ":", "\t":
                if inPrefix { prefix += 1 }
            default:
                if scalar == "*", " \t\n\r[{,-?:".unicodeScalars.contains(previous) { aliases += 1 }
                inPrefix = false
            }
            if prefix > 128 { return (line, "expected at most 128 columns of indentation") }
            if openers > 1024 { return (line, "expected at most 1024 flow lists and mappings") }
            if aliases > 16 { return (line, "expected no aliases") }
            previous = scalar
        }
        return nil
    }

    private static func convert(
        _ node: Node, path: String, depth: Int = 1, place: (Int, Int) -> FilePosition, collector: FaultCollector
    ) -> YAMLNode? {
        let position = place(node.mark?.line ?? 1, node.mark?.column ?? 1)
        if depth > depthLimit {
            collector.report("expected at most \(depthLimit) levels of nesting", at: position, path: path)
            return nil
        }
        if node.anchor != nil {
            collector.report("expected no anchors or aliases", at: position, path: path, hint: "write the value out")
            return nil
        }
        switch node {
        case .scalar(let scalar):
            return YAMLNode(content: .scalar(text: scalar.string, isPlain: scalar.style == .plain), position: position)
        case .sequence(let sequence):
            let items = sequence.enumerated().compactMap {
                convert($0.element, path: "\(path)[\($0.offset)]", depth: depth + 1, place: place, collector: collector)
            }
            return YAMLNode(content: .sequence(items), position: position)
        case .mapping(let mapping):
            var entries: [Entry] = []
            for (key, value) in mapping {
                let keyPosition = place(key.mark?.line ?? 1, key.mark?.column ?? 1)
                guard case .scalar(let scalar) = key, key.anchor == nil else {
                    collector.report("expected a plain key", at: keyPosition, path: path)
                    continue
                }
                let childPath = path.isEmpty ? scalar.string : "\(path).\(scalar.string)"
                if entries.contains(where: { $0.key == scalar.string }) {
                    collector.report("expected the key once", at: keyPosition, path: childPath)
                    continue
                }
                guard let child = convert(value, path: childPath, depth: depth + 1, place: place, collector: collector)
                else {
                    continue
                }
                entries.append(Entry(key: scalar.string, position: keyPosition, value: child))
            }
            return YAMLNode(content: .mapping(entries), position: position)
        case .alias:
            collector.report("expected no anchors or aliases", at: position, path: path, hint: "write the value out")
            return nil
        }
    }

    private static func explain(_ error: YamlError, yaml: String) -> (line: Int, column: Int, problem: String) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return (mark.line, mark.column, "malformed YAML: \(problem)")
        case .reader(let problem, let offset, _, let text):
            let before = text.prefix(offset ?? 0)
            let lines = before.split(separator: "\n", omittingEmptySubsequences: false)
            return (lines.count, (lines.last?.unicodeScalars.count ?? 0) + 1, "malformed YAML: \(problem)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            let keys = duplicates.map { "'\($0)'" }.joined(separator: ", ")
            return (context.mark.line, context.mark.column, "expected each key once, found \(keys) more than once")
        default:
            return (1, 1, "malformed YAML")
        }
    }
}
