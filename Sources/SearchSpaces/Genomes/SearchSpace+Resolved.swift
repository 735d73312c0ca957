public import Documents

extension SearchSpace {
    /// The same space with another section `mixture`, as YAML on one line.
    ///
    /// - Throws: `DocumentError.invalidFile` with every fault of the section.
    public func replacing(mixture: String) throws(DocumentError) -> SearchSpace {
        // The section is the last one.
        let plain = resolvedYAML.split(separator: "\nmixture", maxSplits: 1)[0]
        return try SearchSpace.parse(yaml: "\(plain)\nmixture: \(mixture)\n", file: "mixture")
    }

    /// The space as a complete space file, every default filled, in a stable order; it reads back as the same space.
    public var resolvedYAML: String {
        var resolved = ResolvedEntries()
        resolved.add("apiVersion", plain: "nasd/v1")
        resolved.add("kind", plain: "SearchSpace")
        resolved.add("name", quoted: name)
        resolved.add("family", plain: family.rawValue)
        if !source.isEmpty { resolved.add("source", quoted: source) }
        resolved.add("input.height", input.height)
        resolved.add("input.width", input.width)
        resolved.add("input.channels", input.channels)
        resolved.add("input.patch", input.patch)
        resolved.add("input.classes", input.classes)
        resolved.add("headWidth", headWidth)
        for (key, options) in [
            ("embed", choices.embed.map(String.init)), ("depth", choices.depth.map(String.init)),
            ("heads", choices.heads.map(String.init)), ("mlpRatio", choices.mlpRatio.map(ShortNumber.text)),
        ] {
            resolved.add("choices.\(key)", plain: "[\(options.joined(separator: ", "))]")
        }
        mixture.resolve(into: &resolved)
        return resolved.yaml
    }
}
