public import SearchSpaces
public import Tensors

/// Which statistics the norms of some subnets need: those of a part depend on the parts before it alone, so what subnets have
/// in common at their front is measured once.
///
/// The parts of a subnet, from the front, are nodes of a tree. A node's values are, for each of its norms in order, the means of
/// the channels and then their variances.
public struct NormPlan: Sendable {
    /// A part of some subnets.
    struct Node: Sendable {
        /// Which of the subnets has it, the first of them.
        let genome: Int
        /// Its place in that subnet.
        let level: Int
        /// Where its values begin.
        let offset: Int
    }

    /// The subnets.
    public let genomes: [Genome]
    /// The nodes of each subnet, sorted.
    let paths: [PrefixTree.Path]
    let nodes: [Node]
    /// Values of all nodes.
    public let valueCount: Int
    /// Where the values of each norm of each node begin, first the means of its channels and then their variances.
    public let norms: [(offset: Int, channels: Int)]

    /// The places of the subnets in an order in which those that begin alike stand together.
    public var order: [Int] { paths.map(\.index) }

    /// Where the values of the parts of each subnet stand, from the front.
    public var ranges: [[Range<Int>]] {
        let ends = nodes.dropFirst().map(\.offset) + [valueCount]
        var ranges = [[Range<Int>]](repeating: [], count: genomes.count)
        for path in paths { ranges[path.index] = path.keys.map { nodes[$0].offset..<ends[$0] } }
        return ranges
    }

    private struct Place<Part: Hashable>: Hashable {
        let parent: Int
        let part: Part
    }

    /// - Parameters:
    ///   - genomes: The subnets.
    ///   - parts: What the parts of each subnet are, from the front.
    ///   - channels: The channels of each norm of a part, in the order of computing.
    init<Part: Hashable>(of genomes: [Genome], _ parts: [[Part]], channels: (Part) -> [Int]) {
        var known: [Place<Part>: Int] = [:], nodes: [Node] = [], paths: [PrefixTree.Path] = [], count = 0
        var norms: [(offset: Int, channels: Int)] = []
        for (genome, list) in parts.enumerated() {
            var parent = -1, keys: [Int] = []
            for (level, part) in list.enumerated() {
                let place = Place(parent: parent, part: part)
                parent = known[place] ?? nodes.count
                if parent == nodes.count {
                    known[place] = parent
                    nodes.append(Node(genome: genome, level: level, offset: count))
                    for own in channels(part) {
                        norms.append((count, own))
                        count += 2 * own
                    }
                }
                keys.append(parent)
            }
            paths.append(PrefixTree.Path(index: genome, keys: keys))
        }
        self.genomes = genomes
        self.paths = paths.sorted()
        self.nodes = nodes
        self.norms = norms
        valueCount = count
    }
}

/// A supernet with batch norms, whose statistics are measured for each subnet on a list of examples.
///
/// Training normalises a shard by its own moments and keeps none. Before subnets are evaluated, ``measure(_:by:with:on:into:)``
/// takes the moments of chunks of examples, each normalised by its own; their means over the chunks are the statistics:
///
///     mean = E[mean of chunk],  variance = E[variance of chunk + mean of chunk^2] - mean^2
///
/// Source: Wu and Johnson, "Rethinking 'Batch' in BatchNorm" (2021), section 3.
public protocol CalibratedSupernet: Supernet {
    /// What is to be measured for some subnets.
    func normPlan(of genomes: [Genome]) -> NormPlan

    /// Writes the moments of every node's channels over a batch that is normalised by its own.
    ///
    /// - Parameter values: Room for ``NormPlan/valueCount`` values.
    func measure(
        _ inputs: MatrixView, by plan: NormPlan, with store: ParameterStore, on tape: Tape,
        into values: UnsafeMutableBufferPointer<Double>)

    /// Outputs of a batch under the subnets of a plan, as ``Supernet/evaluate(_:as:with:on:_:)`` has them.
    ///
    /// - Parameter statistics: A row of the plan's values; nil for those of the batch itself.
    func evaluate(
        _ inputs: MatrixView, by plan: NormPlan, statistics: MatrixView?, with store: ParameterStore, on tape: Tape,
        _ receive: (Int, MatrixView) -> Void)

    /// The network of ``Supernet/largest`` with its norms folded into the layers before them; for networks of one architecture.
    var folded: any Supernet { get }

    /// Writes the parameters of the folded network: with r = 1 / sqrt(variance + epsilon), channel by channel of a layer's outputs,
    ///
    ///     weight' = gain r weight,  bias' = offset - gain r mean
    ///
    /// - Parameters:
    ///   - values: Parameters in this network's layout, with the statistics.
    ///   - folded: A buffer of the folded network's layout.
    func fold(_ values: FloatBuffer, into folded: FloatBuffer, on backend: any Backend)

    /// Writes a subnet's statistics to where its network has them.
    ///
    /// - Parameters:
    ///   - genome: One of the plan's, by its place.
    ///   - values: A buffer of the layout.
    func copyStatistics(
        of genome: Int, in plan: NormPlan, from statistics: MatrixView, to values: FloatBuffer, on backend: any Backend)
}
