package import Documents

/// Residual multilayer perceptrons for tables: elastic width and depth, and an expansion for each block.
///
///     h = W x + b,  then for each block  h += C gelu(E norm(h) + e) + c,  then  y = H norm(h) + g
///
/// with E of (width * expansion, width). Genomes list the choices in the order width, depth and then, for each block up to
/// the greatest depth, expansion.
///
/// Source: Gorishniy et al., "Revisiting Deep Learning Models for Tabular Data" (NeurIPS 2021), section 3.2, with layer
/// norms in place of batch norms.
public struct MLPFamily: ArchitectureFamily, Hashable {
    package static let name = "mlp"
    package static let costs: [Metric] = [.params, .multiplyAdds, .activationBytes]
    package static let isMixable = true

    /// Numbers of an example.
    public let features: Int
    /// What is answered.
    public let output: ExampleSignature.Output
    /// Widths of the residual stream, one for the network.
    public let width: [Int]
    /// Numbers of blocks, one for the network.
    public let depth: [Int]
    /// Hidden width of a block divided by `width`, one for each block.
    public let expansion: [Double]

    package init(_ root: SectionReader) {
        root.describe([
            "input": "what an example is; must be that of the run's data",
            "input.features": "numbers of an example, one-hot categories and indicators of what is missing counted",
            "input.classes": "classes to tell apart; this or outputs",
            "input.outputs": "numbers to tell; this or classes",
            "choices": "what the search may choose; options are ascending",
            "choices.width": "widths of the residual stream, one for the network",
            "choices.depth": "numbers of blocks, one for the network",
            "choices.expansion": "hidden units divided by width, one for each block; the product is whole",
        ])
        let input = root.section("input", isRequired: true)
        features = input.integer("features", in: 1...1_000_000)
        if input.has("outputs") {
            output = .values(input.integer("outputs", in: 1...DataLimits.classes.upperBound))
            _ = input.node("classes", isRequired: false, expected: "")
            if input.has("classes") {
                input.report("expected classes or outputs, found both", key: "classes")
            }
        } else {
            output = .classes(input.integer("classes", in: DataLimits.classes))
            _ = input.node("outputs", isRequired: false, expected: "")
        }
        input.finish()
        let choices = root.section("choices", isRequired: true)
        let faultsBefore = choices.collector.count
        width = choices.wholeOptions("width", in: 1...16384)
        depth = choices.wholeOptions("depth", in: 1...64)
        expansion = choices.ratioOptions("expansion", atMost: 16)
        if choices.collector.count == faultsBefore {
            choices.checkProducts(of: width, "width", with: expansion, "expansion")
        }
        choices.finish()
    }

    /// Numbers of an answer.
    public var outputs: Int { signature.outputCount }

    package var signature: ExampleSignature { ExampleSignature(input: .vector(features), output: output) }

    package var decisions: [Decision] {
        [
            Decision(name: "width", scope: .network, options: width.map(Double.init)),
            Decision(name: "depth", scope: .network, options: depth.map(Double.init)),
        ]
            + (0..<(depth.last ?? 0)).map { block in
                Decision(
                    name: "expansion", scope: .block(block),
                    activity: .below(decision: Self.depthDecision, position: block), options: expansion)
            }
    }

    package var meaning: String {
        let kind = if case .values = output { "outputs" } else { "classes" }
        return """
            input \(features) \(kind) \(outputs)
            width \(width)
            depth \(depth)
            expansion \(expansion.map(ShortNumber.text))
            """
    }

    package func resolve(into resolved: inout ResolvedEntries) {
        resolved.add("input.features", features)
        if case .values(let count) = output {
            resolved.add("input.outputs", count)
        } else {
            resolved.add("input.classes", outputs)
        }
        resolved.add("choices.width", list: width)
        resolved.add("choices.depth", list: depth)
        resolved.add("choices.expansion", list: expansion)
    }

    // MARK: Genomes

    package static let widthDecision = 0
    package static let depthDecision = 1
    package static func expansionDecision(_ block: Int) -> Int { 2 + block }

    /// The width of a genome.
    package func width(of genome: Genome) -> Int { width[Int(genome.choices[Self.widthDecision])] }

    /// The blocks of a genome.
    package func depth(of genome: Genome) -> Int { depth[Int(genome.choices[Self.depthDecision])] }

    /// The hidden width of a block of a genome.
    package func hidden(_ block: Int, of genome: Genome) -> Int {
        Int(Double(width(of: genome)) * expansion[Int(genome.choices[Self.expansionDecision(block)])])
    }

    /// Parameters, multiply-adds and bytes of activations of a genome.
    ///
    /// With f features, o outputs, width w and hidden widths m: multiplyAdds = f w + w o + sum of 2 w m;
    /// activationBytes = 4 max(f + w, 2 w + m, w + o): a block holds its stream, its norm or branch, and its hidden units.
    package func costs(of genome: Genome) -> [Int] {
        let f = features, o = outputs, w = width(of: genome)
        var multiplyAdds = f * w + w * o, params = w * (f + 1) + 2 * w + o * (w + 1), peak = max(f + w, w + o)
        for block in 0..<depth(of: genome) {
            let m = hidden(block, of: genome)
            multiplyAdds += 2 * w * m
            params += 2 * w + m * (w + 1) + w * (m + 1)
            peak = max(peak, 2 * w + m)
        }
        return [params, multiplyAdds, 4 * peak]
    }
}
