import SearchSpaces
import TestSupport
import Testing

@testable import Supernets
@testable import Tensors

/// What a network is counted to take, without memory and arithmetic, against what it takes.
@Suite struct DryRunTests {
    private static func dropout(_ rate: Float) -> Dropout {
        Dropout(rate: rate, random: CounterRandom(seed: 1, stream: .dropout), step: 0, pass: 0, firstExample: 0)
    }

    /// Floats that a real forward and backward of a genome, or of all masks, hand out at a time.
    private static func floats(_ network: ViTSupernetTests.Network, _ genome: Genome?, isDropping: Bool) throws -> Int {
        let arena = Arena(floats: 1 << 18)
        let tape = Tape(backend: try Kernels(), arena: arena)
        tape.begin(recording: true, dropout: isDropping ? dropout(0.25) : nil)
        let count = network.net.masks.layout.floatCount
        let masks = ParameterStore(values: FloatBuffer(count: count), gradients: FloatBuffer(count: count))
        withExtendedLifetime(masks) {
            let y: Variable
            if let genome {
                y = network.net.forward(network.images, as: genome, with: network.store, on: tape)
            } else {
                let weights = OptionWeights(network.space.largest, of: network.space.decisions)
                network.net.fillMasks(masks.values, from: weights, on: tape.backend)
                y = network.net.forward(network.images, masked: masks, with: network.store, on: tape)
            }
            tape.backward(from: y) { tape.backend.fill($0, with: 1) }
        }
        return arena.peakFloats
    }

    private static func evaluatedFloats(_ network: ViTSupernetTests.Network, _ genomes: [Genome]) throws -> Int {
        let arena = Arena(floats: 1 << 18)
        let tape = Tape(backend: try Kernels(), arena: arena)
        network.net.evaluate(network.images, as: genomes, with: network.store, on: tape) { _, _ in }
        return arena.peakFloats
    }

