internal import Documents

/// What a space file says of a stage: blocks of one width, of which the first has the stride.
public struct CNNStage: Sendable, Hashable {
    /// What its blocks are made of.
    public let block: CNNBlockKind
    /// Output channels of every block.
    public let width: [Int]
    /// Whether each block has a width of its own among these, and not the stage one.
    public let hasOwnWidths: Bool
    /// Channels between the convolutions of basic blocks; those of the output where the list is empty.
    public let middle: [Int]
    /// Numbers of blocks.
    public let depth: [Int]
    /// Sides of a block's kernel in the middle.
    public let kernel: [Int]
    /// Middle channels of a block divided by its input channels, 1 alone leaves the expand layer out; in a bottleneck divided by
    /// its output channels; none in a basic block.
    public let expand: [Double]
    /// Stride of the first block; the others have 1.
    public let stride: Int
    /// Whether blocks have squeeze and excite.
    public let squeezeExcite: Bool
    /// What its units are a quarter of.
    public let squeezeBy: SqueezeBase
    /// The activation within blocks.
    public let activation: CNNActivation
    /// Whether the first block has a shortcut, as the others have.
    public let firstShortcut: Bool
    /// Whether the convolution in a basic block's shortcut with a stride has a norm.
    public let hasShortcutNorm: Bool
    /// The number of the first block among those of the largest network.
    public let firstBlock: Int
    /// Where its decisions stand; nil for what is fixed.
    package internal(set) var widthDecision: Int?
    package internal(set) var depthDecision: Int?
    private var widthDecisions: [Int] = []
    private var middleDecisions: [Int] = []
    private var kernelDecisions: [Int] = []
    private var expandDecisions: [Int] = []

    static let widths = 1...4096
    private static let mostStages = 32
    private static let depths = 1...32
    private static let mostExpansion = 16

    /// Blocks of the largest network.
    public var blockCount: Int { depth.last ?? 0 }

    /// The decision between widths of a block, which may be that of the stage; nil where they are fixed.
    package func widthDecision(_ position: Int) -> Int? {
        widthDecisions.isEmpty ? widthDecision : widthDecisions[position]
    }

    /// The decision between channels in the middle of a basic block; nil where they are fixed.
    package func middleDecision(_ position: Int) -> Int? {
        middleDecisions.isEmpty ? nil : middleDecisions[position]
    }

    /// The decision between kernels of a block; nil where they are fixed.
    package func kernelDecision(_ position: Int) -> Int? {
        kernelDecisions.isEmpty ? nil : kernelDecisions[position]
    }

    /// The decision between expansions of a block; nil where they are fixed.
    package func expandDecision(_ position: Int) -> Int? {
        expandDecisions.isEmpty ? nil : expandDecisions[position]
    }

    /// Kernel and expansion of a block, or the channels in its middle: layers cost their product.
    var jointDecisions: [[Int]] {
        zip(kernelDecisions, block == .basic ? middleDecisions : expandDecisions).map { [$0, $1].sorted() }
    }

    /// Adds the decisions of every block that a network may have.
    mutating func addBlocks(to list: inout DecisionList) {
        for position in 0..<blockCount {
            let scope = Decision.Scope.block(firstBlock + position)
            let activity: Decision.Activity =
                depthDecision.map { .below(decision: $0, position: position) } ?? .always
            if hasOwnWidths, let place = list.add("blockWidth", scope, width, activity) { widthDecisions.append(place) }
            if let place = list.add("middle", scope, middle, activity) { middleDecisions.append(place) }
            if let place = list.add("kernel", scope, kernel, activity) { kernelDecisions.append(place) }
            if let place = list.add("expand", scope, expand, activity) { expandDecisions.append(place) }
        }
    }

    /// A block of the stage.
    ///
    /// - Parameters:
    ///   - stage: Counted from 0.
    ///   - middle: Channels in the middle of a basic block; nil for those of the output.
    ///   - changesWidth: Whether a basic block's shortcut of stride 1 has a convolution; nil where that is as the widths have it.
    func block(
        _ position: Int, of stage: Int, from input: Int, on map: CNNMap, to output: Int, kernel: Int, ratio: Double,
        middle own: Int?, changesWidth: Bool? = nil
    ) -> CNNBlock {
        let isFirst = position == 0, step = isFirst ? stride : 1
        let hasExpand = block == .bottleneck || (block == .inverted && expand != [1])
        let shortcut: CNNShortcut, middle: Int
        switch block {
        case .basic:
            middle = own ?? output
            shortcut =
                step > 1
                ? .pooled(hasNorm: hasShortcutNorm)
                : changesWidth ?? (input != output) ? .pooled(hasNorm: true) : .identity
        case .bottleneck:
            middle = Self.middle(output, ratio)
            shortcut = isFirst ? .pooled(hasNorm: true) : .identity
        case .inverted:
            middle = expanded(input, by: ratio)
            shortcut = !isFirst || firstShortcut ? .identity : .none
        }
        return CNNBlock(
            kind: block, stage: stage, position: position, number: firstBlock + position, input: input,
            middle: middle, output: output, kernel: kernel, stride: step, hasExpand: hasExpand,
            squeezed: squeezeExcite ? squeezeBy.units(input: input, middle: middle) : nil, activation: activation,
            shortcut: shortcut, inputMap: map, outputMap: map.divided(by: step))
    }

    /// The channels in the middle of an inverted bottleneck; those of the input where the stage has no expansion.
    package func expanded(_ input: Int, by ratio: Double) -> Int {
        expand == [1] ? input : Self.middle(input, ratio)
    }

    private static func middle(_ width: Int, _ ratio: Double) -> Int {
        CNNFamily.divisible(Int((Double(width) * ratio).rounded(.toNearestOrEven)))
    }

