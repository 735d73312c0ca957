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

/// What comes before the first block: dense convolutions with norm and activation, most often one, and a pooling.
///
/// A deep stem has a first convolution to `inner` channels with the stride, others among these channels, each inside an identity
/// shortcut, and a last one to `width`.
///
/// Source: He et al., "Bag of Tricks for Image Classification with Convolutional Neural Networks" (CVPR 2019), ResNet-D.
public struct CNNStem: Sendable, Hashable {
    /// Side of the kernel.
    public let kernel: Int
    /// Stride in both directions, of the first convolution.
    public let stride: Int
    /// Output channels.
    public let width: Int
    /// Channels within a deep stem; nil where there is one convolution.
    public let inner: Int?
    /// Convolutions between the first and the last one of a deep stem.
    public let between: Int
    /// Whether a maximum over 3 x 3 places with stride 2 follows.
    public let hasPool: Bool
    /// What follows the norms.
    public let activation: CNNActivation
    /// The map that convolutions leave.
    public let convolvedMap: CNNMap

    /// The map that it leaves.
    public var outputMap: CNNMap { hasPool ? convolvedMap.divided(by: 2) : convolvedMap }
}

/// The kinds of blocks.
public enum CNNBlockKind: String, Sendable, Hashable, CaseIterable {
    /// Expand, depthwise, squeeze and excite, project.
    case inverted
    /// Reduce, a dense convolution, project.
    case bottleneck
}

/// What is added to a block's outputs. A property of the place, not of the genome.
public enum CNNShortcut: Sendable, Hashable {
    /// Nothing.
    case none
    /// The block's input, which has the same shape.
    case identity
    /// The mean over stride x stride places of the block's input, at the far ends over those that are there, then a 1 x 1
    /// convolution with norm.
    case pooled
}

/// A block: an inverted bottleneck (MBConv), or a bottleneck of a residual network.
///
/// An inverted bottleneck is expand, depthwise, squeeze and excite, project:
///
///     z = act(norm(expand * x)),  z = act(norm(depthwise * z)),  z = z s(z),  y = norm(project * z) + x
///
/// with 1 x 1 kernels for expand and project, and s(z) = hardsigmoid(U relu(D mean(z) + d) + u). Expand is missing where the
/// ratio is 1, s where `squeezed` is nil, and x is added where there is a shortcut. A bottleneck has a dense convolution in the
/// middle, a shortcut everywhere, and the activation behind the sum:
///
///     z = act(norm(reduce * x)),  z = act(norm(spatial * z)),  y = act(norm(project * z) + shortcut(x))
///
/// Source: Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks" (CVPR 2018); Howard et al., "Searching for
/// MobileNetV3" (ICCV 2019); He et al., "Deep Residual Learning for Image Recognition" (CVPR 2016).
public struct CNNBlock: Sendable, Hashable {
    /// What it is made of.
    public let kind: CNNBlockKind
    /// The stage that it belongs to, counted from 0.
    public let stage: Int
    /// Its place in the stage, counted from 0.
    public let position: Int
    /// Its number among the blocks of the largest network, counted from 0: that of its decisions and of its parameters.
    public let number: Int
    /// Input channels c.
    public let input: Int
    /// Channels m between the first and the last layer: `CNNFamily.divisible(c * ratio)`, in a bottleneck of o in place of c.
    public let middle: Int
    /// Output channels o.
    public let output: Int
    /// Side of the kernel in the middle.
    public let kernel: Int
    /// Stride of the convolution in the middle.
    public let stride: Int
    /// Whether there is an expand or reduce layer; without, `middle` is `input`.
    public let hasExpand: Bool
    /// Units q between the two layers of squeeze and excite: `CNNFamily.divisible(m / 4)`; nil where there is none.
    public let squeezed: Int?
    /// What follows the norms of expand and depthwise; in a bottleneck of reduce and spatial, and the sum.
    public let activation: CNNActivation
    /// What is added to the outputs.
    public let shortcut: CNNShortcut
    /// The map that it reads, and on which the first layer computes.
    public let inputMap: CNNMap
    /// The map that it leaves, and on which project computes.
    public let outputMap: CNNMap

    /// Whether the input itself is added to the outputs.
    public var hasShortcut: Bool { shortcut == .identity }
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

extension CNNArchitecture {
    /// All layers in the order in which they are computed.
    public var layers: [CNNLayer] {
        var layers: [CNNLayer] = []
        forEachLayer { layers.append($0) }
        return layers
    }

    /// Calls a function with each layer in the order in which they are computed; allocates nothing.
    public func forEachLayer(_ receive: (CNNLayer) -> Void) {
        stem.forEachLayer(channels, input, receive)
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

extension CNNStem {
    /// Calls a function with each layer in order. Convolutions inside a shortcut add their outputs to their inputs in place.
    fileprivate func forEachLayer(_ channels: Int, _ input: CNNMap, _ receive: (CNNLayer) -> Void) {
        let map = convolvedMap
        if let inner {
            receive(CNNLayer(.dense, .stemInner, kernel: kernel, (channels, input), (inner, map), activation))
            for _ in 0..<between {
                receive(CNNLayer(.dense, .stemBetween, kernel: kernel, (inner, map), (inner, map), activation))
            }
            receive(CNNLayer(.dense, .stem, kernel: kernel, (inner, map), (width, map), activation))
        } else {
            receive(CNNLayer(.dense, .stem, kernel: kernel, (channels, input), (width, map), activation))
        }
        if hasPool {
            receive(CNNLayer(.pool, .stemPool, kernel: 3, (width, map), (width, outputMap), nil, hasNorm: false))
        }
    }
}

extension CNNBlock {
    /// Calls a function with each layer in order.
    ///
    /// The block's input waits for the shortcut beside the depthwise layer, and while a gate is computed; it is expand's own
    /// input, and project adds its outputs to it in place. A pooled shortcut is computed first, and its outputs wait.
    fileprivate func forEachLayer(_ receive: (CNNLayer) -> Void) {
        switch kind {
        case .inverted: forEachInvertedLayer(receive)
        case .bottleneck: forEachBottleneckLayer(receive)
        }
    }

    private func forEachBottleneckLayer(_ receive: (CNNLayer) -> Void) {
        let own = input * inputMap.places
        var waiting = hasShortcut ? own : 0
        if shortcut == .pooled {
            if stride > 1 {
                receive(
                    CNNLayer(
                        .pool, .shortcutPool, of: number, kernel: stride, (input, inputMap), (input, outputMap), nil,
                        hasNorm: false))
            }
            receive(
                CNNLayer(
                    .dense, .shortcut, of: number, (input, outputMap), (output, outputMap), nil,
                    waiting: stride > 1 ? own : 0))
            waiting = output * outputMap.places
        }
        receive(
            CNNLayer(
                .dense, .reduce, of: number, (input, inputMap), (middle, inputMap), activation,
                waiting: hasShortcut ? 0 : waiting))
        receive(
            CNNLayer(
                .dense, .spatial, of: number, kernel: kernel, (middle, inputMap), (middle, outputMap), activation,
                waiting: waiting))
        receive(CNNLayer(.dense, .project, of: number, (middle, outputMap), (output, outputMap), activation))
    }

    private func forEachInvertedLayer(_ receive: (CNNLayer) -> Void) {
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
