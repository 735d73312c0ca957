internal import SearchSpaces
public import Tensors

/// The masks of an elastic convolutional network: which channels of the maps, units within blocks, rings of kernels and blocks
/// are there.
///
/// All are laid on parameters, none on maps: a channel is read by convolutions over all channels alone, and they read it through
/// a column of their weights; a smaller kernel has zeros for its outer rings; what a block adds to its input is scaled by the
/// gain and the offset of its last norm. So a norm sees its own channel's moments, whatever is masked, and nothing is masked
/// before one.
///
///     expand W diag(mask of the map),   depthwise diag(mask of taps) W,   squeeze and project W diag(mask of the middle),
///     excite W diag(mask of the squeezed),   x + norm(project z; gate gain, gate offset)
///
/// Source: Zhang et al., "ShiftNAS: Improving One-shot NAS via Probability Shift" (ICCV 2023), Eq. 9.
struct CNNMasks: Sendable {
    typealias Entry = ParameterLayout.Entry

    /// A parameter, and the mask that is laid on it.
    struct Site: Sendable {
        let parameter: Entry
        let mask: Entry
        let axis: MaskAxis
    }

    /// The channels of a map: options, the decision between them, nil where there is one, and their mask.
    private typealias Channels = (options: [Int], decision: Int?, mask: Entry?)

    /// Sizes by expansion and input channels: sizes[expansion][channels]; the blocks of a stage share them.
    private typealias Sizes = [[Int]]

    private(set) var plan = MaskPlan()
    private(set) var sites: [Site] = []

    /// - Parameter parameters: Those of the largest network of the space.
    init(_ family: CNNFamily, _ parameters: CNNParameters) {
        let stem = family.stem.width, place = family.places.stem
        var channels: Channels = (stem, place, mask("stem", of: place, stem))
        for (number, stage) in family.stages.enumerated() {
            let width = stage.widthDecision, own = mask("stages.\(number)", of: width, stage.width)
            var sizes = Self.sizes(of: stage, from: channels.options)
            for position in 0..<stage.blockCount {
                guard let block = parameters.blocks[stage.firstBlock + position] else { continue }
                let name = "blocks.\(stage.firstBlock + position)"
                let expansion = stage.expandDecision(position)
                var middle = channels.mask
                if let expand = block.expand {
                    lay(channels.mask, on: expand.weight)
                    middle = mask("\(name).middle", Self.units(channels.decision, expansion, sizes.middle))
                }
                lay(
                    mask("\(name).taps", of: stage.kernelDecision(position), stage.kernel.map { $0 * $0 }),
                    on: block.depthwise.weight, .rows)
                if let squeeze = block.squeeze, let excite = block.excite {
                    lay(middle, on: squeeze.weight)
                    let units = Self.units(channels.decision, expansion, sizes.squeezed)
                    lay(mask("\(name).squeezed", units), on: excite.weight)
                }
                lay(middle, on: block.project.weight)
                // The first blocks are always there, and those without a shortcut are among them.
                if let least = stage.depth.first, position >= least {
                    let gate = mask(
                        "\(name).gate", of: stage.depthDecision, stage.depth.map { $0 > position ? 1 : 0 })
                    lay(gate, on: block.project.gain)
                    lay(gate, on: block.project.offset)
                }
                if position == 0 {
                    channels = (stage.width, width, own)
                    sizes = Self.sizes(of: stage, from: stage.width)
                }
            }
        }
        var stream = channels.mask
        if let head = parameters.head {
            lay(stream, on: head.weight)
            stream = mask("head", of: family.places.head, family.head.width)
        }
        lay(stream, on: parameters.mix ?? parameters.classifier.weight)
    }

    /// A mask of units that options of a decision reach, the last all of them; none where there is nothing to decide.
    private mutating func mask(_ name: String, of decision: Int?, _ counts: [Int]) -> Entry? {
        mask(name, decision.map { .of(decision: $0, counts: counts) })
    }

    private mutating func mask(_ name: String, _ units: MaskPlan.Units?) -> Entry? {
        guard let units else { return nil }
        let most =
            switch units {
            case .of(_, let counts): counts.max()
            case .ofProduct(_, _, let counts): counts.joined().max()
            }
        return plan.add(name, count: most ?? 0, units)
    }

    private mutating func lay(_ mask: Entry?, on parameter: Entry, _ axis: MaskAxis = .columns) {
        if let mask { sites.append(Site(parameter: parameter, mask: mask, axis: axis)) }
    }

    /// The sizes within a stage's blocks that read so many channels, without squeeze and excite or expand as if they were there.
    private static func sizes(of stage: CNNStage, from channels: [Int]) -> (middle: Sizes, squeezed: Sizes) {
        let middle = stage.expand.map { ratio in channels.map { stage.expanded($0, by: ratio) } }
        let squeezed = middle.map { sizes in
            zip(channels, sizes).map { stage.squeezeBy.units(input: $0, middle: $1) }
        }
        return (middle, squeezed)
    }

    /// How many units the options of two decisions have, of one where the other is none; nil where both are.
    private static func units(_ first: Int?, _ second: Int?, _ sizes: Sizes) -> MaskPlan.Units? {
        switch (first, second) {
        case (nil, nil): nil
        case (let first?, let second?): .ofProduct(first: first, second: second, counts: sizes)
        case (let first?, nil): .of(decision: first, counts: sizes.last ?? [])
        case (nil, let second?): .of(decision: second, counts: sizes.map { $0.last ?? 0 })
        }
    }
}

extension CNNSupernet: MaskableSupernet {
    /// The masks of the network's units; none of the network of one architecture.
    public var masks: MaskPlan { maskSites?.plan ?? MaskPlan() }

    /// Logits of a batch of images under masks, at full width; see ``MaskableSupernet``.
    public func forward(
        _ images: MatrixView, masked masks: ParameterStore, with store: ParameterStore, on tape: Tape
    ) -> Variable {
        var store = store
        for site in maskSites?.sites ?? [] {
            store.replace(
                site.parameter,
                with: tape.mask(store.slice(site.parameter), by: masks.slice(site.mask), along: site.axis))
        }
        return forward(images, as: largest, with: store, on: tape)
    }
}
