internal import SearchSpaces
internal import Tensors

/// A convolution without a bias, and the norm that follows it.
struct NormalizedLayer: Sendable {
    typealias Entry = ParameterLayout.Entry

    let weight: Entry
    let gain: Entry
    let offset: Entry
    /// The number of the norm among those of the network, in the order of computing.
    let norm: Int

    /// Adds the leading parts that a subnet uses to a list.
    ///
    /// - Parameters:
    ///   - rows: Output channels of a dense layer, taps of a depthwise one.
    ///   - columns: Inputs of a dense layer, channels of a depthwise one.
    func addSlices(rows: Int, columns: Int, channels: Int, to slices: inout [ParameterSlice]) {
        slices.append(ParameterSlice(entry: weight, rows: rows, columns: columns))
        slices.append(ParameterSlice(entry: gain, columns: channels))
        slices.append(ParameterSlice(entry: offset, columns: channels))
    }
}

/// The parameters of a convolutional network: those of an elastic one at their largest sizes, or those of one architecture.
///
/// Dense weights are computed with as (out, taps, in) and pointwise ones as (out, in), so that fewer channels are leading rows
/// and columns; depthwise weights as (taps, channels) with the taps in rings from the centre, so that a smaller kernel is leading
/// rows. Files have all of them as (out, in, height, width).
/// What norms measured stands behind all that is trained.
struct CNNParameters: Sendable {
    typealias Entry = ParameterLayout.Entry

    /// One inverted bottleneck.
    struct Block: Sendable {
        let expand: NormalizedLayer?
        let depthwise: NormalizedLayer
        /// How smaller kernels come from the stored one; nil where they are its centre.
        let transforms: KernelTransforms?
        let squeeze: LinearLayer?
        let excite: LinearLayer?
        let project: NormalizedLayer
    }

    let layout: ParameterLayout
    let deepStem: DeepStem?
    /// The only convolution before the blocks, or the last one of a deep stem.
    let stem: NormalizedLayer
    /// Inverted bottlenecks by their numbers in the largest network.
    let blocks: [Int: Block]
    /// Blocks of residual networks by their numbers.
    let residual: [Int: ResidualBlock]
    let head: NormalizedLayer?
    let mix: Entry?
    let classifier: LinearLayer
    /// Mean and variance of each norm's channels, by its number.
    let statistics: [(mean: Entry, variance: Entry)]

    private static let classifierDeviation: Float = 0.01

    /// - Parameters:
    ///   - sizes: The architecture that the parameters are just large enough for.
    ///   - transformed: Of each stage, the kernels between which there are learned transforms; empty where they are centres.
    init(_ sizes: CNNArchitecture, transformed: [[Int]] = []) {
        var layers = Layers()
        deepStem = DeepStem(sizes.stem, channels: sizes.channels, in: &layers)
        stem =
            sizes.stem.inner.map {
                layers.dense("stem", outputs: sizes.stem.width, inputs: $0, kernel: sizes.stem.kernel)
            } ?? layers.image("stem", sizes.stem, channels: sizes.channels, outputs: sizes.stem.width)
        var blocks: [Int: Block] = [:], residual: [Int: ResidualBlock] = [:]
        for block in sizes.blocks {
            if block.kind.isResidual {
                residual[block.number] = ResidualBlock(block, in: &layers)
                continue
            }
            let name = "blocks.\(block.number)"
            let expand =
                block.hasExpand
                ? layers.dense("\(name).expand", outputs: block.middle, inputs: block.input) : nil
            let depthwise = layers.normalized(
                "\(name).depthwise", shape: [block.middle, 1, block.kernel, block.kernel], arrangement: .rings,
                inputs: block.kernel * block.kernel, channels: block.middle)
            let transforms =
                transformed.isEmpty
                ? nil
                : KernelTransforms("\(name).transform", kernels: transformed[block.stage], in: &layers.layout)
            let squeeze = block.squeezed.map {
                LinearLayer("\(name).squeeze", outputs: $0, inputs: block.middle, in: &layers.layout)
            }
            let excite = block.squeezed.map {
                LinearLayer("\(name).excite", outputs: block.middle, inputs: $0, in: &layers.layout)
            }
            // A branch beside a shortcut begins as nothing.
            blocks[block.number] = Block(
                expand: expand, depthwise: depthwise, transforms: transforms, squeeze: squeeze, excite: excite,
                project: layers.dense(
                    "\(name).project", outputs: block.output, inputs: block.middle, gain: block.hasShortcut ? 0 : 1))
        }
        self.blocks = blocks
        self.residual = residual
        head = sizes.head.width.map {
            layers.dense("head", outputs: $0, inputs: sizes.lastChannels)
        }
        let width = sizes.head.width ?? sizes.lastChannels
        mix = sizes.head.mix.map {
            layers.layout.add(
                "mix.weight", .weight, shape: [$0, width], initial: Layers.rectified(inputs: width))
        }
        classifier = LinearLayer(
            "classifier", outputs: sizes.classes, inputs: sizes.head.mix ?? width,
            deviation: Self.classifierDeviation, in: &layers.layout)
        statistics = layers.norms.map { name, channels in
            (
                layers.layout.add("\(name).mean", .statistic, shape: [channels]),
                layers.layout.add("\(name).variance", .statistic, shape: [channels], initial: .constant(1))
            )
        }
        layout = layers.layout
    }

