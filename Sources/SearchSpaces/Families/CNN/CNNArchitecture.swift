/// One convolutional network of a space, with every size that computing it takes.
///
/// The network is a stem, then blocks, then a head:
///
///     x = act(norm(stem * resize(image))),  x = block(x) for each block,
///     x = act(norm(head * x)),  v = mean of x over the map,  v = act(mix v),  y = W v + b
///
/// where resizing, head and mix may be missing. Every convolution pads kernel / 2 zeros on each side, so that a map of side h
/// becomes one of ceil(h / stride), and has no bias where a norm follows.
public struct CNNArchitecture: Sendable, Hashable {
    /// The map that the stem reads; smaller or larger than an example's where resolution is a choice.
    public let input: CNNMap
    /// Channels of an image.
    public let channels: Int
    /// The first convolution.
    public let stem: CNNStem
    /// The blocks that are there, in order.
    public let blocks: [CNNBlock]
    /// What follows the last block.
    public let head: CNNHead
    /// Classes to tell apart.
    public let classes: Int

    /// The map that the last block leaves, over which the head takes means.
    public var lastMap: CNNMap { blocks.last?.outputMap ?? stem.outputMap }
    /// The channels that the last block leaves.
    public var lastChannels: Int { blocks.last?.output ?? stem.width }
}

/// The sides of a map of activations; every place has all channels.
public struct CNNMap: Sendable, Hashable {
    /// Places from top to bottom.
    public let height: Int
    /// Places from left to right.
    public let width: Int

    /// A single place, which has the mean over a map.
    public static let one = CNNMap(height: 1, width: 1)

    /// Places of the map.
    public var places: Int { height * width }

    /// The map that a convolution of a stride leaves of this one: its sides divided, rounded up.
    public func divided(by stride: Int) -> CNNMap {
        CNNMap(height: (height + stride - 1) / stride, width: (width + stride - 1) / stride)
    }
}

/// What follows a norm.
public enum CNNActivation: String, Sendable, Hashable, CaseIterable {
    /// max(x, 0).
    case relu
    /// min(max(x, 0), 6).
    case relu6
    /// x relu6(x + 3) / 6.
    case hswish
    /// x / (1 + exp(-x)).
    case swish
}

/// The first convolution of a network: dense, with norm and activation.
public struct CNNStem: Sendable, Hashable {
    /// Side of the kernel.
    public let kernel: Int
    /// Stride in both directions.
    public let stride: Int
    /// Output channels.
    public let width: Int
    /// What follows the norm.
    public let activation: CNNActivation
    /// The map that it leaves.
    public let outputMap: CNNMap
}

/// An inverted bottleneck (MBConv): expand, depthwise, squeeze and excite, project.
///
///     z = act(norm(expand * x)),  z = act(norm(depthwise * z)),  z = z s(z),  y = norm(project * z) + x
///
/// with 1 x 1 kernels for expand and project, and s(z) = hardsigmoid(U relu(D mean(z) + d) + u). Expand is missing where the
/// ratio is 1, s where `squeezed` is nil, and x is added where there is a shortcut.
///
/// Source: Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks" (CVPR 2018); Howard et al., "Searching for
/// MobileNetV3" (ICCV 2019).
public struct CNNBlock: Sendable, Hashable {
    /// The stage that it belongs to, counted from 0.
    public let stage: Int
    /// Its place in the stage, counted from 0.
    public let position: Int
    /// Its number among the blocks of the largest network, counted from 0: that of its decisions and of its parameters.
    public let number: Int
    /// Input channels c.
    public let input: Int
    /// Channels m between expand and project: `CNNFamily.divisible(c * ratio)`.
    public let middle: Int
    /// Output channels o.
    public let output: Int
    /// Side of the depthwise kernel.
    public let kernel: Int
    /// Stride of the depthwise convolution.
    public let stride: Int
    /// Whether there is an expand layer; without, `middle` is `input`.
    public let hasExpand: Bool
    /// Units q between the two layers of squeeze and excite: `CNNFamily.divisible(m / 4)`; nil where there is none.
    public let squeezed: Int?
    /// What follows the norms of expand and depthwise.
    public let activation: CNNActivation
    /// Whether the input is added to the output; it has the same shape then. A property of the place, not of the genome.
    public let hasShortcut: Bool
    /// The map that it reads, and on which expand computes.
    public let inputMap: CNNMap
    /// The map that it leaves, and on which project computes.
    public let outputMap: CNNMap
}

