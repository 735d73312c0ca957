public import SearchSpaces
public import Tensors

/// An elastic convolutional network of inverted bottlenecks or of the blocks of residual networks, with weight entanglement: a
/// subnet has the leading channels of every weight and the centre of every kernel.
///
/// The architecture is an argument of `forward`, never state of a layer. In `forward` a norm takes the moments of the batch that
/// it gets, a shard of a training batch; in `evaluate` it takes the statistics among the parameters.
///
/// Source: Cai et al., "Once-for-All: Train One Network and Specialize it for Efficient Deployment" (ICLR 2020), section 3;
/// Yu et al., "BigNAS" (ECCV 2020), section 3.
public struct CNNSupernet: Supernet {
    /// The space whose genomes the network takes.
    public let space: SearchSpace
    /// The largest genome that there are parameters for.
    public let largest: Genome
    let family: CNNFamily
    let parameters: CNNParameters
    private let resolution: CNNResolution
    /// Whether it stands for the memory that any genome takes; see ``memoryBound``.
    private var isBound = false
    private let isWhole: Bool
    /// The masks of a space's whole network, where it computes under them.
    let maskSites: CNNMasks?
    /// How weights of pointwise convolutions are merged from experts; nil for plain sharing and for one architecture alone.
    public let mixture: Mixture?

    /// Creates the network of a space; it owns no memory.
    ///
    /// - Parameters:
    ///   - family: The family of the space.
    ///   - genome: The one architecture that the parameters are for; without it they are the supernet's.
    init(_ family: CNNFamily, space: SearchSpace, only genome: Genome? = nil) {
        self.space = space
        self.family = family
        largest = genome ?? space.largest
        isWhole = genome == nil
        resolution = CNNResolution(family, only: genome.map { family.architecture(of: $0).input })
        parameters = CNNParameters(
            genome.map { family.architecture(of: $0) } ?? family.widestArchitecture(of: space.largest),
            transformed: genome == nil && family.hasKernelTransforms ? family.stages.map(\.kernel) : [])
        maskSites = genome == nil && CNNSupport.unmasked(in: family).isEmpty ? CNNMasks(family, parameters) : nil
        mixture =
            genome == nil && space.mixture.isMixed
            ? Mixture(space, plain: parameters.layout, blocks: parameters.mixableLayers) : nil
    }

    /// The network with a convolution in every shortcut that may have one, and every kernel transformed: largest networks have fewer
    /// of these than others.
    public var memoryBound: any Supernet {
        var bound = self
        bound.isBound = isWhole
        return bound
    }

    /// The network of a genome.
    func network(of genome: Genome) -> CNNArchitecture {
        isBound ? family.widestArchitecture(of: genome) : family.architecture(of: genome)
    }

    /// Where the parameters lie in a flat buffer.
    public var layout: ParameterLayout { parameters.layout }

    /// Weights alone: decay would starve gains that begin at 0, and balances the rate of what stands before a norm.
    public func isDecayed(_ role: ParameterLayout.Role) -> Bool { role == .weight }

    /// The sizes of a genome, as a loader needs them; see ``CNNFamily/sizes(of:)``.
    public func sizes(of genome: Genome) -> [String: ModelDescription.Sizes] {
        family.sizes(of: family.architecture(of: genome))
    }

    /// The largest genome's network without norms.
    public var folded: any Supernet { FoldedCNN(family, space: space, of: largest) }

    /// What the largest genome computes with its norms folded; see ``Supernet/inference``.
    public var inference: InferenceGraph? { folded.inference }

    /// Folds the norms; see ``CalibratedSupernet``.
    public func fold(_ values: FloatBuffer, into folded: FloatBuffer, on backend: any Backend) {
        FoldedCNN(family, space: space, of: largest).fold(values, of: parameters, into: folded, on: backend)
    }

    /// The leading parts of the parameters that a genome uses, in layout order.
    public func slices(of genome: Genome) -> [ParameterSlice] {
        parameters.slices(of: network(of: genome))
    }

    /// Without transforms of kernels.
    public func networkSlices(of genome: Genome) -> [ParameterSlice] {
        parameters.slices(of: network(of: genome), isAlone: true)
    }

