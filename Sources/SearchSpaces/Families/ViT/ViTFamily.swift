package import Documents

/// Vision transformers with elastic width, depth, heads and feed-forward ratio.
///
/// Genomes list the choices in the order embed, depth and then, for each block up to the greatest depth, heads and
/// mlpRatio.
///
/// Source: Chen et al., "AutoFormer: Searching Transformers for Visual Recognition" (ICCV 2021), section 3.
public struct ViTFamily: ArchitectureFamily, Hashable {
    package static let name = "vit"
    package static let costs: [Metric] = [.params, .multiplyAdds, .activationBytes]
    package static let isMixable = true
    package static var importers: [any SpaceImporter.Type] { [AutoFormerImporter.self] }

    /// Height, width and channels of an image.
    public let image: (height: Int, width: Int, channels: Int)
    /// Side of a square patch in pixels; divides height and width.
    public let patch: Int
    /// Classes to tell apart.
    public let classes: Int
    /// Width of one attention head.
    public let headWidth: Int
    /// Widths of the token vectors, one for the network.
    public let embed: [Int]
    /// Numbers of blocks, one for the network.
    public let depth: [Int]
    /// Numbers of attention heads, one for each block.
    public let heads: [Int]
    /// Hidden width of the feed-forward part divided by `embed`, one for each block.
    public let mlpRatio: [Double]

    package init(_ root: SectionReader) {
        root.describe([
            "input": "what an example is; must be the images and classes of the run's data",
            "input.height": "height of an image in pixels",
            "input.width": "width of an image in pixels",
            "input.channels": "channels of an image, 1 for grey and 3 for colour",
            "input.classes": "classes to tell apart",
            "input.patch": "side of a square patch in pixels; divides height and width",
            "headWidth": "width of one attention head",
            "choices": "what the search may choose; options are ascending",
            "choices.embed": "widths of the token vectors, one for the network",
            "choices.depth": "numbers of blocks, one for the network",
            "choices.heads": "numbers of attention heads, one for each block",
            "choices.mlpRatio":
                "hidden width of the feed-forward part divided by embed, one for each block; the product is whole",
        ])
        let input = root.section("input", isRequired: true)
        let faultsBefore = input.collector.count
        // The upper bounds keep the cost of the largest network of any space within Int.
        image = (
            input.integer("height", in: 1...1024), input.integer("width", in: 1...1024),
            input.integer("channels", in: 1...256)
        )
        patch = input.integer("patch", in: 1...1024)
        classes = input.integer("classes", in: DataLimits.classes)
        if input.collector.count == faultsBefore {
            for (key, side) in [("height", image.height), ("width", image.width)] where side % patch != 0 {
                input.report("expected a multiple of patch \(patch), found '\(side)'", key: key)
            }
        }
        input.finish()
        headWidth = root.integer("headWidth", in: 1...512)
        let choices = root.section("choices", isRequired: true)
        let choiceFaults = choices.collector.count
        embed = choices.wholeOptions("embed", in: 1...16384)
        depth = choices.wholeOptions("depth", in: 1...64)
        heads = choices.wholeOptions("heads", in: 1...64)
        mlpRatio = choices.ratioOptions("mlpRatio", atMost: 16)
        if choices.collector.count == choiceFaults {
            choices.checkProducts(of: embed, "embed", with: mlpRatio, "mlpRatio")
        }
        choices.finish()
    }

    package var signature: ExampleSignature {
        ExampleSignature(
            input: .image(height: image.height, width: image.width, channels: image.channels),
            output: .classes(classes))
    }

    package var decisions: [Decision] {
        var decisions = [
            Decision(name: "embed", scope: .network, options: embed.map(Double.init)),
            Decision(name: "depth", scope: .network, options: depth.map(Double.init)),
        ]
        for block in 0..<(depth.last ?? 0) {
            let activity = Decision.Activity.below(decision: Self.depthDecision, position: block)
            decisions.append(
                Decision(name: "heads", scope: .block(block), activity: activity, options: heads.map(Double.init)))
            decisions.append(Decision(name: "mlpRatio", scope: .block(block), activity: activity, options: mlpRatio))
        }
        return decisions
    }

