internal import Yams

/// A value of a YAML file with its position: plain data, free of tags, anchors and aliases.
package struct YAMLNode: Sendable {
    package struct Entry: Sendable {
        package var key: String
        package var position: FilePosition
        package var value: YAMLNode
    }

    package enum Content: Sendable {
        case scalar(text: String, isPlain: Bool)
        case sequence([YAMLNode])
        case mapping([Entry])
    }

    package var content: Content
    package var position: FilePosition

    /// The largest file that is read, in bytes; the limit of a submission to the daemon.
    package static let sizeLimit = 1 << 20
    /// How deep lists and mappings may nest.
    package static let depthLimit = 32
    /// The longest key, in bytes; every known one is much shorter, and paths repeat it for all below it.
    package static let keyLimit = 256

    /// Reads YAML text; faults go to the collector, and nil comes back when nothing can be used.
    ///
    /// - Parameter overrideKey: The override whose value the text is, or nil for a file.
    package static func parse(_ yaml: String, overrideKey: String? = nil, into collector: FaultCollector) -> YAMLNode? {
        let place = { (line: Int, column: Int) in
            overrideKey.map(FilePosition.override) ?? FilePosition(line: max(line, 1), column: max(column, 1))
        }
        // What is overridden comes from somebody, wherever the file does.
        if let (line, problem) = screen(yaml, overrideKey == nil ? collector.origin : .user) {
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
            // A shell takes one pair of quotes away.
            let isShort =
                yaml.utf8.count <= 20 && yaml.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"'\\".utf8.contains($0) }
            collector.report(
                problem, at: place(line, column), path: overrideKey ?? "",
                hint: overrideKey.map { "quote what is a text: --set '\($0)=\"\(isShort ? yaml : "…")\"'" })
        } catch {
            collector.report("malformed YAML", at: place(1, 1), path: overrideKey ?? "")
        }
        return nil
    }

    /// What the node is, for a message.
    package var kindText: String {
        switch content {
        case .scalar(let text, let isPlain):
            if isPlain, text.isEmpty || text == "~" || text == "null" { "nothing" } else { "'\(text.prefix(80))'" }
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }

    // Nested input costs the composer stack and aliases cost it time, so text that could exhaust either is
    // refused before it is composed. The count is coarse on purpose: no genuine file comes near. What the program itself
    // wrote has plain lines alone, and may be longer than what is taken today.
    private static func screen(_ yaml: String, _ origin: DocumentOrigin) -> (line: Int, problem: String)? {
        if origin == .user, yaml.utf8.count > sizeLimit { return (1, "expected at most 1 MiB of YAML") }
        let (lines, rest) = YAMLOpening.of(yaml)
        if origin == .store, !rest.isEmpty { return (lines.count + 1, "expected a line as nasd writes it") }
        var counts = ScreenCounts(mostOpeners: origin == .store ? 1 << 16 : 1024)
        for line in lines {
            if let problem = counts.take(line.unicodeScalars) { return (counts.line, problem) }
        }
        return counts.take(rest.unicodeScalars).map { (counts.line, $0) }
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
            var seen: Set<String> = []
            for (key, value) in mapping {
                let keyPosition = place(key.mark?.line ?? 1, key.mark?.column ?? 1)
                guard case .scalar(let scalar) = key, key.anchor == nil else {
                    collector.report("expected a plain key", at: keyPosition, path: path)
                    continue
                }
                guard scalar.string.utf8.count <= keyLimit else {
                    collector.report(
                        "expected a key, found one of \(scalar.string.utf8.count) bytes", at: keyPosition, path: path)
                    continue
                }
                let childPath = path.isEmpty ? scalar.string : "\(path).\(scalar.string)"
                guard seen.insert(scalar.string).inserted else {
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

extension YAMLNode {
    /// Replaces or creates the value at a key path; a path or value that makes no sense is reported.
    package mutating func override(_ key: String, with text: String, collector: FaultCollector) {
        let keys = key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard keys.allSatisfy({ !$0.isEmpty }), keys.count <= 32 else {
            collector.report("expected a key such as train.steps, found '\(key)'", at: .override(key), path: key)
            return
        }
        guard var value = YAMLNode.parse(text, overrideKey: key, into: collector) else { return }
        value.position = .override(key)
        if !set(value, at: keys[...], overrideKey: key) {
            collector.report(
                "expected a key within mappings, found a value on the way", at: .override(key), path: key)
        }
    }

    private mutating func set(_ value: YAMLNode, at keys: ArraySlice<String>, overrideKey: String) -> Bool {
        guard let first = keys.first else {
            self = value
            return true
        }
        // A list's items go by their place, counted from 0: search.constraints.0.atMost.
        if case .sequence(var items) = content {
            guard let index = Int(first), items.indices.contains(index) else { return false }
            let isChanged = items[index].set(value, at: keys.dropFirst(), overrideKey: overrideKey)
            content = .sequence(items)
            return isChanged
        }
        guard case .mapping(var entries) = content else { return false }
        let isChanged: Bool
        if let index = entries.firstIndex(where: { $0.key == first }) {
            isChanged = entries[index].value.set(value, at: keys.dropFirst(), overrideKey: overrideKey)
            if keys.count == 1 { entries[index].position = value.position }
        } else {
            var child = YAMLNode(content: .mapping([]), position: value.position)
            isChanged = child.set(value, at: keys.dropFirst(), overrideKey: overrideKey)
            entries.append(Entry(key: first, position: value.position, value: child))
        }
        content = .mapping(entries)
        return isChanged
    }
}
