import SearchSpaces
import TestSupport
import Testing

@testable import Supernets
@testable import Tensors

/// The network at full width under masks: equal to slices for genomes, differentiable between them.
@Suite struct ViTMaskTests {
    private typealias Network = ViTSupernetTests.Network

    /// A network with its masks.
    private struct Masked {
        let network: Network
        let masks: ParameterStore
        let tape: Tape

        init(_ space: SearchSpace) throws {
            network = try Network(space)
            let count = network.net.masks.layout.floatCount
            masks = ParameterStore(values: FloatBuffer(count: count), gradients: FloatBuffer(count: count))
            let floats = network.net.arenaFloats(batch: network.images.rows, for: .maskedTraining)
            tape = Tape(backend: try Kernels(), arena: Arena(floats: floats))
        }

        func logits(_ weights: OptionWeights) -> [Float] {
            network.net.fillMasks(masks.values, from: weights, on: tape.backend)
            tape.begin(recording: false)
            let y = network.net.forward(network.images, masked: masks, with: network.store, on: tape).value
            return (0..<y.rows * y.columns).map { y.base[$0] }
        }

        func loss(_ weights: OptionWeights) -> Double {
            let values = logits(weights)
            let logits = FloatBuffer(count: values.count)
            _ = logits.values.update(fromContentsOf: values)
            return [Int32](arrayLiteral: 0, 2, 1).withUnsafeBufferPointer {
                CrossEntropy()(
                    on: tape.backend, logits: logits.matrix(rows: network.images.rows, columns: 3), labels: $0
                ).loss
            }
        }

        /// Runs backward; gradients of masks and weights are then in their stores.
        func backward(_ weights: OptionWeights) -> OptionWeights {
            network.net.fillMasks(masks.values, from: weights, on: tape.backend)
            masks.gradients.values.update(repeating: 0)
            network.store.gradients.values.update(repeating: 0)
            tape.begin(recording: true)
            let y = network.net.forward(network.images, masked: masks, with: network.store, on: tape)
            [Int32](arrayLiteral: 0, 2, 1).withUnsafeBufferPointer { labels in
                tape.backward(from: y) { gradient in
                    _ = CrossEntropy()(on: tape.backend, logits: y.value, labels: labels, gradient: gradient)
                }
            }
            return network.net.optionGradient(ofMasks: masks.gradients, at: weights, on: tape.backend)
        }
    }

    /// Every option of every decision, one at a time, and random genomes.
    private static func genomes(_ space: SearchSpace) -> [Genome] {
        var random = SeededGenerator(23)
        var all = [space.smallest, space.largest] + (0..<12).map { _ in space.randomGenome(using: &random) }
        for (index, decision) in space.decisions.enumerated() {
            for option in decision.options.indices {
                var genome = space.largest
                genome.choices[index] = UInt8(option)
                all.append(space.canonical(genome))
            }
        }
        return all
    }

    @Test func masksOfAGenomeEqualItsSlice() throws {
        let space = try ViTSupernetTests.elastic.get()
        let masked = try Masked(space)
        for genome in Self.genomes(space) {
            let slice = masked.network.logits(genome)
            let logits = masked.logits(OptionWeights(genome, of: space.decisions))
            for (left, right) in zip(logits, slice) {
                #expect(abs(left - right) <= 1e-5 * max(1, abs(right)), "\(space.text(of: genome))")
            }
        }
    }

    /// The weights' gradient is that of the slice, and nothing outside of it gets any.
    @Test func theGradientIsThatOfTheSlice() throws {
        let space = try ViTSupernetTests.elastic.get()
        let masked = try Masked(space)
        let (net, store) = (masked.network.net, masked.network.store)
        for genome in Self.genomes(space) {
            _ = masked.backward(OptionWeights(genome, of: space.decisions))
            let found = (0..<store.gradients.count).map { store.gradients.base[$0] }
            store.gradients.values.update(repeating: 0)
            masked.network.tape.begin(recording: true)
            let y = net.forward(masked.network.images, as: genome, with: store, on: masked.network.tape)
            [Int32](arrayLiteral: 0, 2, 1).withUnsafeBufferPointer { labels in
                masked.network.tape.backward(from: y) { gradient in
                    _ = CrossEntropy()(
                        on: masked.network.tape.backend, logits: y.value, labels: labels, gradient: gradient)
                }
            }
            for (left, right) in zip(found, store.gradients.values) {
                #expect(abs(left - right) <= 2e-5 * max(1, abs(right)), "\(space.text(of: genome))")
                if right == 0 { #expect(abs(left) < 1e-6) }
            }
        }
    }

    /// Option weights to masks to network to loss, against central differences: at genomes, where options that are not
    /// chosen have weight 0, and between genomes.
    @Test func differencesThroughTheMasks() throws {
        let space = try ViTSupernetTests.elastic.get()
        let masked = try Masked(space)
        var random = SeededGenerator(31)
        var cases = Self.genomes(space).prefix(5).map { OptionWeights($0, of: space.decisions) }
        var blend = OptionWeights(space.decisions)
        for decision in 0..<blend.decisionCount {
            let weights = blend[decision].map { _ in Float.random(in: 0.2...1, using: &random) }
            blend[decision] = (weights.map { $0 / weights.reduce(0, +) })[...]
        }
        cases.append(blend)
        for weights in cases {
            let gradient = masked.backward(weights)
            for index in weights.values.indices {
                let step: Float = 1.0 / 256
                var above = weights, below = weights
                above.values[index] += step
                below.values[index] -= step
                let slope = (masked.loss(above) - masked.loss(below)) / Double(2 * step)
                let found = Double(gradient.values[index])
                #expect(abs(found - slope) < 4e-3 * max(1, abs(slope)), "option \(index): \(found) against \(slope)")
            }
        }
    }
}