/// What follows the last block: a 1 x 1 convolution with norm and activation, the mean, a linear layer without norm and bias
/// but with the activation, and the classifier.
public struct CNNHead: Sendable, Hashable {
    /// Channels of the convolution before the mean; nil where there is none.
    public let width: Int?
    /// Units of the layer after the mean; nil where there is none.
    public let mix: Int?
    /// What follows the norm of the convolution, and the mix layer.
    public let activation: CNNActivation
}

// MARK: Layers

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
    }

    /// What a step is for: the stem, the head, the mean, the mix layer and the classifier of a network, and the steps of a
    /// block.
    public enum Role: String, Sendable, Hashable {
        case stem, head, mean, mix, classifier, expand, depthwise, squeeze, excite, project
    }

    /// What is computed.
    public let operation: Operation
    /// What it is for.
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
        case .mean: 0
        }
    }
}

extension CNNArchitecture {
    /// All layers in the order in which they are computed.
    public var layers: [CNNLayer] {
        var layers: [CNNLayer] = []
        forEachLayer { layers.append($0) }
        return layers
    }

    /// Calls a function with each layer in the order in which they are computed; allocates nothing.
    public func forEachLayer(_ receive: (CNNLayer) -> Void) {
        receive(
            CNNLayer(
                .dense, .stem, kernel: stem.kernel, (channels, input), (stem.width, stem.outputMap),
                stem.activation))
        for block in blocks { block.forEachLayer(receive) }
        let map = lastMap, width = head.width ?? lastChannels
        if let own = head.width {
            receive(CNNLayer(.dense, .head, (lastChannels, map), (own, map), head.activation))
        }
        receive(CNNLayer(.mean, .mean, (width, map), (width, .one), nil, hasNorm: false))
        if let mix = head.mix {
            receive(CNNLayer(.dense, .mix, (width, .one), (mix, .one), head.activation, hasNorm: false))
        }
        receive(
            CNNLayer(
                .dense, .classifier, (head.mix ?? width, .one), (classes, .one), nil, hasNorm: false,
                hasBias: true))
    }
}

extension CNNBlock {
    /// Calls a function with each layer in order.
    ///
    /// The block's input waits for the shortcut beside the depthwise layer, and while a gate is computed; it is expand's own
    /// input, and project adds its outputs to it in place.
    func forEachLayer(_ receive: (CNNLayer) -> Void) {
        let waiting = hasShortcut ? input * inputMap.places : 0
        if hasExpand {
            receive(CNNLayer(.dense, .expand, of: number, (input, inputMap), (middle, inputMap), activation))
        }
        receive(
            CNNLayer(
                .depthwise, .depthwise, of: number, kernel: kernel, (middle, inputMap), (middle, outputMap),
                activation, waiting: hasExpand ? waiting : 0))
        if let squeezed {
            let gated = middle * outputMap.places
            receive(
                CNNLayer(
                    .mean, .mean, of: number, (middle, outputMap), (middle, .one), nil, hasNorm: false,
                    waiting: waiting))
            receive(
                CNNLayer(
                    .dense, .squeeze, of: number, (middle, .one), (squeezed, .one), .relu, hasNorm: false,
                    hasBias: true, waiting: waiting + gated))
            receive(
                CNNLayer(
                    .dense, .excite, of: number, (squeezed, .one), (middle, .one), nil, hasNorm: false,
                    hasBias: true, waiting: waiting + gated))
        }
        receive(CNNLayer(.dense, .project, of: number, (middle, outputMap), (output, outputMap), nil))
    }
}

extension CNNLayer {
    fileprivate init(
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
