internal import Datasets
internal import Documents
internal import Foundation
internal import Runs
internal import SearchSpaces

/// Latencies of blocks by what these are called: an architecture takes the sum over its blocks.
///
/// A file is YAML, `name: milliseconds` or `name: {mean: milliseconds, …}` as the tables of ProxylessNAS have it, or CSV with the
/// columns `block` and `milliseconds`. A block whose decisions do not count in an architecture is not there and takes nothing.
///
/// Source: Cai, Zhu and Han, "ProxylessNAS: Direct neural architecture search on target task and hardware" (ICLR 2019), appendix B.
struct BlockLatencies: Sendable {
    /// The most names of all blocks together: every combination of a block's decisions has an entry.
    private static let mostNames = 1 << 20
    /// The most names without an entry that are looked for.
    private static let mostMissing = 100
    /// What tables call a duration in milliseconds, the preferred first.
    private static let durations = ["milliseconds", "mean"]

    /// What the blocks of all architectures take at most together, and what they take beside.
    let most: Double
    private let constant: Double
    private let blocks: [Block]
    private let space: SearchSpace

    /// A block whose duration depends on decisions.
    private struct Block: Sendable {
        let decisions: [Int]
        /// By the options of the decisions, the first counting most.
        let milliseconds: [Double]
        let options: [Int]
    }

    /// Reads the files and looks all names of all blocks up.
    ///
    /// - Throws: `LatencyError.unknownBlocks` with all that there are no entries of, `RunError.unknownDecision`, or what is wrong with
    ///   a file.
    init(_ source: LatencySource, of space: SearchSpace, in folder: DataFolder) throws {
        self.space = space
        var entries: [String: Double] = [:]
        for file in source.files {
            for (name, value) in try Self.entries(of: file, in: folder) {
                guard entries.updateValue(value, forKey: name) == nil else {
                    throw LatencyError.repeatedBlock(file: file, block: name)
                }
            }
        }
        var blocks: [Block] = [], constant = source.milliseconds, missing: [String] = [], most = 0.0
        var names = 0
        for (index, block) in source.blocks.enumerated() {
            guard let template = block.template else {
                if let value = entries[block.text] {
                    constant += value
                } else if !missing.contains(block.text) {
                    missing.append(block.text)
                }
                continue
            }
            let decisions = try Self.decisions(of: template, in: space, place: "latency.blocks[\(index)]")
            let options = decisions.map { space.decisions[$0].options.count }
            let (count, isOver) = options.reduce((1, false)) { partial, count in
                let (product, isOver) = partial.0.multipliedReportingOverflow(by: count)
                return (product, partial.1 || isOver || product > Self.mostNames)
            }
            names += count
            guard !isOver, names <= Self.mostNames else {
                throw LatencyError.manyNames(block: block.text, most: Self.mostNames)
            }
            let name = template.names(in: space)
            var values: [Double] = []
            for place in 0..<count where missing.count < Self.mostMissing {
                var genome = space.smallest, rest = place
                for (decision, count) in zip(decisions, options).reversed() {
                    genome.choices[decision] = UInt8(rest % count)
                    rest /= count
                }
                let text = name(genome)
                if let value = entries[text] {
                    values.append(value)
                } else if !missing.contains(text) {
                    missing.append(text)
                }
            }
            blocks.append(Block(decisions: decisions, milliseconds: values, options: options))
            most += values.max() ?? 0
        }
        guard missing.isEmpty else {
            throw LatencyError.unknownBlocks(
                file: source.files.joined(separator: ", "), blocks: missing, known: entries.keys.sorted())
        }
        self.blocks = blocks
        self.constant = constant
        self.most = constant + most
    }

    /// What an architecture takes, in milliseconds.
    func milliseconds(of genome: Genome) -> Double {
        let genome = space.canonical(genome), isActive = space.isActive(genome)
        return blocks.reduce(constant) { sum, block in
            guard block.decisions.allSatisfy({ isActive[$0] }) else { return sum }
            let place = zip(block.decisions, block.options).reduce(0) { $0 * $1.1 + Int(genome.choices[$1.0]) }
            return sum + block.milliseconds[place]
        }
    }

    private static func decisions(
        of template: KeyTemplate, in space: SearchSpace, place: String
    ) throws(RunError) -> [Int] {
        var decisions: [Int] = []
        for name in template.decisions {
            let members = space.places(of: name)
            guard !members.isEmpty else {
                throw .unknownDecision(
                    place: place, decision: name,
                    known: space.decisionNames.map(\.name) + space.decisions.map(\.fullName))
            }
            decisions += members.filter { !decisions.contains($0) }
        }
        return decisions
    }

    private static func entries(of file: String, in folder: DataFolder) throws -> [(String, Double)] {
        guard file.hasSuffix(".yaml") || file.hasSuffix(".yml") else { return try csv(file, in: folder) }
        var bytes: [UInt8] = []
        try RecordSource(csv: [file], join: nil, missing: []).forEachPiece(in: folder) { bytes += $0 }
        let text = try DocumentText.decode(bytes, file: file), collector = FaultCollector()
        let node = YAMLNode.parse(text, into: collector)
        let root = SectionReader(node, path: "", at: .start, collector: collector)
        let entries = root.keys.map { key -> (String, Double) in
            guard let value = root.node(key, isRequired: true, expected: "milliseconds"), case .mapping = value.content
            else { return (key, root.number(key, in: 0...1e9, isComputed: false)) }
            let section = root.section(key)
            let name = durations.first(where: section.has) ?? durations[0]
            return (key, section.number(name, in: 0...1e9, isComputed: false))
        }
        try collector.finish(file: file)
        return entries
    }

    private static func csv(_ file: String, in folder: DataFolder) throws -> [(String, Double)] {
        let table = try RecordSource(csv: [file], join: nil, missing: []).read(
            texts: ["block", "milliseconds"].map { .init($0, key: "latency.file") }, numbers: [], in: folder)
        _ = try table.places(of: table.texts[0])
        return try table.lines.enumerated().map { row, line in
            let text = table.texts[1][row]
            guard let value = Double(text), value.isFinite, value >= 0 else {
                throw LatencyError.noDuration(file: file, line: line, column: "milliseconds", value: text)
            }
            return (table.texts[0][row], value)
        }
    }
}