    /// Counted floats are those that are handed out, float for float, and no genome needs more than the largest.
    @Test(arguments: ["[8, 12]", "[12]"], ["[1, 2]", "[1]", "[2, 3]"])
    func memoryIsCounted(embed: String, depth: String) throws {
        let space = try ViTSupernetTests.space(embed: embed, depth: depth, heads: "[1, 2]", ratio: "[2, 3]")
        let network = try ViTSupernetTests.Network(space)
        let promised = network.net.arenaFloats(batch: 3, for: .training)
        for genome in ViTSupernetTests.genomes(space) {
            for isDropping in [false, true] {
                let real = try Self.floats(network, genome, isDropping: isDropping)
                #expect(network.net.dryTraining(of: genome, batch: 3, isDropping: isDropping).floats == real)
                #expect(real <= promised && (genome != space.largest || !isDropping || real == promised))
            }
        }
        let masked = try Self.floats(network, nil, isDropping: true)
        #expect(network.net.arenaFloats(batch: 3, for: .maskedTraining) == masked && masked > promised)
        #expect(
            try network.net.dryTraining(of: nil, batch: 3, isDropping: false).floats
                == Self.floats(network, nil, isDropping: false))
    }

    @Test func memoryOfEvaluationIsCounted() throws {
        let space = try ViTSupernetTests.space(embed: "[8, 12]", depth: "[1, 2, 4]", heads: "[1, 2]", ratio: "[2, 3]")
        let network = try ViTSupernetTests.Network(space)
        let promised = network.net.arenaFloats(batch: 3, for: .evaluation)
        #expect(try Self.evaluatedFloats(network, [space.largest]) == promised)
        var random = SeededGenerator(5)
        for count in [1, 2, 7, 40] {
            let genomes = (0..<count).map { _ in space.randomGenome(using: &random) }
            let real = try Self.evaluatedFloats(network, genomes)
            #expect(network.net.dryEvaluation(of: genomes, batch: 3).floats == real && real <= promised)
        }
    }

    /// The network of one genome alone is sized for that genome.
    @Test func memoryOfOneGenomeAlone() throws {
        let space = try ViTSupernetTests.elastic.get()
        let alone = space.standalone(space.smallest), whole = space.supernet()
        for use in [ArenaUse.evaluation, .training, .maskedTraining] {
            #expect(alone.arenaFloats(batch: 3, for: use) < whole.arenaFloats(batch: 3, for: use))
        }
        #expect(
            alone.arenaFloats(batch: 3, for: .training)
                == whole.dryTraining(of: space.smallest, batch: 3, isDropping: true).floats)
    }

    /// The products of a forward are those that the exact cost counts, every token through every block.
    @Test func productsAreTheCost() throws {
        let space = try ViTSupernetTests.elastic.get()
        for genome in ViTSupernetTests.genomes(space) {
            let network = try ViTSupernetTests.Network(space)
            let backend = CountingBackend()
            let tape = Tape(backend: backend, arena: backend.makeArena())
            tape.begin(recording: false)
            _ = network.wholeForward(genome, on: tape)
            #expect(backend.multiplyAdds == 3 * Double(space.cost(of: genome).multiplyAdds))
        }
    }

    /// What is computed leaves out, of the last block, all but the class token: its keys and values are never made, and one
    /// query, one projection and one MLP remain.
    @Test func productsOfTheShortenedForward() throws {
        let space = try ViTSupernetTests.elastic.get()
        let net = try #require(space.supernet() as? ViTSupernet)
        for genome in ViTSupernetTests.genomes(space) {
            let architecture = net.geometry.shape(of: genome).architecture
            let (n, d, h, m) = (
                net.geometry.tokens, architecture.embed, architecture.heads.last ?? 0, architecture.mlpHidden.last ?? 0
            )
            let a = h * net.geometry.headWidth
            let whole = n * d * 3 * a + 2 * n * n * a + n * a * d + 2 * n * d * m
            // Query and projection; the query into the width of tokens and the mean token to a value; scores and means.
            let short = 2 * d * a + 2 * a * d + 2 * n * h * d + 2 * d * m
            let expected = space.cost(of: genome).multiplyAdds - whole + short
            #expect(space.executedMultiplyAdds(of: genome) == expected)
            #expect(net.dryEvaluation(of: [genome], batch: 3).multiplyAdds == 3 * Double(expected))
            // Backward has two products for each of the forward's, but none for the gradient of the images.
            let trained = net.dryTraining(of: genome, batch: 3, isDropping: false).multiplyAdds
            #expect(trained == 3 * (3 * Double(expected) - Double((n - 1) * net.geometry.patchValues * d)))
        }
    }

    /// Sizes that no machine has are counted as fast as others, and those past counting are the most that is counted.
    @Test func hugeSpacesAreCounted() throws {
        let space = try SearchSpace.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: SearchSpace
                name: huge
                family: vit
                input: {height: 1024, width: 1024, channels: 3, patch: 4, classes: 1000}
                headWidth: 256
                choices: {embed: [16384], depth: [64], heads: [64], mlpRatio: [4]}
                """, file: "huge.yaml")
        let net = space.supernet()
        for use in [ArenaUse.evaluation, .training, .maskedTraining] {
            let floats = [1, 32, 1 << 20].map { net.arenaFloats(batch: $0, for: use) }
            #expect(floats[0] > 1 << 32 && floats[0] < floats[1] && floats[1] <= floats[2])
            #expect(floats[2] == 1 << 58 || use == .evaluation && floats[2] < 1 << 58)
        }
    }
}

extension ViTSupernetTests.Network {
    /// Logits with every token through every block, the last one too.
    func wholeForward(_ genome: Genome, on tape: Tape) -> MatrixView {
        let architecture = net.geometry.shape(of: genome).architecture
        let weights = ViTSupernet.Weights(store: store)
        var stream = net.embed(net.cutPatches(of: images, on: tape), width: architecture.embed, with: weights, on: tape)
        for index in 0..<architecture.depth {
            stream = net.attend(
                index, stream, heads: architecture.heads[index], isLast: false, with: weights, on: tape)
            stream = net.transform(index, stream, hidden: architecture.mlpHidden[index], with: weights, on: tape)
        }
        let tokens = net.geometry.tokens
        let first = ResidualStream(
            sum: tape.firstToken(stream.sum, tokens: tokens),
            branch: stream.branch.map { tape.firstToken($0, tokens: tokens) }, rowsPerExample: 1)
        return net.classify(first, with: weights, on: tape).value
    }
}
