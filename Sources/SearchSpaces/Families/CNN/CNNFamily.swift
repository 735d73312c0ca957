package import Documents

/// Convolutional networks of inverted bottlenecks, or of the blocks of residual networks: elastic width and depth of stages,
/// kernel and expansion of blocks, and resolution.
///
/// Genomes list the choices that a space leaves open in the order resolution, stemInner, stemDepth, stemWidth, then width and depth of each stage,
/// then headWidth, then blockWidth, middle, kernel and expand of each block up to the greatest depth of its stage. A choice of one option is fixed
/// and no decision. Stages and blocks are counted from 0, those without decisions included.
///
/// Source: Cai et al., "Once-for-All: Train One Network and Specialize it for Efficient Deployment" (ICLR 2020), whose networks
/// and rounding of channels these are.
public struct CNNFamily: ArchitectureFamily, Hashable {
    package static let name = "cnn"
    package static let isMixable = true
    package static var importers: [any SpaceImporter.Type] { [OnceForAllImporter.self] }
    package static let normalizesExamples = true

    /// Height, width and channels of an image.
    public let image: (height: Int, width: Int, channels: Int)
    /// An image's sides.
    public var imageMap: CNNMap { CNNMap(height: image.height, width: image.width) }
    /// Classes to tell apart.
    public let classes: Int
    /// Sides that images are resized to before the stem; empty where they stay as they are.
    public let resolution: [Int]
    /// What comes before the first stage: of a deep stem `inner` has channels and `between` numbers of convolutions; otherwise
    /// both are empty.
    public let stem:
        (
            kernel: Int, stride: Int, width: [Int], inner: [Int], between: [Int], hasPool: Bool,
            activation: CNNActivation
        )
    /// The stages, in order.
    public let stages: [CNNStage]
    /// What follows the last stage: channels of a convolution, none where the list is empty; units of a layer after the mean,
    /// nil where there is none; the activation of both.
    public let head: (width: [Int], mix: Int?, activation: CNNActivation)
    /// What is added to variances in norms.
    public let epsilon: Double
    /// Whether smaller depthwise kernels come from larger ones by learned transforms, and are not their centres as they are.
    public let hasKernelTransforms: Bool
    package let decisions: [Decision]
    /// Where the decisions of the whole network stand; nil for what is fixed.
    package let places: (resolution: Int?, inner: Int?, between: Int?, stem: Int?, head: Int?)

