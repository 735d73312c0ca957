import Foundation
import SearchSpaces
import TestSupport
import Testing

@testable import Supernets
@testable import Tensors

@Suite struct MLPSupernetTests {
    static func space(_ choices: String, more: String = "", input: String = "{features: 5, outputs: 3}") throws
        -> SearchSpace
    {
        try SearchSpace.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: SearchSpace
                name: tiny
                family: mlp
                input: \(input)
                choices: \(choices)
                \(more)
                """, file: "tiny.yaml")
    }

    static let elastic = Result { try space("{width: [4, 6], depth: [1, 3], expansion: [1, 2.5]}") }

    struct Network {
        let net: MLPSupernet
        let space: SearchSpace
        let store: ParameterStore
        let tape: Tape
        let rows: MatrixView
        private let room: FloatBuffer

        init(_ space: SearchSpace, only genome: Genome? = nil, batch: Int = 4) throws {
            self.space = space
            net = try #require(
                (genome.map { space.standalone($0) } ?? space.supernet()) as? MLPSupernet)
            let count = net.layout.floatCount
            store = ParameterStore(values: FloatBuffer(count: count), gradients: FloatBuffer(count: count))
            var random = SeededGenerator(3)
            for entry in net.layout.entries {
                for index in 0..<entry.rows * entry.columns {
                    store.values.base[entry.offset + index] = Float.random(in: -0.7...0.7, using: &random)
                }
            }
            tape = Tape(backend: try Kernels(), arena: Arena(floats: 1 << 16))
            room = FloatBuffer(count: batch * 5)
            for index in 0..<batch * 5 { room.base[index] = Float.random(in: -1...1, using: &random) }
            rows = room.matrix(rows: batch, columns: 5)
        }

        func outputs(_ genome: Genome) -> [Float] {
            tape.begin(recording: false)
            let y = net.forward(rows, as: genome, with: store, on: tape).value
            return (0..<y.rows * y.columns).map { y.base[$0] }
        }

        /// The formula of `MLPFamily` in double precision, by names and leading slices.
        func plain(_ genome: Genome) -> [Double] {
            let width = net.family.width(of: genome)
            func value(_ name: String, _ row: Int, _ column: Int) -> Double {
                let entry = net.layout.entries.first { $0.name == name }
                return entry.map { Double(store.values.base[$0.offset + row * $0.columns + column]) } ?? .nan
            }
            func linear(_ x: [Double], _ name: String, _ outputs: Int) -> [Double] {
                (0..<outputs).map { o in
                    x.indices.reduce(value("\(name).bias", 0, o)) { $0 + x[$1] * value("\(name).weight", o, $1) }
                }
            }
            func norm(_ x: [Double], _ name: String) -> [Double] {
                let mean = x.reduce(0, +) / Double(x.count)
                let variance = x.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(x.count)
                return x.enumerated().map { index, x in
                    (x - mean) / (variance + 1e-5).squareRoot() * value("\(name).weight", 0, index)
                        + value("\(name).bias", 0, index)
                }
            }
            return (0..<rows.rows).flatMap { row in
                var h = linear((0..<5).map { Double(rows.base[row * 5 + $0]) }, "stem", width)
                for block in 0..<net.family.depth(of: genome) {
                    let inner = linear(
                        norm(h, "blocks.\(block).norm"), "blocks.\(block).expansion",
                        net.family.hidden(block, of: genome)
                    ).map { 0.5 * $0 * (1 + erf($0 / 2.squareRoot())) }
                    let branch = linear(inner, "blocks.\(block).contraction", width)
                    h = zip(h, branch).map(+)
                }
                return linear(norm(h, "finalNorm"), "head", 3)
            }
        }
    }

    @Test func outputsAreThoseOfTheFormula() throws {
        let space = try Self.elastic.get(), network = try Network(space)
        for genome in ViTSupernetTests.genomes(space) {
            let plain = network.plain(genome)
            for (value, expected) in zip(network.outputs(genome), plain) {
                #expect(abs(Double(value) - expected) < 2e-5 * max(1, abs(expected)), "\(space.text(of: genome))")
            }
        }
    }

    /// Finite differences of the whole network along the gradient itself, for several subnets.
    @Test func gradientsOfWholeSubnets() throws {
        let space = try Self.elastic.get()
        for genome in ViTSupernetTests.genomes(space) {
            let network = try Network(space)
            let values = network.store.values, gradients = network.store.gradients
            let targets = FloatBuffer(count: 12)
            for index in 0..<12 { targets.base[index] = Float(index % 5) / 3 - 0.7 }
            let wanted = targets.matrix(rows: 4, columns: 3)
            network.tape.begin(recording: true)
            let y = network.net.forward(network.rows, as: genome, with: network.store, on: network.tape)
            network.tape.backward(from: y) { gradient in
                _ = SquaredError()(
                    on: network.tape.backend, outputs: y.value, targets: wanted, gradient: gradient)
            }
            let norm = gradients.values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            func loss(_ step: Double) -> Double {
                for index in 0..<values.count { values.base[index] += Float(step / norm) * gradients.base[index] }
                defer {
                    for index in 0..<values.count { values.base[index] -= Float(step / norm) * gradients.base[index] }
                }
                network.tape.begin(recording: false)
                let y = network.net.forward(network.rows, as: genome, with: network.store, on: network.tape)
                return SquaredError()(on: network.tape.backend, outputs: y.value, targets: wanted)
            }
            let slope = (loss(1e-2) - loss(-1e-2)) / 2e-2
            #expect(abs(slope - norm) < 5e-3 * norm, "\(space.text(of: genome)): \(slope) against \(norm)")
        }
    }

    /// Many at once have the bits of each alone; what is cut out has those of its slices; slices are what params count.
    @Test func subnetsAreSlices() throws {
        let space = try Self.elastic.get(), network = try Network(space)
        let genomes = ViTSupernetTests.genomes(space)
        var together = [[Float]](repeating: [], count: genomes.count)
        network.net.evaluate(network.rows, as: genomes, with: network.store, on: network.tape) { index, y in
            together[index] = (0..<y.rows * y.columns).map { y.base[$0] }
        }
        for (genome, outputs) in zip(genomes, together) {
            #expect(outputs == network.outputs(genome))
            let slices = network.net.slices(of: genome)
            #expect(slices.reduce(0) { $0 + $1.rows * $1.columns } == space.cost(of: genome).params)
            let model = ExtractedModel(
                genome, of: network.net, values: network.store.values, normalization: .init(mean: [0], deviation: [1]),
                measured: [:], data: "", kernels: try Kernels())
            network.tape.begin(recording: false)
            let alone = model.network.forward(
                network.rows, as: genome, with: ParameterStore(values: model.weights, gradients: model.weights),
                on: network.tape
            ).value
            #expect((0..<12).map { alone.base[$0] } == outputs)
            #expect(model.description.family == "mlp" && model.description.architecture["features"] == .one(5))
        }
    }

    /// Analytic costs are counted operations; and what a forward holds at a time is at least what activationBytes says.
    @Test func costsAreCounted() throws {
        let space = try Self.elastic.get(), net = space.supernet()
        for genome in ViTSupernetTests.genomes(space) {
            let cost = space.cost(of: genome)
            let dry = net.dryEvaluation(of: [genome], batch: 1)
            #expect(
                dry.multiplyAdds == Double(cost.multiplyAdds)
                    && space.executedMultiplyAdds(of: genome) == cost.multiplyAdds)
            let bytes = try #require(cost[.activationBytes])
            #expect(4 * dry.floats >= bytes, "\(4 * dry.floats) < \(bytes) of \(space.text(of: genome))")
        }
        // Width 6, three blocks of 15 hidden units: masks on the norms of blocks and head, hidden units and gates.
        let masked = try #require(net as? any MaskableSupernet)
        #expect(masked.maskedMultiplyAdds == 5 * 6 + 6 * 3 + 3 * 2 * 6 * 15 + 4 * 6 + 3 * 15 + 3 * 6)
    }

    /// Under the masks of a genome the full network computes as its slices do; the masks' gradient is that of the loss.
    @Test func masksAreArchitectures() throws {
        let space = try Self.elastic.get(), network = try Network(space)
        let count = network.net.masks.layout.floatCount
        for genome in ViTSupernetTests.genomes(space) {
            let masks = ParameterStore(values: FloatBuffer(count: count), gradients: FloatBuffer(count: count))
            network.net.fillMasks(
                masks.values, from: OptionWeights(genome, of: space.decisions), on: network.tape.backend)
            network.tape.begin(recording: false)
            let y = network.net.forward(network.rows, masked: masks, with: network.store, on: network.tape).value
            for (index, value) in network.outputs(genome).enumerated() {
                #expect(abs(value - y.base[index]) < 1e-5 * max(1, abs(value)), "\(space.text(of: genome))")
            }
        }
    }

    /// The gradient of option weights against differences of the loss.
    @Test func optionsHaveGradients() throws {
        let space = try Self.elastic.get(), network = try Network(space)
        let count = network.net.masks.layout.floatCount, backend = network.tape.backend
        let masks = ParameterStore(values: FloatBuffer(count: count), gradients: FloatBuffer(count: count))
        let targets = FloatBuffer(count: 12), wanted = targets.matrix(rows: 4, columns: 3)
        var random = SeededGenerator(8)
        var weights = OptionWeights(space.decisions)
        for index in weights.values.indices { weights.values[index] = Float.random(in: 0.2...0.8, using: &random) }
        func loss(_ weights: OptionWeights, recording: Bool = false) -> Double {
            network.net.fillMasks(masks.values, from: weights, on: backend)
            network.tape.begin(recording: recording)
            let y = network.net.forward(network.rows, masked: masks, with: network.store, on: network.tape)
            var total = SquaredError()(on: backend, outputs: y.value, targets: wanted)
            if recording {
                network.tape.backward(from: y) { gradient in
                    total = SquaredError()(on: backend, outputs: y.value, targets: wanted, gradient: gradient)
                }
            }
            return total
        }
        _ = loss(weights, recording: true)
        let gradient = network.net.optionGradient(ofMasks: masks.gradients, at: weights, on: backend)
        for index in weights.values.indices {
            var up = weights, down = weights
            up.values[index] += 1e-2
            down.values[index] -= 1e-2
            let slope = (loss(up) - loss(down)) / 2e-2
            #expect(abs(slope - Double(gradient.values[index])) < 2e-2 * max(1, abs(slope)), "option \(index)")
        }
    }

    /// A head begins at 0, and nothing else does for its shape.
    @Test func oneRowBeginsLikeAnyOther() throws {
        let narrow = try Self.space("{width: [1], depth: [1], expansion: [1]}", input: "{features: 5, outputs: 1}")
        let layout = narrow.supernet().layout
        let begins = layout.entries.filter { $0.role == .weight }.map { [$0.name, "\($0.initial == .constant(0))"] }
        #expect(
            begins == [
                ["stem.weight", "false"], ["blocks.0.expansion.weight", "false"],
                ["blocks.0.contraction.weight", "false"], ["head.weight", "true"],
            ])
    }
}
