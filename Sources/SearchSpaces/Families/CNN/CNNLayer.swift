/// One step of a network, with what it holds and what waits beside it: costs are sums over these.
public struct CNNLayer: Sendable, Hashable {
    /// What a step computes.
    public enum Operation: Sendable, Hashable {
        /// A convolution over all input channels; over a single place, a linear layer.
        case dense
        /// A convolution of each channel by itself.
        case depthwise
        /// The mean of each channel over the map.
        case mean
        /// The mean or the maximum of each channel over the places around each place.
        case pool
    }

    /// What a step is for: the stem, the head, the mean, the mix layer and the classifier of a network, and the steps of a
    /// block.
    public enum Role: String, Sendable, Hashable {
        case stem, stemInner, stemBetween, stemPool, head, mean, mix, classifier
        case expand, depthwise, squeeze, excite, project, reduce, spatial, shortcutPool, shortcut
    }

    /// What is computed.
    public let operation: Operation
    /// What it is for; a deep stem's last convolution is its `stem`.
    public let role: Role
    /// The number of the block that it belongs to; nil for stem and head.
    public let block: Int?
    /// Side of the kernel; 1 for a mean.
    public let kernel: Int
    /// Input channels.
    public let inputs: Int
    /// Output channels.
    public let outputs: Int
    /// The map that is read.
    public let inputMap: CNNMap
    /// The map that is written.
    public let outputMap: CNNMap
    /// Whether a norm follows, which folds into the layer and leaves it a bias.
    public let hasNorm: Bool
    /// Whether there is a bias of its own.
    public let hasBias: Bool
    /// What follows norm or bias; nil for nothing, or for the hard sigmoid that only `excite` has.
    public let activation: CNNActivation?
    /// Values that wait beside inputs and outputs: a block's input for its shortcut, a map for its gate.
    public let waiting: Int

    /// Weights without bias and norm.
    public var weights: Int {
        switch operation {
        case .dense: kernel * kernel * inputs * outputs
        case .depthwise: kernel * kernel * outputs
        case .mean, .pool: 0
        }
    }
}

extension CNNLayer {
    init(
        _ operation: Operation, _ role: Role, of block: Int? = nil, kernel: Int = 1,
        _ input: (channels: Int, map: CNNMap),
        _ output: (channels: Int, map: CNNMap), _ activation: CNNActivation?, hasNorm: Bool = true,
        hasBias: Bool = false, waiting: Int = 0
    ) {
        self.operation = operation
        self.role = role
        self.block = block
        self.kernel = kernel
        inputs = input.channels
        outputs = output.channels
        inputMap = input.map
        outputMap = output.map
        self.hasNorm = hasNorm
        self.hasBias = hasBias
        self.activation = activation
        self.waiting = waiting
    }
}