    // MARK: Files

    /// Reads the list of stages.
    static func read(_ root: SectionReader, following stem: [Int]) -> [CNNStage] {
        var stages: [CNNStage] = [], channels = stem, firstBlock = 0
        let items = root.list(
            "stages", isRequired: true, expected: "a list of stages", least: "at least one stage", most: mostStages)
        for (index, item) in items.enumerated() {
            let section = SectionReader(
                item, path: "\(root.path("stages"))[\(index)]", at: item.position, collector: root.collector)
            let stage = CNNStage(section, firstBlock: firstBlock)
            if stage.firstShortcut, stage.stride != 1 || channels.count != 1 || channels != stage.width {
                section.report(
                    "expected a first shortcut only where the stride is 1 and the width is fixed at that of what comes "
                        + "before", key: "firstShortcut")
            }
            stages.append(stage)
            channels = stage.width
            firstBlock += stage.blockCount
        }
        return stages
    }

    private init(_ section: SectionReader, firstBlock: Int) {
        section.describe([
            "block": "what its blocks are made of",
            "width": "output channels of its blocks; a choice of the stage",
            "depth": "numbers of blocks; a choice of the stage",
            "kernel": "sides of the kernel in the middle, 3, 5 or 7; a choice for each block",
            "expand":
                "middle channels divided by input channels of the block, of a bottleneck by output channels; 1 alone leaves the layer out; a choice for each block",
            "middle":
                "channels between the convolutions of basic blocks; without it those of the output; a choice for each block",
            "ownWidths": "whether every block has a width of its own",
            "shortcutNorm": "whether the convolution of a shortcut at a stride has a norm",
            "stride": "stride of the first block; the others have 1",
            "squeezeExcite": "whether blocks have squeeze and excite",
            "squeezeBy": "what the units of squeeze and excite are a quarter of: middle or input channels",
            "activation": "the activation within blocks",
            "firstShortcut":
                "whether the first block has a shortcut, as the others have; only where stride is 1 and width is fixed and that before it",
        ])
        self.firstBlock = firstBlock
        block =
            section.word(
                "block", among: CNNBlockKind.allCases.map(\.rawValue), default: CNNBlockKind.inverted.rawValue
            ).flatMap(CNNBlockKind.init) ?? .inverted
        width = section.wholeChoice("width", in: Self.widths)
        depth = section.wholeChoice("depth", in: Self.depths)
        kernel = section.kernelChoice("kernel")
        let isBasic = block == .basic
        expand = isBasic ? [] : section.ratioChoice("expand", atMost: Self.mostExpansion)
        middle = isBasic ? section.wholeChoice("middle", default: [], in: Self.widths) : []
        hasOwnWidths = isBasic && section.flag("ownWidths", default: false)
        hasShortcutNorm = isBasic ? section.flag("shortcutNorm", default: true) : true
        if block == .inverted, let least = expand.first, least < 1 || (least == 1 && expand.count > 1) {
            section.report(
                "expected ratios above 1, or 1 alone, which leaves the expand layer out, found "
                    + ShortNumber.text(least), key: "expand")
        }
        stride = section.integer("stride", default: 1, in: 1...2)
        squeezeExcite = section.flag("squeezeExcite", default: false)
        squeezeBy = section.word("squeezeBy", default: .middle, standIn: .middle)
        if squeezeBy != .middle, !squeezeExcite {
            section.report("expected squeezeExcite beside squeezeBy, found none", key: "squeezeBy")
        }
        activation = section.word("activation", default: .relu6, standIn: .relu6)
        firstShortcut = section.flag("firstShortcut", default: false)
        if block.isResidual {
            for (key, isThere) in [("squeezeExcite", squeezeExcite), ("firstShortcut", firstShortcut)] where isThere {
                section.report("expected false, since the blocks are of kind \(block.rawValue), found true", key: key)
            }
        }
        section.finish()
    }

    var meaning: String {
        "stage \(width) \(depth) \(kernel) \(expand.map(ShortNumber.text)) \(stride) \(squeezeExcite) "
            + "\(activation.rawValue) \(firstShortcut)" + (block == .inverted ? "" : " \(block.rawValue)")
            + (squeezeBy == .middle ? "" : " \(squeezeBy.rawValue)")
            + (block == .basic ? " \(middle) \(hasOwnWidths) \(hasShortcutNorm)" : "")
    }

    /// The stage as a mapping on one line; no word in it needs quotes.
    var yaml: String {
        func list(_ numbers: [some CustomStringConvertible]) -> String {
            "[\(numbers.map(\.description).joined(separator: ", "))]"
        }
        let own =
            block == .basic
            ? (middle.isEmpty ? "" : "middle: \(list(middle)), ")
                + "ownWidths: \(hasOwnWidths), shortcutNorm: \(hasShortcutNorm)"
            : "expand: \(list(expand.map(ShortNumber.text)))"
        return "{block: \(block.rawValue), width: \(list(width)), depth: \(list(depth)), kernel: \(list(kernel)), "
            + "\(own), stride: \(stride), squeezeExcite: \(squeezeExcite), "
            + (squeezeBy == .middle ? "" : "squeezeBy: \(squeezeBy.rawValue), ")
            + "activation: \(activation.rawValue), firstShortcut: \(firstShortcut)}"
    }
}

extension SectionReader {
    /// The sides of a kernel.
    func kernelChoice(_ key: String, default fallback: [Int]? = nil) -> [Int] {
        let kernels = wholeChoice(key, default: fallback, in: 3...7)
        if let even = kernels.first(where: { $0.isMultiple(of: 2) }) {
            report("expected kernels of 3, 5 or 7, found \(even)", key: key)
        }
        return kernels
    }
}