    /// Writes transformed kernels; see ``Supernet``.
    public func resolve(
        _ genome: Genome, from values: FloatBuffer, into weights: FloatBuffer, on backend: any Backend
    ) {
        guard family.hasKernelTransforms else { return }
        let alone = CNNParameters(network(of: genome))
        for block in network(of: genome).blocks {
            guard let own = parameters.blocks[block.number], let target = alone.blocks[block.number] else { continue }
            let stored = own.depthwise.weight.view(of: values)
            own.transforms?.write(
                block.kernel, of: stored.leading(rows: stored.rows, columns: block.middle), values: values,
                to: target.depthwise.weight.view(of: weights), on: backend)
        }
    }

    /// Logits of a batch of images under a genome; see ``Supernet``.
    ///
    /// Shapes: images (batch, height * width * channels) as NHWC, result (batch, classes).
    public func forward(
        _ images: MatrixView, as genome: Genome, with store: ParameterStore, on tape: Tape
    ) -> Variable {
        let network = network(of: genome)
        var pass = CNNPass(store: store, tape: tape, epsilon: family.epsilon, source: .batch)
        var map = read(images, network, &pass)
        for block in network.blocks { map = transform(map, block, &pass) }
        return classify(condense(map, network, &pass), network, pass)
    }

    // MARK: Parts

    /// The stem's map. A convolution of the few channels of an image is the product of its windows.
    func read(_ images: MatrixView, _ network: CNNArchitecture, _ pass: inout CNNPass) -> Variable {
        let stem = network.stem, input = network.input
        let windows = pass.tape.windows(
            of: resolution(images, to: input, on: pass.tape, isBound: isBound),
            MapWindow(height: input.height, width: input.width, kernel: stem.kernel, step: stem.stride))
        let layer = parameters.stem, map: Variable
        if stem.inner != nil {
            map = dense(
                readDeep(windows, stem, &pass), layer, outputs: stem.width, stem.window, stem.activation, &pass)
        } else {
            let weight = pass.store.slice(layer.weight, rows: stem.width)
            map = norm(layer, channels: stem.width, stem.activation, &pass) {
                $0.linear(windows, weight: weight, bias: nil, tallying: $1)
            }
        }
        return stem.hasPool ? pass.tape.maxPool(map, stem.poolWindow) : map
    }

    /// A block, an inverted bottleneck where it is none of a residual network.
    func transform(_ x: Variable, _ block: CNNBlock, _ pass: inout CNNPass) -> Variable {
        if block.kind.isResidual { return transformResidual(x, block, &pass) }
        guard let own = parameters.blocks[block.number] else { preconditionFailure("every block has parameters") }
        let tape = pass.tape, store = pass.store
        var y = x
        if let expand = own.expand { y = pointwise(y, expand, outputs: block.middle, block.activation, &pass) }
        let window = block.window
        let weight = kernel(of: own, block, pass)
        y = norm(own.depthwise, channels: block.middle, block.activation, &pass) { [y] in
            $0.depthwise(y, weight: weight, window, tallying: $1)
        }
        if let squeeze = own.squeeze, let excite = own.excite, let squeezed = block.squeezed {
            let means = tape.meanToken(y, tokens: window.outPixels)
            let inner = squeeze(means, outputs: squeezed, store, on: tape, activation: .relu)
            y = tape.gateMaps(y, by: excite(inner, outputs: block.middle, store, on: tape))
        }
        return pointwise(y, own.project, outputs: block.output, nil, &pass, shortcut: block.hasShortcut ? x : nil)
    }

    /// The weight of a depthwise convolution.
    private func kernel(of own: CNNParameters.Block, _ block: CNNBlock, _ pass: CNNPass) -> Parameter {
        let stored = pass.store.slice(own.depthwise.weight, columns: block.middle)
        guard let transforms = own.transforms else {
            return stored.leading(rows: block.kernel * block.kernel, columns: block.middle)
        }
        if isBound { transforms.takeMemory(of: stored, pass.store, on: pass.tape) }
        return transforms.kernel(block.kernel, of: stored, pass.store, on: pass.tape)
    }

