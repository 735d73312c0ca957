package import Documents

/// A kind of architecture that spaces are made of: what a space file of it says, what it leaves open, and what that costs.
///
/// Canonical form, text, counts, encodings, bins and draws follow from ``decisions`` for every family.
package protocol ArchitectureFamily: Sendable {
    /// The word in space files.
    static var name: String { get }
    /// The costs that it declares, in the order of tables.
    static var costs: [Metric] { get }

    /// Reads the keys of a space file that are the family's own.
    init(_ root: SectionReader)

    /// What an example looks like, and what is answered.
    var signature: ExampleSignature { get }
    /// The decisions in genome order. Once those of the whole network and of stages are fixed, costs accumulate decision by
    /// decision, those of ``jointDecisions`` together.
    var decisions: [Decision] { get }
    /// Whether costs of blocks add up once the choices of the whole network and of stages are fixed; where they do not,
    /// architectures are not counted by their costs.
    var hasAdditiveCosts: Bool { get }
    /// Decisions of a block that bring costs together and not each by itself: none is in two groups, all of a group are active
    /// at once.
    var jointDecisions: [[Int]] { get }
    /// In which way a decision makes networks smaller; nil where that is not known.
    static func dimension(of decision: Decision) -> ElasticDimension?
    /// The values of ``costs`` of a genome, which belongs to the space.
    func costs(of genome: Genome) -> [Int]
    /// The least and the greatest value of each of ``costs`` over all genomes; of a cost that is too dear to be followed exactly,
    /// bounds that nothing passes.
    var costRanges: [ClosedRange<Int>] { get }
    /// Multiply-adds of one example's forward pass as the family's network computes it, which may be fewer than the
    /// architecture's cost; 0 where the networks live elsewhere.
    func executedMultiplyAdds(of genome: Genome) -> Int
    /// What reads spaces of other projects as spaces of the family.
    static var importers: [any SpaceImporter.Type] { get }
    /// Metrics that a space of the family may bring along, beside its costs.
    var ownMetrics: [Metric] { get }
    /// Whether its networks have layers that experts can stand behind.
    static var isMixable: Bool { get }
    /// Whether its networks have norms over examples: in training those of a shard, later those that statistics are measured on.
    static var normalizesExamples: Bool { get }
    /// The meaning of the family's keys, a line each: part of the fingerprint of a space, and so never to change.
    var meaning: String { get }
    /// The family's keys with every default filled.
    func resolve(into resolved: inout ResolvedEntries)
}

extension ArchitectureFamily {
    package static var normalizesExamples: Bool { false }

    package static var importers: [any SpaceImporter.Type] { [] }

    package static func dimension(of decision: Decision) -> ElasticDimension? { nil }

    package var ownMetrics: [Metric] { [] }

    package var hasAdditiveCosts: Bool { true }

    package var jointDecisions: [[Int]] { [] }

    /// Those of the genomes of first and of last options, for families in which no option makes any cost smaller.
    package var costRanges: [ClosedRange<Int>] {
        let least = costs(of: Genome(decisions.map { _ in 0 }))
        let most = costs(of: Genome(decisions.map { UInt8($0.options.count - 1) }))
        return zip(least, most).map { $0...$1 }
    }

    package func executedMultiplyAdds(of genome: Genome) -> Int {
        Self.costs.firstIndex(of: .multiplyAdds).map { costs(of: genome)[$0] } ?? 0
    }
}

/// The families by their names: a new one is a line here.
package enum ArchitectureFamilies {
    package static let all: [any ArchitectureFamily.Type] = [
        ViTFamily.self, MLPFamily.self, CNNFamily.self, ExternalFamily.self,
    ]

    /// What stands for a family that is unknown, for reading on.
    static var standIn: any ArchitectureFamily { ExternalFamily(.silent) }

    /// The costs of all families, each once.
    package static var costs: [Metric] {
        all.flatMap { $0.costs }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}

/// What an example of a space looks like, and what its networks answer.
public struct ExampleSignature: Sendable, Hashable, CustomStringConvertible {
    /// What is read.
    public enum Input: Sendable, Hashable {
        /// An image of (height, width, channels).
        case image(height: Int, width: Int, channels: Int)
        /// So many numbers.
        case vector(Int)
        /// Nothing that this program knows of: the networks live elsewhere.
        case unknown
    }

    /// What is answered.
    public enum Output: Sendable, Hashable {
        /// One of so many classes.
        case classes(Int)
        /// So many numbers.
        case values(Int)
        /// Nothing that this program knows of.
        case unknown
    }

    /// What is read.
    public let input: Input
    /// What is answered.
    public let output: Output

    /// Creates a signature.
    public init(input: Input, output: Output) {
        self.input = input
        self.output = output
    }

    /// Numbers of an example.
    public var inputCount: Int {
        switch input {
        case .image(let height, let width, let channels): height * width * channels
        case .vector(let count): count
        case .unknown: 0
        }
    }

    /// Numbers of an answer.
    public var outputCount: Int {
        switch output {
        case .classes(let count), .values(let count): count
        case .unknown: 0
        }
    }

    /// In words, such as `images of 28 x 28 x 1 in 10 classes`.
    public var description: String {
        let read =
            switch input {
            case .image(let height, let width, let channels): "images of \(height) x \(width) x \(channels)"
            case .vector(let count): "examples of \(count) number\(count == 1 ? "" : "s")"
            case .unknown: "nothing"
            }
        return switch output {
        case .classes(let count): "\(read) in \(count) classes"
        case .values(let count): "\(read) with \(count) target\(count == 1 ? "" : "s")"
        case .unknown: read
        }
    }

    /// The classes that are told apart; nil where the answer is no class.
    public var classes: Int? { if case .classes(let count) = output { count } else { nil } }
}
