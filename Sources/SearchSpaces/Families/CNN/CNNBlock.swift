/// The kinds of blocks.
public enum CNNBlockKind: String, Sendable, Hashable, CaseIterable {
    /// Expand, depthwise, squeeze and excite, project.
    case inverted
    /// Reduce, a dense convolution, project.
    case bottleneck
    /// Two dense convolutions.
    case basic

    /// Whether it is a block of a residual network: dense convolutions, and the activation behind the sum.
    public var isResidual: Bool { self != .inverted }
}

/// What the units of squeeze and excite are a quarter of.
public enum SqueezeBase: String, Sendable, Hashable, CaseIterable {
    /// The channels m that are squeezed, `CNNFamily.divisible(m / 4)`, as in MobileNetV3 and Once-for-all.
    case middle
    /// The block's input channels c, c / 4 rounded down and at least 1, as in EfficientNet.
    case input

    /// The units of a block's squeeze and excite.
    public func units(input: Int, middle: Int) -> Int {
        switch self {
        case .middle: CNNFamily.divisible(middle / 4)
        case .input: max(1, input / 4)
        }
    }
}

/// What is added to a block's outputs. A property of the place; between basic blocks of unlike widths one of the genome.
public enum CNNShortcut: Sendable, Hashable {
    /// Nothing.
    case none
    /// The block's input, which has the same shape.
    case identity
    /// The mean over stride x stride places of the block's input, at the far ends over those that are there, then a 1 x 1
    /// convolution, with a norm or without.
    case pooled(hasNorm: Bool)
}

/// A block: an inverted bottleneck (MBConv), or a bottleneck or basic block of a residual network.
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
/// A basic block has no reduce, and the kernel of spatial in project, too.
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
    /// Channels m between the first and the last layer: `CNNFamily.divisible(c * ratio)`, in a bottleneck of o in place of c, in
    /// a basic block any.
    public let middle: Int
    /// Output channels o.
    public let output: Int
    /// Side of the kernel in the middle.
    public let kernel: Int
    /// Stride of the convolution in the middle, which is the first of a basic block.
    public let stride: Int
    /// Whether there is an expand or reduce layer; without, `middle` is `input` in an inverted bottleneck.
    public let hasExpand: Bool
    /// Units q between the two layers of squeeze and excite, see ``SqueezeBase``; nil where there is none.
    public let squeezed: Int?
    /// What follows the norms of expand and depthwise; in a block of a residual network of all but the last, and the sum.
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

extension CNNBlock {
    /// Calls a function with each layer in order.
    ///
    /// The block's input waits for the shortcut beside the depthwise layer, and while a gate is computed; it is expand's own
    /// input, and project adds its outputs to it in place. A pooled shortcut is computed first, and its outputs wait.
    func forEachLayer(_ receive: (CNNLayer) -> Void) {
        switch kind {
        case .inverted: forEachInvertedLayer(receive)
        case .bottleneck, .basic: forEachResidualLayer(receive)
        }
    }

    private func forEachResidualLayer(_ receive: (CNNLayer) -> Void) {
        let own = input * inputMap.places
        var waiting = hasShortcut ? own : 0
        if case .pooled(let hasNorm) = shortcut {
            if stride > 1 {
                receive(
                    CNNLayer(
                        .pool, .shortcutPool, of: number, kernel: stride, (input, inputMap), (input, outputMap), nil,
                        hasNorm: false))
            }
            receive(
                CNNLayer(
                    .dense, .shortcut, of: number, (input, outputMap), (output, outputMap), nil, hasNorm: hasNorm,
                    waiting: stride > 1 ? own : 0))
            waiting = output * outputMap.places
        }
        // What reads the block's input has it as its own.
        let beside = hasShortcut ? 0 : waiting
        let isBasic = kind == .basic
        if !isBasic {
            receive(
                CNNLayer(
                    .dense, .reduce, of: number, (input, inputMap), (middle, inputMap), activation, waiting: beside))
        }
        receive(
            CNNLayer(
                .dense, .spatial, of: number, kernel: kernel, (isBasic ? input : middle, inputMap),
                (middle, outputMap), activation, waiting: isBasic ? beside : waiting))
        // The last convolution adds where the shortcut stands.
        receive(
            CNNLayer(
                .dense, .project, of: number, kernel: isBasic ? kernel : 1, (middle, outputMap), (output, outputMap),
                activation))
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
