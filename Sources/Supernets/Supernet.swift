public import SearchSpaces
public import Tensors

/// A family's weight-sharing network as training and evaluation see it: it owns no memory and has no state.
///
/// The architecture is an argument of every call. Parameters come as a ``ParameterStore`` of this network's ``layout``;
/// whether the values in it are shared, merged from experts or extracted is not visible here.
public protocol Supernet: Sendable {
    /// The space whose genomes the network takes.
    var space: SearchSpace { get }
    /// Where the parameters that a pass computes with lie in a flat buffer.
    var layout: ParameterLayout { get }

    /// How weights are merged from experts; nil where subnets share them as they are.
    var mixture: Mixture? { get }

    /// Whether parameters of a role decay where the optimiser has a decay.
    func isDecayed(_ role: ParameterLayout.Role) -> Bool

    /// The sizes of a genome by their names, as a loader of its network in any framework needs them.
    func sizes(of genome: Genome) -> [String: ModelDescription.Sizes]

    /// The largest genome that the layout has parameters for.
    var largest: Genome { get }

    /// What the ``largest`` genome computes of one example, as files of other formats have it; over the parameters of the network, or
    /// those of the ``CalibratedSupernet/folded`` one. Nil where this version writes no such files.
    var inference: InferenceGraph? { get }

    /// The network on which a pass of ``largest`` needs as much memory as that of any genome does on this one.
    var memoryBound: any Supernet { get }

    /// The leading parts of the parameters that a genome uses, in layout order.
    func slices(of genome: Genome) -> [ParameterSlice]

    /// The leading parts of the parameters that the network of a genome alone has, in the order of its layout.
    func networkSlices(of genome: Genome) -> [ParameterSlice]

    /// Writes those parameters of a genome's network that are no parts of these but come from several.
    ///
    /// - Parameters:
    ///   - values: Parameters in this network's layout.
    ///   - weights: Parameters in the layout of the network of the genome alone.
    func resolve(_ genome: Genome, from values: FloatBuffer, into weights: FloatBuffer, on backend: any Backend)

    /// Outputs of a batch of inputs under one genome, recorded on the tape where that records.
    ///
    /// Shapes: inputs (batch, values of an example), result (batch, outputs). The tape has begun its pass. Nothing
    /// outside the genome's slices is read or receives a gradient. Norms over examples take the moments of this batch.
    func forward(_ inputs: MatrixView, as genome: Genome, with store: ParameterStore, on tape: Tape) -> Variable

    /// Outputs of a batch of inputs under many genomes, with what they have in common computed once.
    ///
    /// The bits of a genome's outputs do not depend on the others. `receive` gets the genome's index and outputs of shape
    /// (batch, outputs) that are valid during the call, in any order of the genomes. Norms over examples take the statistics
    /// among the parameters.
    func evaluate(
        _ inputs: MatrixView, as genomes: [Genome], with store: ParameterStore, on tape: Tape,
        _ receive: (Int, MatrixView) -> Void)
}

extension Supernet {
    /// None.
    public var inference: InferenceGraph? { nil }

    /// All that are trained.
    public func isDecayed(_ role: ParameterLayout.Role) -> Bool { role != .statistic }

    /// What subnets use while they are trained.
    public func networkSlices(of genome: Genome) -> [ParameterSlice] { slices(of: genome) }

    /// All are parts.
    public func resolve(
        _ genome: Genome, from values: FloatBuffer, into weights: FloatBuffer, on backend: any Backend
    ) {}

    /// This network.
    public var memoryBound: any Supernet { self }

    /// Where the trained parameters lie in a flat buffer: those of the network, or experts and routers behind them.
    public var trainedLayout: ParameterLayout { mixture?.layout ?? layout }
}

extension SearchSpace {
    /// Whether the networks of the space are this program's.
    public var hasSupernet: Bool { SupernetFamilies.supernet(of: self, only: nil) != nil }

    /// What the networks of the space need and this version does not compute, in the words of space files; empty where it
    /// computes them, and where they live elsewhere.
    public var missingParts: [String] { SupernetFamilies.missing(in: self) }

    /// What a network under masks does not compute of the space in this version, in the words of space files; empty where it
    /// computes all, and where networks know no masks at all.
    public var unmaskedParts: [String] { SupernetFamilies.unmasked(in: self) }

    /// The weight-sharing network of the space, which has one; see ``hasSupernet``.
    public func supernet() -> any Supernet { network(only: nil) }

    /// The network of one genome alone: the same computation, with parameters of exactly its sizes.
    public func standalone(_ genome: Genome) -> any Supernet { network(only: genome) }

    private func network(only genome: Genome?) -> any Supernet {
        guard let network = SupernetFamilies.supernet(of: self, only: genome) else {
            preconditionFailure("the networks of the space are this program's")
        }
        return network
    }
}
