internal import SearchSpaces
internal import Tensors

extension NormalizedLayer {
    /// Adds the leading parts of a dense convolution, whose weight has the taps of each input side by side.
    func addSlices(outputs: Int, inputs: Int, taps: Int = 1, to slices: inout [ParameterSlice]) {
        addSlices(rows: outputs, columns: inputs * taps, channels: outputs, to: &slices)
    }
}

/// The parameters of a deep stem before its last convolution.
struct DeepStem: Sendable {
    let first: NormalizedLayer
    let between: [NormalizedLayer]

    init?(_ stem: CNNStem, channels: Int, in layers: inout CNNParameters.Layers) {
        guard let inner = stem.inner else { return nil }
        first = layers.image("stem.first", stem, channels: channels, outputs: inner)
        var list: [NormalizedLayer] = []
        for place in 0..<stem.between {
            // It stands beside a shortcut and so begins as nothing.
            list.append(
                layers.dense("stem.between.\(place)", outputs: inner, inputs: inner, kernel: stem.kernel, gain: 0))
        }
        between = list
    }

    /// Adds the leading parts that a stem uses to lists of slices and of norms.
    func addSlices(
        of stem: CNNStem, to slices: inout [ParameterSlice], _ norms: inout [(number: Int, channels: Int)]
    ) {
        guard let inner = stem.inner else { return }
        first.addSlices(rows: inner, columns: first.weight.columns, channels: inner, to: &slices)
        for layer in between.prefix(stem.between) {
            layer.addSlices(outputs: inner, inputs: inner, taps: stem.kernel * stem.kernel, to: &slices)
        }
        norms += self.norms(of: stem)
    }

    /// The norms of a stem before its last convolution, in the order of computing.
    func norms(of stem: CNNStem) -> [(number: Int, channels: Int)] {
        guard let inner = stem.inner else { return [] }
        return ([first] + between.prefix(stem.between)).map { ($0.norm, inner) }
    }
}

/// The parameters of a block of a residual network.
struct ResidualBlock: Sendable {
    typealias Entry = ParameterLayout.Entry

    /// The convolution of a shortcut with a norm, and of one without.
    let shortcut: NormalizedLayer?
    let plainShortcut: Entry?
    let reduce: NormalizedLayer?
    let spatial: NormalizedLayer
    let project: NormalizedLayer

    init(_ block: CNNBlock, in layers: inout CNNParameters.Layers) {
        let name = "blocks.\(block.number)", isBasic = block.kind == .basic
        let isPlain = block.shortcut == .pooled(hasNorm: false)
        shortcut =
            block.shortcut == .pooled(hasNorm: true)
            ? layers.dense("\(name).shortcut", outputs: block.output, inputs: block.input) : nil
        plainShortcut = isPlain ? layers.plain("\(name).shortcut", outputs: block.output, inputs: block.input) : nil
        reduce =
            block.hasExpand ? layers.dense("\(name).reduce", outputs: block.middle, inputs: block.input) : nil
        spatial = layers.dense(
            "\(name).spatial", outputs: block.middle, inputs: isBasic ? block.input : block.middle,
            kernel: block.kernel)
        // Behind a shortcut that computes nothing, or may, a branch begins as nothing; a stage's first block begins as it is.
        project = layers.dense(
            "\(name).project", outputs: block.output, inputs: block.middle, kernel: isBasic ? block.kernel : 1,
            gain: block.position > 0 || block.hasShortcut ? 0 : 1)
    }

    /// Adds the leading parts that a block uses to lists of slices and of norms.
    func addSlices(
        of block: CNNBlock, to slices: inout [ParameterSlice], _ norms: inout [(number: Int, channels: Int)]
    ) {
        let taps = block.kernel * block.kernel, isBasic = block.kind == .basic
        if case .pooled = block.shortcut {
            shortcut?.addSlices(outputs: block.output, inputs: block.input, to: &slices)
            if let plainShortcut {
                slices.append(ParameterSlice(entry: plainShortcut, rows: block.output, columns: block.input))
            }
        }
        reduce?.addSlices(outputs: block.middle, inputs: block.input, to: &slices)
        spatial.addSlices(
            outputs: block.middle, inputs: isBasic ? block.input : block.middle, taps: taps, to: &slices)
        project.addSlices(outputs: block.output, inputs: block.middle, taps: isBasic ? taps : 1, to: &slices)
        norms += self.norms(of: block)
    }

    /// The norms of a block in the order of computing.
    func norms(of block: CNNBlock) -> [(number: Int, channels: Int)] {
        let numbers =
            (block.shortcut == .pooled(hasNorm: true) ? [shortcut?.norm] : []) + [reduce?.norm] + [spatial.norm]
            + [project.norm]
        return zip(numbers.compactMap(\.self), block.normChannels).map { ($0, $1) }
    }
}

extension CNNStem {
    /// The channels of its norms in the order of computing.
    var normChannels: [Int] { (inner.map { [Int](repeating: $0, count: 1 + between) } ?? []) + [width] }
}

extension CNNBlock {
    /// The channels of its norms in the order of computing.
    var normChannels: [Int] {
        (shortcut == .pooled(hasNorm: true) ? [output] : []) + (hasExpand ? [middle] : []) + [middle, output]
    }
}