    /// A layout in the making.
    struct Layers {
        var layout = ParameterLayout()
        var norms: [(name: String, channels: Int)] = []

        /// Normal values of variance 2 / inputs.
        ///
        /// Source: He et al., "Delving Deep into Rectifiers" (ICCV 2015), eq. 10.
        static func rectified(inputs: Int) -> ParameterLayout.Initial {
            .normal(deviation: (2 / Float(inputs)).squareRoot())
        }

        /// A convolution over the few channels of an image, the product of its windows.
        mutating func image(_ name: String, _ stem: CNNStem, channels: Int, outputs: Int) -> NormalizedLayer {
            normalized(
                name, shape: [outputs, channels, stem.kernel, stem.kernel], arrangement: .windows(inputs: channels),
                inputs: stem.kernel * stem.kernel * channels, channels: outputs)
        }

        /// A convolution over all channels.
        mutating func dense(
            _ name: String, outputs: Int, inputs: Int, kernel: Int = 1, gain: Float = 1
        ) -> NormalizedLayer {
            normalized(
                name, shape: [outputs, inputs, kernel, kernel], inputs: inputs * kernel * kernel, channels: outputs,
                gain: gain)
        }

        /// A pointwise convolution without norm and bias.
        mutating func plain(_ name: String, outputs: Int, inputs: Int) -> Entry {
            layout.add(
                "\(name).weight", .weight, shape: [outputs, inputs, 1, 1], initial: Self.rectified(inputs: inputs))
        }

        mutating func normalized(
            _ name: String, shape: [Int], arrangement: TensorArrangement = .rows, inputs: Int, channels: Int,
            gain: Float = 1
        ) -> NormalizedLayer {
            norms.append(("\(name).norm", channels))
            return NormalizedLayer(
                weight: layout.add(
                    "\(name).weight", .weight, shape: shape, arrangement: arrangement,
                    initial: Self.rectified(inputs: inputs)),
                gain: layout.add("\(name).norm.weight", .gain, shape: [channels], initial: .constant(gain)),
                offset: layout.add("\(name).norm.bias", .bias, shape: [channels]), norm: norms.count - 1)
        }
    }

    /// The leading parts that an architecture uses, in layout order.
    ///
    /// - Parameter isAlone: Without what is its supernet's alone.
    func slices(of architecture: CNNArchitecture, isAlone: Bool = false) -> [ParameterSlice] {
        var slices: [ParameterSlice] = [], norms: [(number: Int, channels: Int)] = []
        func add(_ layer: NormalizedLayer, rows: Int, columns: Int, channels: Int) {
            layer.addSlices(rows: rows, columns: columns, channels: channels, to: &slices)
            norms.append((layer.norm, channels))
        }
        let wide = architecture.stem, taps = wide.kernel * wide.kernel
        deepStem?.addSlices(of: wide, to: &slices, &norms)
        add(stem, rows: wide.width, columns: wide.inner.map { $0 * taps } ?? stem.weight.columns, channels: wide.width)
        for block in architecture.blocks {
            if let own = residual[block.number] {
                own.addSlices(of: block, to: &slices, &norms)
                continue
            }
            guard let own = blocks[block.number] else { preconditionFailure("every block has parameters") }
            if let expand = own.expand {
                add(expand, rows: block.middle, columns: block.input, channels: block.middle)
            }
            let transforms = isAlone ? nil : own.transforms
            add(
                own.depthwise, rows: transforms?.taps(for: block.kernel) ?? block.kernel * block.kernel,
                columns: block.middle, channels: block.middle)
            transforms?.addSlices(for: block.kernel, to: &slices)
            if let squeezed = block.squeezed {
                own.squeeze?.addSlices(outputs: squeezed, inputs: block.middle, to: &slices)
                own.excite?.addSlices(outputs: block.middle, inputs: squeezed, to: &slices)
            }
            add(own.project, rows: block.output, columns: block.middle, channels: block.output)
        }
        var width = architecture.lastChannels
        if let head, let own = architecture.head.width {
            add(head, rows: own, columns: width, channels: own)
            width = own
        }
        if let mix {
            slices.append(ParameterSlice(entry: mix, columns: width))
            width = mix.rows
        }
        classifier.addSlices(outputs: architecture.classes, inputs: width, to: &slices)
        for (number, channels) in norms {
            slices.append(ParameterSlice(entry: statistics[number].mean, columns: channels))
            slices.append(ParameterSlice(entry: statistics[number].variance, columns: channels))
        }
        return slices
    }
}
