public import Documents

extension SearchSpace {
    /// Reads the text of a space file.
    ///
    /// - Parameters:
    ///   - file: The name that faults are reported under.
    ///   - origin: Where the text comes from; default a user.
    /// - Throws: `DocumentError.invalidFile` with every fault of the text.
    public static func parse(
        yaml: String, file: String, origin: DocumentOrigin = .user
    ) throws(DocumentError) -> SearchSpace {
        let space = try parse(yaml: yaml, file: file, collector: FaultCollector(origin))
        if origin == .user { try space.checkStoredForm(file: file) }
        return space
    }

    package func checkStoredForm(file: String) throws(DocumentError) {
        try StoredForm.check(resolvedYAML, file: file) { text throws(DocumentError) in
            try Self.parse(yaml: text, file: file, collector: FaultCollector()).resolvedYAML
        }
    }

    /// What every key accepts that reading a text asks for.
    package static func keyRules(yaml: String) -> [KeyRule] {
        KeyRule.recorded { _ = try parse(yaml: yaml, file: "rules", collector: $0) }
    }

    package static func parse(
        yaml: String, file: String, collector: FaultCollector
    ) throws(DocumentError) -> SearchSpace {
        let node = YAMLNode.parse(yaml, into: collector)
        // Text that is no YAML has no keys to miss.
        guard let node else {
            try collector.finish(file: file)
            throw .unreadableFile(file: file, reason: "malformed YAML")
        }
        let space = read(SectionReader(node, path: "", at: .start, collector: collector))
        try collector.finish(file: file)
        return space
    }

    /// Reads a space from its mapping; it is to be used only when no fault was reported.
    package static func read(_ root: SectionReader) -> SearchSpace {
        let _: APIVersion = root.word("apiVersion", standIn: .v1)
        _ = root.word("kind", of: [DocumentKind.searchSpace])
        let name = root.name()
        let _: SpaceFamily = root.word("family", standIn: .vit)
        let source = root.text("source", default: "", isProse: true)
        let input = readInput(root.section("input", isRequired: true))
        let headWidth = root.integer("headWidth", in: 1...512)
        let choices = readChoices(root.section("choices", isRequired: true))
        let mixture = MixtureSettings(root.section("mixture"))
        root.finish()
        return SearchSpace(
            name: name, source: source, input: input, headWidth: headWidth, choices: choices, mixture: mixture)
    }

    // The upper bounds keep the cost of the largest network of any space within Int.
    private static func readInput(_ reader: SectionReader) -> InputShape {
        let faultsBefore = reader.collector.count
        let input = InputShape(
            height: reader.integer("height", in: 1...1024), width: reader.integer("width", in: 1...1024),
            channels: reader.integer("channels", in: 1...256), patch: reader.integer("patch", in: 1...1024),
            classes: reader.integer("classes", in: DataLimits.classes))
        if reader.collector.count == faultsBefore {
            for (key, side) in [("height", input.height), ("width", input.width)] where side % input.patch != 0 {
                reader.report("expected a multiple of patch \(input.patch), found '\(side)'", key: key)
            }
        }
        reader.finish()
        return input
    }

    private static func readChoices(_ reader: SectionReader) -> SpaceChoices {
        let faultsBefore = reader.collector.count
        let embed = whole("embed", in: 1...16384, reader)
        let depth = whole("depth", in: 1...64, reader)
        let heads = whole("heads", in: 1...64, reader)
        let ratios = options("mlpRatio", expected: "numbers above 0 and at most 16", in: 0...16, reader) {
            $0 > 0 && $0 <= 16
        }
        if reader.collector.count == faultsBefore {
            for ratio in ratios {
                let uneven = embed.filter { (Double($0) * ratio).rounded() != Double($0) * ratio }
                if let first = uneven.first {
                    reader.report(
                        "expected embed times mlpRatio to be whole, found \(first) times \(ShortNumber.text(ratio))",
                        key: "mlpRatio")
                }
            }
        }
        reader.finish()
        return SpaceChoices(embed: embed, depth: depth, heads: heads, mlpRatio: ratios)
    }

    private static func whole(_ key: String, in range: ClosedRange<Int>, _ reader: SectionReader) -> [Int] {
        options(
            key, expected: "whole numbers from \(range.lowerBound) to \(range.upperBound)",
            in: Double(range.lowerBound)...Double(range.upperBound), isWhole: true, reader
        ) {
            $0.rounded() == $0 && $0 >= Double(range.lowerBound) && $0 <= Double(range.upperBound)
        }.map { Int($0) }
    }

    private static func options(
        _ key: String, expected: String, in range: ClosedRange<Double>, isWhole: Bool = false, _ reader: SectionReader,
        isValid: (Double) -> Bool
    ) -> [Double] {
        let isPresent = reader.has(key)
        let faultsBefore = reader.collector.count
        reader.collector.note(reader.path(key), .numbers(range, whole: isWhole))
        let items = reader.list(key, isRequired: true, expected: "a list of \(expected)", most: .max)
        guard isPresent, reader.collector.count == faultsBefore else { return [] }
        if items.isEmpty { reader.report("expected at least one option, found an empty list", key: key) }
        if items.count > 256 { reader.report("expected at most 256 options, found \(items.count)", key: key) }
        var values: [Double] = []
        for (index, item) in items.enumerated() {
            let path = "\(reader.path(key))[\(index)]"
            guard let value = SectionReader.number(item), isValid(value) else {
                reader.collector.report(
                    "expected \(expected), found \(item.kindText)", at: item.position, path: path)
                continue
            }
            if let last = values.last, value <= last {
                let problem = values.contains(value) ? "each option once" : "ascending options"
                reader.collector.report(
                    "expected \(problem), found \(item.kindText) after '\(ShortNumber.text(last))'",
                    at: item.position, path: path)
                continue
            }
            values.append(value)
        }
        return values
    }
}
