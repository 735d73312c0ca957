internal import Documents
internal import SearchSpaces

/// Where a run has the latencies of its architectures from: the section `latency` of a run file.
///
/// ```yaml
/// latency: {kind: predicted, file: phone.csv}
/// latency: {kind: measured, batch: 1, threads: 1}
/// latency: {kind: table, file: phone.yaml, blocks: ["stem", "block-kernel:{kernel.0}-expand:{expand.0}"]}
/// ```
public struct LatencySource: Sendable, Hashable {
    /// How latencies come about; the raw value is the word in files and in the column `latencyKind`.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Timed on the machine of the run.
        case measured
        /// Predicted by what was measured of other architectures.
        case predicted
        /// Looked up.
        case table
    }

    /// A part of a network whose latency has an entry of its own in a table.
    public struct Block: Sendable, Hashable {
        /// What it is called, with decisions in braces, as in ``KeyTemplate``.
        public let text: String
        /// The text with the places of decisions; nil for one that names none, and is the same in every network.
        public let template: KeyTemplate?
    }

    /// How they come about.
    public let kind: Kind
    /// A latency file, or tables of block latencies, in the data folder; none where they are measured.
    public let files: [String]
    /// The device that is meant, where a file has several, or what a table is of; nil where nobody says it.
    public let device: String?
    /// The share of architectures that the interval of a prediction is to hold.
    public let level: Double
    /// The blocks of a network; none where a table has whole networks.
    public let blocks: [Block]
    /// What every network takes beside its blocks.
    public let milliseconds: Double
    /// Examples of a forward pass.
    public let batch: Int
    /// Threads that share them out.
    public let threads: Int
    /// How often a network and the reference take turns.
    public let turns: Int

    private static let mostFiles = 16
    private static let mostBlocks = 4096

    init(_ reader: SectionReader) {
        reader.describe([
            "kind":
                "how latencies come about: timed on this machine, predicted by a latency file, or looked up in a table",
            "file": "a latency file, or tables of block latencies, in the data folder",
            "device": "the device that is meant, where a file has several",
            "level": "share of architectures that the interval of a prediction is to hold",
            "blocks": "the blocks of a network as the table calls them, with decisions in braces",
            "blocks[]": "such as kernel:{kernel.0}",
            "milliseconds": "what every network takes beside its blocks, in milliseconds",
            "batch": "examples of a forward pass",
            "threads": "threads that share them out; at most the batch",
            "turns": "how often a network and the reference take turns",
        ])
        kind = reader.word("kind", standIn: .measured)
        let isKnown = kind != .measured
        files = isKnown ? Self.files(reader, isList: kind == .table) : []
        device =
            isKnown ? reader.optional("device") { reader.text("device", expected: "the device that is meant") } : nil
        level = kind == .predicted ? reader.number("level", default: 0.9, in: 0.5...0.99, isComputed: false) : 0.9
        blocks = kind == .table ? Self.blocks(reader) : []
        milliseconds =
            kind == .table
            ? reader.number("milliseconds", default: 0, in: 0...1e9, isComputed: false) : 0
        if kind == .table, blocks.isEmpty, reader.has("milliseconds") {
            reader.report("expected blocks beside it, found none", key: "milliseconds")
        }
        if kind == .table {
            (batch, threads, turns) = (1, 1, 25)
        } else {
            batch = reader.integer("batch", default: 1, in: 1...65_536)
            let threads = reader.integer("threads", default: 1, in: 1...1024)
            if threads > batch {
                reader.report("expected at most the \(batch) of latency.batch, found '\(threads)'", key: "threads")
            }
            self.threads = min(threads, batch)
            turns = reader.integer("turns", default: 25, in: 1...100_000)
        }
        reader.finish()
    }

    private static func files(_ reader: SectionReader, isList: Bool) -> [String] {
        let expected = isList ? "the name of a file, or a list of them" : "the name of a latency file"
        if isList { reader.collector.note(reader.path("file"), .list(atLeastOne: true, atMost: mostFiles)) }
        guard isList, reader.isList("file") else { return [reader.text("file", expected: expected)] }
        let items = reader.list(
            "file", isRequired: true, expected: expected, least: "at least one file", most: mostFiles)
        return items.enumerated().compactMap { index, item in
            reader.text(item, path: "\(reader.path("file"))[\(index)]", expected: "the name of a file")
        }
    }

    private static func blocks(_ reader: SectionReader) -> [Block] {
        let expected = "a list of blocks as a table calls them, with decisions in braces, such as 'kernel:{kernel.0}'"
        let items = reader.list(
            "blocks", isRequired: false, expected: expected, least: "at least one block", most: mostBlocks)
        return items.enumerated().compactMap { index, item in
            let path = "\(reader.path("blocks"))[\(index)]"
            guard let text = reader.text(item, path: path, expected: "what a block is called") else { return nil }
            guard text.contains("{") || text.contains("}") else { return Block(text: text, template: nil) }
            guard let template = KeyTemplate(text) else {
                reader.collector.report(
                    "expected what a block is called, with decisions in braces, found '\(text.prefix(80))'",
                    at: item.position, path: path)
                return nil
            }
            return Block(text: text, template: template)
        }
    }

    func resolve(into resolved: inout ResolvedEntries) {
        resolved.add("latency.kind", plain: kind.rawValue)
        if !files.isEmpty {
            if kind == .table {
                resolved.add("latency.file", plain: ResolvedEntries.list(files))
            } else {
                resolved.add("latency.file", quoted: files[0])
            }
        }
        if let device { resolved.add("latency.device", quoted: device) }
        switch kind {
        case .predicted: resolved.add("latency.level", level)
        case .table where !blocks.isEmpty:
            resolved.add("latency.blocks", plain: ResolvedEntries.list(blocks.map(\.text)))
            resolved.add("latency.milliseconds", milliseconds)
        case .measured, .table: break
        }
        guard kind != .table else { return }
        resolved.add("latency.batch", batch)
        resolved.add("latency.threads", threads)
        resolved.add("latency.turns", turns)
    }
}

extension RunSpecification {
    /// The section `latency`; nil, and reported where it is unfit, for none.
    ///
    /// - Parameters:
    ///   - evaluator: What measures candidates, and may know latencies of its own.
    ///   - search: What goes by metrics.
    static func latency(
        _ root: SectionReader, evaluator: EvaluatorChoice, search: SearchSettings?
    ) -> LatencySource? {
        guard root.has("latency") else {
            // Named even where it is absent, for the list of known keys.
            _ = root.node("latency", isRequired: false, expected: "a mapping")
            return nil
        }
        let source = LatencySource(root.section("latency"))
        let own = evaluator.settings.metrics(at: .search, among: RunMetrics.usual) ?? []
        if own.contains(.latencyMilliseconds) {
            root.report(
                "expected no latency, since the evaluator \(evaluator.kind) has \(Metric.latencyMilliseconds)",
                key: "latency",
                hint: "take it out here or there")
        } else if let search {
            let metrics = search.objectives.map(\.metric) + search.constraints.map(\.metric)
            if !metrics.contains(.latencyMilliseconds) {
                root.report(
                    "expected an objective or a constraint of \(Metric.latencyMilliseconds), found none",
                    key: "latency",
                    hint: "such as constraints: [{metric: \(Metric.latencyMilliseconds), atMost: 5}], or take it out")
            }
        } else {
            root.report("expected no latency, since nothing is searched", key: "latency", hint: "take it out")
        }
        return source
    }
}