    /// What the head makes of the last map: a row an image.
    func condense(_ map: Variable, _ network: CNNArchitecture, _ pass: inout CNNPass) -> Variable {
        var map = map
        if let head = parameters.head, let width = network.head.width {
            map = pointwise(map, head, outputs: width, network.head.activation, &pass)
        }
        return pass.tape.meanToken(map, tokens: network.lastMap.places)
    }

    /// Logits: one row an image.
    func classify(_ row: Variable, _ network: CNNArchitecture, _ pass: CNNPass) -> Variable {
        var row = row
        if let mix = parameters.mix {
            let weight = pass.store.slice(mix, columns: row.value.columns)
            row = pass.tape.activate(
                pass.tape.linear(row, weight: weight, bias: nil), by: network.head.activation.mapActivation)
        }
        return parameters.classifier(row, outputs: network.classes, pass.store, on: pass.tape)
    }

    /// A pointwise convolution with its norm.
    func pointwise(
        _ x: Variable, _ layer: NormalizedLayer, outputs: Int, _ activation: CNNActivation?, _ pass: inout CNNPass,
        shortcut: Variable? = nil
    ) -> Variable {
        let weight = pass.store.slice(layer.weight, rows: outputs, columns: x.value.columns)
        return norm(layer, channels: outputs, activation, &pass, shortcut: shortcut) {
            $0.linear(x, weight: weight, bias: nil, tallying: $1)
        }
    }

    /// The norm of what a layer computes, which takes the moments as it goes where they are wanted.
    func norm(
        _ layer: NormalizedLayer, channels: Int, _ activation: CNNActivation?, _ pass: inout CNNPass,
        shortcut: Variable? = nil, _ compute: (Tape, Moments?) -> Variable
    ) -> Variable {
        let statistics = pass.statistics(of: parameters.statistics[layer.norm], channels: channels)
        // Also where none are taken, so that a pass needs the same memory.
        let moments = pass.tape.moments(columns: channels)
        var isTaken = true
        if case .fixed = statistics { isTaken = false }
        let z = compute(pass.tape, isTaken ? moments : nil)
        return pass.tape.channelNorm(
            z, gain: pass.store.slice(layer.gain, columns: channels),
            offset: pass.store.slice(layer.offset, columns: channels), activation: activation?.mapActivation ?? .none,
            shortcut: shortcut, epsilon: pass.epsilon, statistics: statistics, moments: moments)
    }
}

/// What a pass computes with.
struct CNNPass {
    /// Where norms take their statistics from.
    enum Source {
        /// The batch.
        case batch
        /// The parameters.
        case parameters
        /// A row of values, in the order of computing from a place on.
        case row(MatrixView)
        /// The batch; the moments are written in the order of computing.
        case measured(UnsafeMutableBufferPointer<Double>)
    }

    let store: ParameterStore
    let tape: Tape
    let epsilon: Double
    let source: Source
    /// The place of the next norm's values.
    var place = 0

    /// The statistics of the next norm.
    mutating func statistics(
        of stored: (mean: ParameterLayout.Entry, variance: ParameterLayout.Entry), channels: Int
    ) -> NormStatistics {
        let means = place..<place + channels, variances = place + channels..<place + 2 * channels
        place += 2 * channels
        switch source {
        case .batch: return .own
        case .parameters:
            return .fixed(
                mean: store.slice(stored.mean, columns: channels).value,
                variance: store.slice(stored.variance, columns: channels).value)
        case .row(let row):
            return .fixed(
                mean: row.block(row: 0, column: means.lowerBound, rows: 1, columns: channels),
                variance: row.block(row: 0, column: variances.lowerBound, rows: 1, columns: channels))
        case .measured(let values):
            return .told { [tape] moments, rows in
                tape.backend.download(
                    moments, rows: rows, means: UnsafeMutableBufferPointer(rebasing: values[means]),
                    variances: UnsafeMutableBufferPointer(rebasing: values[variances]))
            }
        }
    }
}

extension CNNActivation {
    var mapActivation: MapActivation {
        switch self {
        case .relu: .relu
        case .relu6: .relu6
        case .hswish: .hardSwish
        case .swish: .swish
        }
    }
}