    package init(_ root: SectionReader) {
        root.describe([
            "input": "what an example is; must be the images and classes of the run's data",
            "input.height": "height of an image in pixels",
            "input.width": "width of an image in pixels",
            "input.channels": "channels of an image, 1 for grey and 3 for colour",
            "input.classes": "classes to tell apart",
            "resolution":
                "sides in pixels that square images are resized to before the stem; without it they stay as they are",
            "stem": "what comes before the first stage",
            "stem.kernel": "side of the kernel: 3, 5 or 7",
            "stem.stride": "stride of the first convolution",
            "stem.width": "output channels",
            "stem.inner": "of a deep stem: channels of its convolutions before the last",
            "stem.between": "of a deep stem: convolutions between the first and the last",
            "stem.maxPool": "whether a maximum over 3 x 3 with stride 2 follows",
            "stem.activation": "what follows its norms",
            "stages": "stages of blocks, in order",
            "stages[]": "a stage: blocks of one width, of which the first has the stride",
            "head": "what follows the last stage",
            "head.width": "channels of a 1 x 1 convolution before the mean over the map; without it there is none",
            "head.mix": "units of a layer after the mean, without norm and bias; without it there is none",
            "head.activation": "the activation of both",
            "norm": "of all norms",
            "norm.epsilon": "what is added to variances in norms",
            "kernelTransforms":
                "whether smaller kernels of inverted bottlenecks come from larger ones by learned matrices, and are not their centres as they are",
        ])
        let input = root.section("input", isRequired: true)
        // The upper bounds keep the cost of the largest network of any space within Int.
        image = (
            input.integer("height", in: 1...1024), input.integer("width", in: 1...1024),
            input.integer("channels", in: 1...256)
        )
        classes = input.integer("classes", in: DataLimits.classes)
        input.finish()
        resolution = root.wholeChoice("resolution", default: [], in: 8...1024)
        if !resolution.isEmpty, image.height != image.width {
            root.report(
                "expected resolution for square images alone, found images of \(image.height) x \(image.width)",
                key: "resolution")
        }
        let stem = root.section("stem", isRequired: true)
        self.stem = (
            stem.kernelChoice("kernel", default: [3]).last ?? 3, stem.integer("stride", default: 1, in: 1...4),
            stem.wholeChoice("width", in: CNNStage.widths),
            stem.wholeChoice("inner", default: [], in: CNNStage.widths),
            stem.wholeChoice("between", default: [], in: 0...8), stem.flag("maxPool", default: false),
            stem.word("activation", default: .relu6, standIn: .relu6)
        )
        if stem.isList("kernel") { stem.report("expected one kernel, found a list", key: "kernel") }
        if stem.has("between"), !stem.has("inner") {
            stem.report("expected inner channels beside between, found none", key: "between")
        }
        stem.finish()
        let head = root.section("head")
        self.head = (
            head.wholeChoice("width", default: [], in: CNNStage.widths),
            head.optional("mix") { head.integer("mix", in: CNNStage.widths) },
            head.word("activation", default: .relu6, standIn: .relu6)
        )
        head.finish()
        let norm = root.section("norm")
        epsilon = norm.number("epsilon", default: 1e-5, in: 1e-8...0.1)
        norm.finish()
        hasKernelTransforms = root.flag("kernelTransforms", default: false)

        var list = DecisionList()
        let resolutionPlace = list.add("resolution", .network, resolution)
        let innerPlace = list.add("stemInner", .network, self.stem.inner)
        let betweenPlace = list.add("stemDepth", .network, self.stem.between)
        let stemPlace = list.add("stemWidth", .network, self.stem.width)
        var stages = CNNStage.read(root, following: self.stem.width)
        for index in stages.indices {
            if !stages[index].hasOwnWidths {
                stages[index].widthDecision = list.add("width", .stage(index), stages[index].width)
            }
            stages[index].depthDecision = list.add("depth", .stage(index), stages[index].depth)
        }
        let headPlace = list.add("headWidth", .network, self.head.width)
        for index in stages.indices { stages[index].addBlocks(to: &list) }
        self.stages = stages
        decisions = list.decisions
        places = (resolutionPlace, innerPlace, betweenPlace, stemPlace, headPlace)
        if hasKernelTransforms, !stages.contains(where: { $0.block == .inverted && $0.kernel.count > 1 }) {
            root.report(
                "expected a choice of kernels in a stage of inverted bottlenecks, found none", key: "kernelTransforms")
        }
        if decisions.isEmpty, !stages.isEmpty {
            root.report("expected a choice of several options somewhere, found none", key: "stages")
        }
    }

    package static func dimension(of decision: Decision) -> ElasticDimension? {
        switch decision.name {
        case "kernel": .kernel
        case "depth", "stemDepth": .depth
        case "resolution": nil
        default: .width
        }
    }

    package var signature: ExampleSignature {
        ExampleSignature(
            input: .image(height: image.height, width: image.width, channels: image.channels),
            output: .classes(classes))
    }

    package var jointDecisions: [[Int]] { stages.flatMap(\.jointDecisions) }

    package var hasAdditiveCosts: Bool { !stages.contains { $0.hasOwnWidths } }

    package var meaning: String {
        let deep = stem.inner.isEmpty && !stem.hasPool ? "" : " \(stem.inner) \(stem.between) \(stem.hasPool)"
        return """
            input \(image.height) \(image.width) \(image.channels) \(classes)
            resolution \(resolution)
            stem \(stem.kernel) \(stem.stride) \(stem.width) \(stem.activation.rawValue)\(deep)
            \(stages.map(\.meaning).joined(separator: "\n"))
            head \(head.width) \(head.mix ?? 0) \(head.activation.rawValue)
            epsilon \(ShortNumber.text(epsilon))
            """ + (hasKernelTransforms ? "\nkernelTransforms" : "")
    }

    package func resolve(into resolved: inout ResolvedEntries) {
        resolved.add("input.height", image.height)
        resolved.add("input.width", image.width)
        resolved.add("input.channels", image.channels)
        resolved.add("input.classes", classes)
        if !resolution.isEmpty { resolved.add("resolution", list: resolution) }
        resolved.add("stem.kernel", stem.kernel)
        resolved.add("stem.stride", stem.stride)
        resolved.add("stem.width", list: stem.width)
        if !stem.inner.isEmpty { resolved.add("stem.inner", list: stem.inner) }
        if !stem.between.isEmpty { resolved.add("stem.between", list: stem.between) }
        if stem.hasPool { resolved.add("stem.maxPool", stem.hasPool) }
        resolved.add("stem.activation", plain: stem.activation.rawValue)
        resolved.add("stages", plain: "[\(stages.map(\.yaml).joined(separator: ", "))]")
        if !head.width.isEmpty { resolved.add("head.width", list: head.width) }
        if let mix = head.mix { resolved.add("head.mix", mix) }
        resolved.add("head.activation", plain: head.activation.rawValue)
        resolved.add("norm.epsilon", epsilon)
        if hasKernelTransforms { resolved.add("kernelTransforms", hasKernelTransforms) }
    }

