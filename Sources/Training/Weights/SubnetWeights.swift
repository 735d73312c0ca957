public import SearchSpaces
public import Supernets
public import Tensors

/// A subnet that a pass trains, and what of the network it uses.
public struct SlicedSubnet: Sendable {
    /// The subnet.
    public let genome: Genome
    /// What of the network it uses, in the order of the layout.
    public let slices: [ParameterSlice]

    /// Creates a subnet; by default of its own slices.
    public init(_ genome: Genome, of supernet: any Supernet, slices: [ParameterSlice]? = nil) {
        self.genome = genome
        self.slices = slices ?? supernet.slices(of: genome)
    }
}

/// How the trained parameters become the weights that subnets compute with, and how the gradient finds its way back: the
/// one seam of training, evaluation and extraction.
///
/// A pass prepares once before its shards and finishes once after their gradients are reduced, for one subnet or for one of
/// each shard. With plain sharing both are nothing; a mixture merges its experts in between, and whoever learns the
/// architecture adds its own gradient.
public protocol SubnetWeights {
    /// Whether the weights are the same for every subnet.
    var isShared: Bool { get }
    /// The weights of each of some subnets, in the layout of the network; valid until the next call.
    ///
    /// - Parameter dropout: What routers drop; nil for nothing.
    func prepare(_ subnets: [SlicedSubnet], dropout: Dropout?) -> [FloatBuffer]
    /// Where the gradients of a prepared subnet's weights are summed, over the slices that are used only.
    func gradient(of subnet: Int) -> FloatBuffer
    /// Takes the summed gradients to what is trained, one subnet after the other.
    ///
    /// - Parameter isLearned: Whether the gradient of the architecture is wanted, of one subnet.
    /// - Returns: The gradient of the option weights as far as the weights depend on the architecture; nil where they do not.
    func finish(isLearned: Bool) -> OptionWeights?
}

extension SubnetWeights {
    /// The weights of a subnet of a network, without dropout; valid until the next call.
    public func prepare(for genome: Genome, of supernet: any Supernet) -> FloatBuffer {
        prepare([SlicedSubnet(genome, of: supernet)], dropout: nil)[0]
    }
}

extension Supernet {
    /// What subnets compute with: the trained parameters as they are, or merged from experts.
    ///
    /// - Parameters:
    ///   - values: The trained parameters, in the ``trainedLayout``.
    ///   - gradient: Their gradient; nil where nothing is trained.
    ///   - subnets: The most subnets that are prepared at a time.
    public func weights(
        _ values: FloatBuffer, gradient: FloatBuffer? = nil, subnets: Int = 1, pool: WorkerPool, kernels: any Backend
    ) -> any SubnetWeights {
        guard let mixture else { return SharedWeights(values: values, gradient: gradient ?? values) }
        return MixtureWeights(
            mixture, of: self, values: values, gradient: gradient, subnets: subnets, pool: pool, kernels: kernels)
    }
}

/// Plain weight sharing: the trained parameters are the weights.
public struct SharedWeights: SubnetWeights, Sendable {
    private let values: FloatBuffer
    private let gradient: FloatBuffer

    /// Creates the weights over two buffers of one layout.
    public init(values: FloatBuffer, gradient: FloatBuffer) {
        precondition(values.count == gradient.count, "values and gradient have one layout")
        self.values = values
        self.gradient = gradient
    }

    public var isShared: Bool { true }

    /// The parameters themselves, for each.
    public func prepare(_ subnets: [SlicedSubnet], dropout: Dropout?) -> [FloatBuffer] {
        Array(repeating: values, count: subnets.count)
    }

    /// That of the parameters.
    public func gradient(of subnet: Int) -> FloatBuffer { gradient }

    /// Nothing: the sum is the gradient already.
    public func finish(isLearned: Bool) -> OptionWeights? { nil }
}
