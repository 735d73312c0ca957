public import SearchSpaces
public import Tensors

/// How the trained parameters become the weights that a subnet computes with, and how the gradient finds its way back.
///
/// A pass prepares once before its shards and finishes once after their gradients are reduced. With plain sharing both
/// are nothing; a mixture merges its experts in between, and whoever learns the architecture adds its own gradient.
public protocol EffectiveWeights: Sendable {
    /// The weights of one pass, in the layout of the network; valid until the next call.
    func prepare(for genome: Genome) -> FloatBuffer
    /// Where the shards' gradients of those weights are summed, over the genome's slices only.
    var gradient: FloatBuffer { get }
    /// Takes the summed gradient to what is trained.
    func finish(for genome: Genome)
}

/// Plain weight sharing: the trained parameters are the weights.
public struct SharedWeights: EffectiveWeights {
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
    public func prepare(for genome: Genome) -> FloatBuffer { values }

    /// Nothing: the sum is the gradient already.
    public func finish(for genome: Genome) {}
}
