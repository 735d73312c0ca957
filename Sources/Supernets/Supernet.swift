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

    /// The sizes of a genome by their names, as a loader of its network in any framework needs them.
    func sizes(of genome: Genome) -> [String: ModelDescription.Sizes]

    /// The largest genome that the layout has parameters for: none needs more memory.
    var largest: Genome { get }

    /// Fills a buffer of the ``trainedLayout`` with initial weights, a function of the seed and the position alone.
    func initialize(_ values: FloatBuffer, seed: UInt64, on backend: any Backend)

    /// The leading parts of the parameters that a genome uses, in layout order.
    func slices(of genome: Genome) -> [ParameterSlice]

    /// Logits of a batch of inputs under one genome, recorded on the tape where that records.
    ///
    /// Shapes: inputs (batch, values of an example), result (batch, classes). The tape has begun its pass. Nothing
    /// outside the genome's slices is read or receives a gradient.
    func forward(_ inputs: MatrixView, as genome: Genome, with store: ParameterStore, on tape: Tape) -> Variable

    /// Logits of a batch of inputs under many genomes, with what they have in common computed once.
    ///
    /// The bits of a genome's logits do not depend on the others. `receive` gets the genome's index and logits of shape
    /// (batch, classes) that are valid during the call, in any order of the genomes.
    func evaluate(
        _ inputs: MatrixView, as genomes: [Genome], with store: ParameterStore, on tape: Tape,
        _ receive: (Int, MatrixView) -> Void)

    // MARK: Architectures that are learned

    /// Where the masks lie in a flat buffer: a value for every unit that an architecture may lack.
    var maskLayout: ParameterLayout { get }

    /// The masks of option weights: of each unit, the weight of the options that have it.
    ///
    /// With the one-hot weights of a genome, ones where the genome has a unit and zeros elsewhere.
    func fillMasks(_ masks: FloatBuffer, from weights: OptionWeights, on backend: any Backend)

    /// The gradient of option weights from that of their masks: the transpose of ``fillMasks(_:from:on:)``'s derivative.
    func optionGradient(
        ofMasks gradient: FloatBuffer, at weights: OptionWeights, on backend: any Backend
    ) -> OptionWeights

    /// Logits of a batch of inputs under masks, at full width, recorded on the tape where that records.
    ///
    /// With the masks of a genome, equal to ``forward(_:as:with:on:)`` up to rounding. What is masked is computed all the
    /// same, so that the gradient of a mask's value tells what its unit would do.
    func forward(_ inputs: MatrixView, masked masks: ParameterStore, with store: ParameterStore, on tape: Tape)
        -> Variable
}

extension Supernet {
    /// Where the trained parameters lie in a flat buffer: those of the network, or experts and routers behind them.
    public var trainedLayout: ParameterLayout { mixture?.layout ?? layout }
}

extension SearchSpace {
    /// Whether the networks of the space are this program's.
    public var hasSupernet: Bool { SupernetFamilies.supernet(of: self, only: nil) != nil }

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

/// The networks of the families: a new one is a line here.
enum SupernetFamilies {
    /// The network of a space, or of one of its genomes alone; nil where networks live elsewhere.
    static func supernet(of space: SearchSpace, only genome: Genome?) -> (any Supernet)? {
        switch space.family {
        case let family as ViTFamily: ViTSupernet(family, space: space, only: genome)
        default: nil
        }
    }
}
