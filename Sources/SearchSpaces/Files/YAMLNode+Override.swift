extension YAMLNode {
    /// Replaces or creates the value at a key path; a path or value that makes no sense is reported.
    mutating func override(_ key: String, with text: String, collector: FaultCollector) {
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
