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

    /// Options and the decision between them; nil where there is one.
    private typealias Choice<Value> = (options: [Value], decision: Int?)

    private(set) var plan = MaskPlan()
    private(set) var sites: [Site] = []

    /// - Parameter parameters: Those of the largest network of the space.
    init(_ family: CNNFamily, _ parameters: CNNParameters) {
        var channels: Choice<Int> = (family.stem.width, family.places.stem)
        var stream = mask("stem", of: channels.decision, channels.options)
        for (number, stage) in family.stages.enumerated() {
            let width: Choice<Int> = (stage.width, stage.widthDecision)
            let own = mask("stages.\(number)", of: width.decision, width.options)
            for position in 0..<stage.blockCount {
                guard let block = parameters.blocks[stage.firstBlock + position] else { continue }
                let name = "blocks.\(stage.firstBlock + position)"
                /// A size of the block by its input channels and its expansion.
                func units(_ size: (CNNBlock) -> Int) -> MaskPlan.Units? {
                    Self.units(channels, (stage.expand, stage.expandDecision(position))) { input, ratio in
                        size(
                            stage.block(
                                position, of: number, from: input, on: .one, to: input, kernel: 3, ratio: ratio))
                    }
                }
                var middle = stream
                if let expand = block.expand {
                    lay(stream, on: expand.weight)
                    middle = mask("\(name).middle", units { $0.middle })
                }
                let taps = stage.kernel.map { $0 * $0 }
                lay(mask("\(name).taps", of: stage.kernelDecision(position), taps), on: block.depthwise.weight, .rows)
                if let squeeze = block.squeeze, let excite = block.excite {
                    lay(middle, on: squeeze.weight)
                    lay(mask("\(name).squeezed", units { $0.squeezed ?? 0 }), on: excite.weight)
                }
                lay(middle, on: block.project.weight)
                // The first blocks are always there, and those without a shortcut are among them.
                if let least = stage.depth.first, position >= least {
                    let gate = mask(
                        "\(name).gate", of: stage.depthDecision, stage.depth.map { $0 > position ? 1 : 0 })
                    lay(gate, on: block.project.gain)
                    lay(gate, on: block.project.offset)
                }
                (channels, stream) = (width, own)
            }
        }
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

    /// How many units a size of two choices has for the options of those that are open; nil where neither is.
    private static func units<Second>(
        _ first: Choice<Int>, _ second: Choice<Second>, _ size: (Int, Second) -> Int
    ) -> MaskPlan.Units? {
        guard let last = first.options.last, let other = second.options.last else { return nil }
        return switch (first.decision, second.decision) {
        case (nil, nil): nil
        case (let decision?, nil): .of(decision: decision, counts: first.options.map { size($0, other) })
        case (nil, let decision?): .of(decision: decision, counts: second.options.map { size(last, $0) })
        case (let decision?, let another?):
            .ofProduct(
                first: decision, second: another,
                counts: second.options.map { option in first.options.map { size($0, option) } })
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
