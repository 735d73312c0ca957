public import SearchSpaces
public import Supernets
public import Tensors

/// How the trained parameters become the weights that a subnet computes with, and how the gradient finds its way back.
///
/// A pass prepares once before its shards and finishes once after their gradients are reduced. With plain sharing both
/// are nothing; a mixture merges its experts in between, and whoever learns the architecture adds its own gradient.
public protocol EffectiveWeights {
    /// The weights of one pass, in the layout of the network; valid until the next call.
    ///
    /// - Parameters:
    ///   - slices: What of the network the pass uses.
    ///   - dropout: What routers drop; nil for nothing.
    func prepare(for pass: Pass, slices: [ParameterSlice], dropout: Dropout?) -> FloatBuffer
    /// Where the shards' gradients of those weights are summed, over the pass's slices only.
    var gradient: FloatBuffer { get }
    /// Takes the summed gradient to what is trained.
    ///
    /// - Returns: The gradient of the option weights as far as the weights depend on the architecture; nil where they do not.
    func finish(for pass: Pass) -> OptionWeights?
}

/// Plain weight sharing: the trained parameters are the weights.
public struct SharedWeights: EffectiveWeights, Sendable {
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

    /// The parameters themselves.
    public func prepare(for pass: Pass, slices: [ParameterSlice], dropout: Dropout?) -> FloatBuffer { values }

    /// Nothing: the sum is the gradient already.
    public func finish(for pass: Pass) -> OptionWeights? { nil }
}
