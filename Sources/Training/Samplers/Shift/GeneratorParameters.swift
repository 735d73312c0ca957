internal import Foundation
import SearchSpaces
import Supernets
import Tensors

/// The parameters of an ``ArchitectureGenerator``: cell, projection of the cost, and for each type of decision a head and
/// the embeddings of its options.
struct GeneratorParameters: Sendable {
    typealias Entry = ParameterLayout.Entry

    struct Head: Sendable {
        let weight: Entry
        let bias: Entry
    }

    let layout: ParameterLayout
    let costWeight: Entry
    let costBias: Entry
    let inputWeight: Entry
    let hiddenWeight: Entry
    let cellBias: Entry
    private let heads: [Head]
    private let embeddings: [Entry]
    /// The type of each decision: its name with its options, which are not those of every stage.
    private let types: [Int]
    private let hidden: Int

    init(_ decisions: [Decision], hidden: Int) {
        var layout = ParameterLayout()
        self.hidden = hidden
        costWeight = layout.add("cost.weight", .weight, shape: [hidden])
        costBias = layout.add("cost.bias", .bias, shape: [hidden])
        inputWeight = layout.add("cell.input.weight", .weight, shape: [4 * hidden, hidden])
        hiddenWeight = layout.add("cell.hidden.weight", .weight, shape: [4 * hidden, hidden])
        cellBias = layout.add("cell.bias", .bias, shape: [4 * hidden])
        var known: [Decision] = [], heads: [Head] = [], embeddings: [Entry] = [], types: [Int] = []
        for decision in decisions {
            let alike = known.indices.filter { known[$0].name == decision.name }
            if let type = alike.first(where: { known[$0].options == decision.options }) {
                types.append(type)
                continue
            }
            types.append(known.count)
            known.append(decision)
            let options = decision.options.count
            let name = decision.name + (alike.isEmpty ? "" : ".\(alike.count)")
            heads.append(
                Head(
                    weight: layout.add("heads.\(name).weight", .weight, shape: [options, hidden]),
                    bias: layout.add("heads.\(name).bias", .bias, shape: [options])))
            embeddings.append(layout.add("embeddings.\(name).weight", .embedding, shape: [options, hidden]))
        }
        self.layout = layout
        self.heads = heads
        self.embeddings = embeddings
        self.types = types
    }

    func head(of decision: Int) -> Head { heads[types[decision]] }

    func embedding(of decision: Int) -> Entry { embeddings[types[decision]] }

    /// U(-1/sqrt(hidden), 1/sqrt(hidden)), heads 0, and 1 for the bias of the forget gate.
    func initialize(_ values: FloatBuffer, seed: UInt64, on backend: any Backend) {
        let random = CounterRandom(seed: seed, stream: .initialization)
        let bound = 1 / Float(hidden).squareRoot()
        // Even steps are the network's own.
        backend.fill(values.whole) { at in (2 * random.uniform(step: 1, index: UInt32(at)) - 1) * bound }
        for entry in heads.flatMap({ [$0.weight, $0.bias] }) + [cellBias] {
            backend.fill(entry.view(of: values), with: 0)
        }
        backend.fill(values[cellBias.offset + hidden..<cellBias.offset + 2 * hidden], with: 1)
    }

    /// The parameters that the host computes with: all but the weights of the cell, which lie in between.
    var hostRanges: [Range<Int>] { [0..<inputWeight.offset, cellBias.offset..<layout.floatCount] }
}

/// Gumbel noise for the choices of a step: a function of (seed, step, use, place) alone.
struct GeneratorNoise: Sendable {
    private let random: CounterRandom
    private let step: UInt64
    private let use: UInt32

    /// - Parameter use: Tells draws of one step apart.
    init(seed: UInt64, step: Int, use: Int) {
        random = CounterRandom(seed: seed, stream: .gumbel)
        self.step = UInt64(step)
        self.use = UInt32(use)
    }

    /// -log(-log(u)) of the uniform number at a place.
    subscript(place: Int) -> Float {
        let word = random.block(step: step, index: UInt32(place), lane: use).x
        return Float(-log(-log((Double(word) + 0.5) * 0x1p-32)))
    }
}
