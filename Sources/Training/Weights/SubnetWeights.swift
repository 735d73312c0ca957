public import SearchSpaces
public import Supernets
public import Tensors

/// How the trained parameters become the weights that a subnet computes with, and how the gradient finds its way back: the
/// one seam of training, evaluation and extraction.
///
/// A pass prepares once before its shards and finishes once after their gradients are reduced. With plain sharing both
/// are nothing; a mixture merges its experts in between, and whoever learns the architecture adds its own gradient.
public protocol SubnetWeights {
    /// Whether the weights are the same for every subnet.
    var isShared: Bool { get }
    /// The weights of a subnet, in the layout of the network; valid until the next call.
    ///
    /// - Parameters:
    ///   - slices: What of the network is used.
    ///   - dropout: What routers drop; nil for nothing.
    func prepare(for genome: Genome, slices: [ParameterSlice], dropout: Dropout?) -> FloatBuffer
    /// Where the shards' gradients of those weights are summed, over the slices that are used only.
    var gradient: FloatBuffer { get }
    /// Takes the summed gradient to what is trained.
    ///
    /// - Parameter isLearned: Whether the gradient of the architecture is wanted.
    /// - Returns: The gradient of the option weights as far as the weights depend on the architecture; nil where they do not.
    func finish(for genome: Genome, isLearned: Bool) -> OptionWeights?
}

extension SubnetWeights {
    /// The weights of a subnet of a network, without dropout; valid until the next call.
    public func prepare(for genome: Genome, of supernet: any Supernet) -> FloatBuffer {
        prepare(for: genome, slices: supernet.slices(of: genome), dropout: nil)
    }
}

extension Supernet {
    /// What subnets compute with: the trained parameters as they are, or merged from experts.
    ///
    /// - Parameters:
    ///   - values: The trained parameters, in the ``trainedLayout``.
    ///   - gradient: Their gradient; nil where nothing is trained.
    public func weights(
        _ values: FloatBuffer, gradient: FloatBuffer? = nil, pool: WorkerPool, kernels: any Backend
    ) -> any SubnetWeights {
        guard let mixture else { return SharedWeights(values: values, gradient: gradient ?? values) }
        return MixtureWeights(mixture, of: self, values: values, gradient: gradient, pool: pool, kernels: kernels)
    }
}

/// Plain weight sharing: the trained parameters are the weights.
public struct SharedWeights: SubnetWeights, Sendable {
    /// The parameters.
    public let values: FloatBuffer
    /// Their gradients.
    public let gradient: FloatBuffer

    /// Creates the weights over two buffers of one layout.
    public init(values: FloatBuffer, gradient: FloatBuffer) {
        precondition(values.count == gradient.count, "values and gradient have one layout")
        self.values = values
        self.gradient = gradient
    }

    public var isShared: Bool { true }

    /// The parameters themselves.
    public func prepare(for genome: Genome, slices: [ParameterSlice], dropout: Dropout?) -> FloatBuffer { values }

    /// Nothing: the sum is the gradient already.
    public func finish(for genome: Genome, isLearned: Bool) -> OptionWeights? { nil }
}