    package var meaning: String {
        """
        input \(image.height) \(image.width) \(image.channels) \(patch) \(classes)
        headWidth \(headWidth)
        embed \(embed)
        depth \(depth)
        heads \(heads)
        mlpRatio \(mlpRatio.map(ShortNumber.text))
        """
    }

    package func resolve(into resolved: inout ResolvedEntries) {
        resolved.add("input.height", image.height)
        resolved.add("input.width", image.width)
        resolved.add("input.channels", image.channels)
        resolved.add("input.patch", patch)
        resolved.add("input.classes", classes)
        resolved.add("headWidth", headWidth)
        resolved.add("choices.embed", list: embed)
        resolved.add("choices.depth", list: depth)
        resolved.add("choices.heads", list: heads)
        resolved.add("choices.mlpRatio", list: mlpRatio)
    }

    public static func == (left: ViTFamily, right: ViTFamily) -> Bool { left.meaning == right.meaning }

    public func hash(into hasher: inout Hasher) { hasher.combine(meaning) }

    // MARK: Genomes

    package static let embedDecision = 0
    package static let depthDecision = 1
    package static func headsDecision(_ block: Int) -> Int { 2 + 2 * block }
    package static func ratioDecision(_ block: Int) -> Int { 3 + 2 * block }

    /// The sizes that a genome stands for, one by one; allocates nothing.
    public func shape(of genome: Genome) -> ViTShape { ViTShape(family: self, genome: genome) }

    /// The sizes of the largest network, which has all units that any other has.
    public var largest: ViTArchitecture {
        let width = embed.last ?? 0, hidden = Int(Double(width) * (mlpRatio.last ?? 0)), blocks = depth.last ?? 0
        return ViTArchitecture(
            embed: width, heads: [Int](repeating: heads.last ?? 0, count: blocks),
            mlpHidden: [Int](repeating: hidden, count: blocks))
    }

    /// Tokens of an image: one for each patch and the class token.
    public var tokens: Int { (image.height / patch) * (image.width / patch) + 1 }
    /// Values of one patch.
    public var patchValues: Int { patch * patch * image.channels }
}

/// The sizes that a genome of a vision transformer space stands for, read from its choices one by one.
public struct ViTShape: Sendable {
    private let family: ViTFamily
    private let genome: Genome

    init(family: ViTFamily, genome: Genome) {
        self.family = family
        self.genome = genome
    }

    /// Width of the token vectors.
    public var embed: Int { family.embed[Int(genome.choices[ViTFamily.embedDecision])] }

    /// Number of blocks.
    public var depth: Int { family.depth[Int(genome.choices[ViTFamily.depthDecision])] }

    /// Attention heads of a block below `depth`.
    public func heads(_ block: Int) -> Int { family.heads[Int(genome.choices[ViTFamily.headsDecision(block)])] }

    /// Hidden width of the feed-forward part of a block below `depth`.
    public func mlpHidden(_ block: Int) -> Int {
        Int(Double(embed) * family.mlpRatio[Int(genome.choices[ViTFamily.ratioDecision(block)])])
    }

    /// All sizes as a value of its own.
    public var architecture: ViTArchitecture {
        ViTArchitecture(
            embed: embed, heads: (0..<depth).map(heads), mlpHidden: (0..<depth).map(mlpHidden))
    }
}

/// One vision transformer of a space: the sizes of the blocks that are there.
public struct ViTArchitecture: Sendable, Hashable {
    /// Width of the token vectors.
    public let embed: Int
    /// Attention heads of each block.
    public let heads: [Int]
    /// Hidden width of the feed-forward part of each block.
    public let mlpHidden: [Int]

    /// Creates an architecture; `heads` and `mlpHidden` have one value for each block.
    public init(embed: Int, heads: [Int], mlpHidden: [Int]) {
        self.embed = embed
        self.heads = heads
        self.mlpHidden = mlpHidden
    }

    /// Number of blocks.
    public var depth: Int { heads.count }
}

extension SearchSpace {
    /// The family of a space of vision transformers; nil for a space of another.
    public var vit: ViTFamily? { family as? ViTFamily }
}