    public static func == (left: CNNFamily, right: CNNFamily) -> Bool { left.meaning == right.meaning }

    public func hash(into hasher: inout Hasher) { hasher.combine(meaning) }

    // MARK: Genomes

    /// The whole number of channels nearest to `value` that 8 divides, at least 8 and at least 0.9 `value`.
    ///
    /// Source: `make_divisible` of github.com/mit-han-lab/once-for-all.
    public static func divisible(_ value: Int) -> Int {
        let rounded = max(8, (value + 4) / 8 * 8)
        return rounded * 10 < value * 9 ? rounded + 8 : rounded
    }

    /// The network that a genome stands for; the genome belongs to the space.
    public func architecture(of genome: Genome) -> CNNArchitecture { architecture(of: genome, shortcuts: .own) }

    /// The network of a genome with a convolution in every shortcut that has one in some network of the space.
    ///
    /// That of the genome of last options has every weight that any network has: between basic blocks a shortcut has a
    /// convolution where widths are unlike, which those of the largest network are not.
    public func widestArchitecture(of genome: Genome) -> CNNArchitecture {
        architecture(of: genome, shortcuts: .every)
    }

    /// Which shortcuts of stride 1 between basic blocks have a convolution.
    enum Shortcuts {
        /// Those between unlike widths.
        case own
        /// All that have one in some network.
        case every
        /// None: of no network where widths are unlike, and a bound for all.
        case none
    }

    func architecture(of genome: Genome, shortcuts: Shortcuts) -> CNNArchitecture {
        func chosen<Value>(_ options: [Value], _ decision: Int?) -> Value? {
            decision.map { options[Int(genome.choices[$0])] } ?? options.last
        }
        let side = chosen(resolution, places.resolution)
        let input = side.map { CNNMap(height: $0, width: $0) } ?? imageMap
        let stem = CNNStem(
            kernel: stem.kernel, stride: stem.stride, width: chosen(stem.width, places.stem) ?? 1,
            inner: chosen(stem.inner, places.inner), between: chosen(stem.between, places.between) ?? 0,
            hasPool: stem.hasPool, activation: stem.activation, convolvedMap: input.divided(by: stem.stride))
        var blocks: [CNNBlock] = []
        blocks.reserveCapacity(stages.last.map { $0.firstBlock + $0.blockCount } ?? 0)
        var channels = stem.width, map = stem.outputMap, widthsBefore = self.stem.width
        for (number, stage) in stages.enumerated() {
            for position in 0..<(chosen(stage.depth, stage.depthDecision) ?? 0) {
                let width = chosen(stage.width, stage.widthDecision(position)) ?? 1
                let mayChangeWidth =
                    position == 0
                    ? widthsBefore != stage.width || stage.width.count > 1
                    : stage.hasOwnWidths && stage.width.count > 1
                let block = stage.block(
                    position, of: number, from: channels, on: map, to: width,
                    kernel: chosen(stage.kernel, stage.kernelDecision(position)) ?? 3,
                    ratio: chosen(stage.expand, stage.expandDecision(position)) ?? 1,
                    middle: chosen(stage.middle, stage.middleDecision(position)),
                    changesWidth: shortcuts == .own
                        ? nil : shortcuts == .every && (mayChangeWidth || channels != width))
                blocks.append(block)
                (channels, map) = (width, block.outputMap)
            }
            widthsBefore = stage.width
        }
        return CNNArchitecture(
            input: input, channels: image.channels, stem: stem, blocks: blocks,
            head: CNNHead(width: chosen(head.width, places.head), mix: head.mix, activation: head.activation),
            classes: classes)
    }
}

/// Decisions in the making: what has one option is none.
struct DecisionList {
    private(set) var decisions: [Decision] = []

    /// Adds a choice and returns its place; nil where there is nothing to choose.
    mutating func add(
        _ name: String, _ scope: Decision.Scope, _ options: [Double], _ activity: Decision.Activity = .always
    ) -> Int? {
        guard options.count > 1 else { return nil }
        decisions.append(Decision(name: name, scope: scope, activity: activity, options: options))
        return decisions.count - 1
    }

    mutating func add(
        _ name: String, _ scope: Decision.Scope, _ options: [Int], _ activity: Decision.Activity = .always
    ) -> Int? {
        add(name, scope, options.map(Double.init), activity)
    }
}

extension SearchSpace {
    /// The family of a space of convolutional networks; nil for a space of another.
    public var cnn: CNNFamily? { family as? CNNFamily }
}
