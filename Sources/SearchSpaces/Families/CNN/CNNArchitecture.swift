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

    /// Creates a map.
    public init(height: Int, width: Int) {
        self.height = height
        self.width = width
    }

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

/// What follows the last block: a 1 x 1 convolution with norm and activation, the mean, a linear layer without norm and bias
/// but with the activation, and the classifier.
public struct CNNHead: Sendable, Hashable {
    /// Channels of the convolution before the mean; nil where there is none.
    public let width: Int?
    /// Units of the layer after the mean; nil where there is none.
    public let mix: Int?
    /// What follows the norm of the convolution, and the mix layer.
    public let activation: CNNActivation

    /// Calls a function with each layer in order, the classifier included.
    func forEachLayer(_ channels: Int, _ map: CNNMap, classes: Int, _ receive: (CNNLayer) -> Void) {
        let own = width ?? channels
        if width != nil { receive(CNNLayer(.dense, .head, (channels, map), (own, map), activation)) }
        receive(CNNLayer(.mean, .mean, (own, map), (own, .one), nil, hasNorm: false))
        if let mix { receive(CNNLayer(.dense, .mix, (own, .one), (mix, .one), activation, hasNorm: false)) }
        receive(
            CNNLayer(
                .dense, .classifier, (mix ?? own, .one), (classes, .one), nil, hasNorm: false, hasBias: true))
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
        head.forEachLayer(lastChannels, lastMap, classes: classes, receive)
    }
}
