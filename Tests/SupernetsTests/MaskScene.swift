import SearchSpaces
import TestSupport
import Testing

@testable import Supernets
@testable import Tensors

/// A network of three classes at full width under masks, beside its slices: what has to hold of any family.
struct MaskScene {
    let net: any MaskableSupernet
    let store: ParameterStore
    let images: MatrixView
    let masks: ParameterStore
    let tape: Tape
    private let labels: [Int32]

    /// - Parameter store: Parameters and gradients of the network.
    init(_ net: any MaskableSupernet, _ store: ParameterStore, _ images: MatrixView) throws {
        self.net = net
        self.store = store
        self.images = images
        let count = net.masks.layout.floatCount
        masks = ParameterStore(values: FloatBuffer(count: count), gradients: FloatBuffer(count: count))
        let floats = net.arenaFloats(batch: images.rows, for: .maskedTraining)
        tape = Tape(backend: try Kernels(), arena: Arena(floats: floats))
        labels = (0..<images.rows).map { [0, 2, 1, 1][$0 % 4] }
    }

    private var space: SearchSpace { net.space }

    func logits(_ weights: OptionWeights) -> [Float] {
        net.fillMasks(masks.values, from: weights, on: tape.backend)
        tape.begin(recording: false)
        return tape.backend.download(net.forward(images, masked: masks, with: store, on: tape).value)
    }

    private func slice(_ genome: Genome) -> [Float] {
        tape.begin(recording: false)
        return tape.backend.download(net.forward(images, as: genome, with: store, on: tape).value)
    }

    private func loss(_ weights: OptionWeights) -> Double {
        let values = logits(weights), logits = FloatBuffer(count: values.count)
        _ = logits.values.update(fromContentsOf: values)
        return labels.withUnsafeBufferPointer {
            CrossEntropy()(
                on: tape.backend, logits: logits.matrix(rows: images.rows, columns: 3), labels: $0
            ).loss
        }
    }

    /// Runs backward; the gradient of the weights is then in their store.
    private func backward(_ forward: () -> Variable) {
        store.gradients.values.update(repeating: 0)
        tape.begin(recording: true)
        let y = forward()
        labels.withUnsafeBufferPointer { labels in
            tape.backward(from: y) { gradient in
                _ = CrossEntropy()(on: tape.backend, logits: y.value, labels: labels, gradient: gradient)
            }
        }
    }

    /// The gradient of option weights; that of the weights is then in their store.
    func backward(_ weights: OptionWeights) -> OptionWeights {
        net.fillMasks(masks.values, from: weights, on: tape.backend)
        masks.gradients.values.update(repeating: 0)
        backward { net.forward(images, masked: masks, with: store, on: tape) }
        return net.optionGradient(ofMasks: masks.gradients, at: weights, on: tape.backend)
    }

    /// Every option of every decision, one at a time, and random genomes.
    private var genomes: [Genome] {
        var random = SeededGenerator(23)
        var all = [space.smallest, space.largest] + (0..<12).map { _ in space.randomGenome(using: &random) }
        for (index, decision) in space.decisions.enumerated() {
            for option in decision.options.indices {
                for base in [space.largest, space.smallest] {
                    var genome = base
                    genome.choices[index] = UInt8(option)
                    all.append(space.canonical(genome))
                }
            }
        }
        return all
    }

    /// The masks of a genome give what its slice gives.
    func checkOutputs() {
        for genome in genomes {
            let outputs = slice(genome), masked = logits(OptionWeights(genome, of: space.decisions))
            #expect(outputs.count == masked.count)
            for (left, right) in zip(masked, outputs) {
                #expect(abs(left - right) <= 1e-5 * max(1, abs(right)), "\(space.text(of: genome))")
            }
        }
    }

    /// The weights' gradient is that of the slice, and nothing outside of it gets any.
    func checkGradients() {
        for genome in genomes {
            _ = backward(OptionWeights(genome, of: space.decisions))
            let found = Array(store.gradients.values)
            backward { net.forward(images, as: genome, with: store, on: tape) }
            for (left, right) in zip(found, store.gradients.values) {
                #expect(abs(left - right) <= 2e-5 * max(1, abs(right)), "\(space.text(of: genome))")
                if right == 0 { #expect(abs(left) < 1e-6) }
            }
        }
    }

    /// Option weights to masks to network to loss, against central differences: at genomes, where options that are not
    /// chosen have weight 0, and between genomes.
    func checkDifferences(tolerance: Double = 4e-3) {
        var random = SeededGenerator(31)
        var cases = genomes.prefix(5).map { OptionWeights($0, of: space.decisions) }
        var blend = OptionWeights(space.decisions)
        for decision in 0..<blend.decisionCount {
            let weights = blend[decision].map { _ in Float.random(in: 0.2...1, using: &random) }
            blend[decision] = (weights.map { $0 / weights.reduce(0, +) })[...]
        }
        cases.append(blend)
        for weights in cases {
            let gradient = backward(weights)
            for index in weights.values.indices {
                let step: Float = 1.0 / 256
                var above = weights, below = weights
                above.values[index] += step
                below.values[index] -= step
                let slope = (loss(above) - loss(below)) / Double(2 * step)
                let found = Double(gradient.values[index])
                #expect(
                    abs(found - slope) < tolerance * max(1, abs(slope)), "option \(index): \(found) against \(slope)")
            }
        }
    }
}
