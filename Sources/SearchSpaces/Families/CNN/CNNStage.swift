internal import Documents

/// What a space file says of a stage: blocks of one width, of which the first has the stride.
public struct CNNStage: Sendable, Hashable {
    /// What its blocks are made of.
    public let block: CNNBlockKind
    /// Output channels of every block.
    public let width: [Int]
    /// Numbers of blocks.
    public let depth: [Int]
    /// Sides of a block's kernel in the middle.
    public let kernel: [Int]
    /// Middle channels of a block divided by its input channels, 1 alone leaves the expand layer out; in a bottleneck divided by
    /// its output channels.
    public let expand: [Double]
    /// Stride of the first block; the others have 1.
    public let stride: Int
    /// Whether blocks have squeeze and excite.
    public let squeezeExcite: Bool
    /// The activation within blocks.
    public let activation: CNNActivation
    /// Whether the first block has a shortcut, as the others have.
    public let firstShortcut: Bool
    /// The number of the first block among those of the largest network.
    public let firstBlock: Int
    /// Where its decisions stand; nil for what is fixed.
    package internal(set) var widthDecision: Int?
    package internal(set) var depthDecision: Int?
    private var kernelDecisions: [Int] = []
    private var expandDecisions: [Int] = []

    static let widths = 1...4096
    private static let mostStages = 32
    private static let depths = 1...32
    private static let mostExpansion = 16

    /// Blocks of the largest network.
    public var blockCount: Int { depth.last ?? 0 }

    /// The decision between kernels of a block; nil where they are fixed.
    package func kernelDecision(_ position: Int) -> Int? {
        kernelDecisions.isEmpty ? nil : kernelDecisions[position]
    }

    /// The decision between expansions of a block; nil where they are fixed.
    package func expandDecision(_ position: Int) -> Int? {
        expandDecisions.isEmpty ? nil : expandDecisions[position]
    }

    /// Kernel and expansion of a block, whose middle layer costs their product.
    var jointDecisions: [[Int]] { zip(kernelDecisions, expandDecisions).map { [$0, $1] } }

    /// Adds the decisions of every block that a network may have.
    mutating func addBlocks(to list: inout DecisionList) {
        for position in 0..<blockCount {
            let scope = Decision.Scope.block(firstBlock + position)
            let activity: Decision.Activity =
                depthDecision.map { .below(decision: $0, position: position) } ?? .always
            if let place = list.add("kernel", scope, kernel, activity) { kernelDecisions.append(place) }
            if let place = list.add("expand", scope, expand, activity) { expandDecisions.append(place) }
        }
    }

    /// A block of the stage, the stage counted from 0.
    func block(
        _ position: Int, of stage: Int, from input: Int, on map: CNNMap, to output: Int, kernel: Int, ratio: Double
    ) -> CNNBlock {
        let hasExpand = block == .bottleneck || expand != [1]
        let scaled = Double(block == .bottleneck ? output : input) * ratio
        let middle = hasExpand ? CNNFamily.divisible(Int(scaled.rounded(.toNearestOrEven))) : input
        let isFirst = position == 0, own = isFirst ? stride : 1
        let shortcut: CNNShortcut =
            !isFirst || firstShortcut ? .identity : block == .bottleneck ? .pooled : .none
        return CNNBlock(
            kind: block, stage: stage, position: position, number: firstBlock + position, input: input,
            middle: middle, output: output, kernel: kernel, stride: own, hasExpand: hasExpand,
            squeezed: squeezeExcite ? CNNFamily.divisible(middle / 4) : nil, activation: activation,
            shortcut: shortcut, inputMap: map, outputMap: map.divided(by: own))
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
        self.firstBlock = firstBlock
        block =
            section.word(
                "block", among: CNNBlockKind.allCases.map(\.rawValue), default: CNNBlockKind.inverted.rawValue,
                later: ["basic"]
            ).flatMap(CNNBlockKind.init) ?? .inverted
        width = section.wholeChoice("width", in: Self.widths)
        depth = section.wholeChoice("depth", in: Self.depths)
        kernel = section.kernelChoice("kernel")
        expand = section.ratioChoice("expand", atMost: Self.mostExpansion)
        if block == .inverted, let least = expand.first, least < 1 || (least == 1 && expand.count > 1) {
            section.report(
                "expected ratios above 1, or 1 alone, which leaves the expand layer out, found "
                    + ShortNumber.text(least), key: "expand")
        }
        stride = section.integer("stride", default: 1, in: 1...2)
        squeezeExcite = section.flag("squeezeExcite", default: false)
        activation = section.word("activation", default: .relu6, standIn: .relu6)
        firstShortcut = section.flag("firstShortcut", default: false)
        if block == .bottleneck {
            for (key, isThere) in [("squeezeExcite", squeezeExcite), ("firstShortcut", firstShortcut)] where isThere {
                section.report("expected false, since the blocks are bottlenecks, found true", key: key)
            }
        }
        section.finish()
    }

    var meaning: String {
        "stage \(width) \(depth) \(kernel) \(expand.map(ShortNumber.text)) \(stride) \(squeezeExcite) "
            + "\(activation.rawValue) \(firstShortcut)" + (block == .inverted ? "" : " \(block.rawValue)")
    }

    /// The stage as a mapping on one line; no word in it needs quotes.
    var yaml: String {
        func list(_ numbers: [some CustomStringConvertible]) -> String {
            "[\(numbers.map(\.description).joined(separator: ", "))]"
        }
        return "{block: \(block.rawValue), width: \(list(width)), depth: \(list(depth)), kernel: \(list(kernel)), "
            + "expand: \(list(expand.map(ShortNumber.text))), stride: \(stride), squeezeExcite: \(squeezeExcite), "
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
