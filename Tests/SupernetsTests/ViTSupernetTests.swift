import SearchSpaces
import TestSupport
import Testing

@testable import Supernets
@testable import Tensors

@Suite struct ViTSupernetTests {
    /// A tiny space; single options give the plain network of one architecture.
    static func space(embed: String, depth: String, heads: String, ratio: String) throws -> SearchSpace {
        try SearchSpace.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: SearchSpace
                name: tiny
                family: vit
                input: {height: 8, width: 8, channels: 2, patch: 4, classes: 3}
                headWidth: 4
                choices:
                  embed: \(embed)
                  depth: \(depth)
                  heads: \(heads)
                  mlpRatio: \(ratio)
                """, file: "tiny.yaml")
    }

    static let elastic = Result {
        try space(embed: "[8, 12]", depth: "[1, 2]", heads: "[1, 2]", ratio: "[2, 3]")
    }

    struct Network {
        let net: ViTSupernet
        let space: SearchSpace
        let store: ParameterStore
        let tape: Tape
        let images: MatrixView
        let pixels: FloatBuffer

        init(_ space: SearchSpace, batch: Int = 3) throws {
            self.space = space
            net = try #require(space.supernet() as? ViTSupernet)
            let count = net.layout.floatCount
            store = ParameterStore(values: FloatBuffer(count: count), gradients: FloatBuffer(count: count))
            // Large random weights: small ones would hide mistakes behind an almost linear network.
            var random = SeededGenerator(3)
            for entry in net.layout.entries {
                for index in 0..<entry.rows * entry.columns {
                    store.values.base[entry.offset + index] = Float.random(in: -0.5...0.5, using: &random)
                }
            }
            tape = Tape(backend: try Kernels(), arena: Arena(floats: 1 << 17))
            pixels = Unmanaged.passRetained(FloatBuffer(count: batch * 128)).takeUnretainedValue()
            for index in 0..<batch * 128 { pixels.base[index] = Float.random(in: -1...1, using: &random) }
            images = pixels.matrix(rows: batch, columns: 128)
        }

        func logits(_ genome: Genome) -> [Float] {
            tape.begin(recording: false)
            let y = net.forward(images, as: genome, with: store, on: tape).value
            return (0..<y.rows * y.columns).map { y.base[$0] }
        }
    }

    static func genomes(_ space: SearchSpace) -> [Genome] {
        var random = SeededGenerator(17)
        return [space.smallest, space.largest] + (0..<6).map { _ in space.randomGenome(using: &random) }
    }

    /// Finite differences of the whole network along the gradient itself, for several subnets.
    @Test func gradientsOfWholeSubnets() throws {
        let space = try Self.elastic.get()
        for genome in Self.genomes(space) {
            let network = try Network(space)
            let labels: [Int32] = [0, 2, 1]
            let values = network.store.values, gradients = network.store.gradients
            network.tape.begin(recording: true)
            let y = network.net.forward(network.images, as: genome, with: network.store, on: network.tape)
            labels.withUnsafeBufferPointer { labels in
                network.tape.backward(from: y) { gradient in
                    _ = CrossEntropy()(on: network.tape.backend, logits: y.value, labels: labels, gradient: gradient)
                }
            }
            let norm = (0..<values.count).map { Double(gradients.base[$0]) * Double(gradients.base[$0]) }.reduce(0, +)
                .squareRoot()
            let start = (0..<values.count).map { values.base[$0] }
            let loss = { (distance: Float) -> Double in
                for index in start.indices {
                    values.base[index] = start[index] + distance * gradients.base[index] / Float(norm)
                }
                network.tape.begin(recording: false)
                let y = network.net.forward(network.images, as: genome, with: network.store, on: network.tape)
                return labels.withUnsafeBufferPointer {
                    CrossEntropy()(on: network.tape.backend, logits: y.value, labels: $0).loss
                }
            }
            let slope = (loss(1.0 / 128) - loss(-1.0 / 128)) * 64
            #expect(abs(slope - norm) < 5e-3 * norm, "\(space.text(of: genome)): \(slope) against \(norm)")
        }
    }

    /// What lies outside a subnet's slice is neither read nor written, and what lies inside counts as many scalars as
    /// the exact cost says.
    @Test func aSubnetTouchesExactlyItsParameters() throws {
        let space = try Self.elastic.get()
        for genome in Self.genomes(space) {
            let network = try Network(space)
            let architecture = try #require(space.vit).shape(of: genome).architecture
            network.tape.begin(recording: true)
            let y = network.net.forward(network.images, as: genome, with: network.store, on: network.tape)
            network.tape.backward(from: y) { view in
                for index in 0..<view.rows * view.columns { view.base[index] = Float(index % 5) - 1.7 }
            }
            let before = network.logits(genome)
            var touched = 0
            for entry in network.net.layout.entries {
                let isKeyBias = entry.name.hasSuffix("key.bias")
                for index in 0..<entry.rows * entry.columns {
                    let at = entry.offset + index
                    if network.store.gradients.base[at] != 0 {
                        touched += 1
                    } else if !isKeyBias {
                        network.store.values.base[at] = .nan
                    }
                }
            }
            #expect(network.logits(genome) == before)
            // A key bias moves no softmax: its gradient is 0 up to rounding, so it may count or not.
            let params = space.cost(of: genome).params
            let keyBiases = architecture.heads.map { $0 * 4 }.reduce(0, +)
            #expect(touched <= params && touched >= params - keyBiases)
        }
    }

    /// A subnet's slice, copied into the plain network of that one architecture, gives the same logits.
    @Test func aSliceEqualsThePlainNetwork() throws {
        let space = try Self.elastic.get()
        let network = try Network(space)
        let genome = try space.genome(text: "embed=8;depth=2;heads=1,1;mlpRatio=3,3")
        let plain = try Network(try Self.space(embed: "[8]", depth: "[2]", heads: "[1]", ratio: "[3]"))
        for (small, large) in zip(plain.net.layout.entries, network.net.layout.entries) {
            #expect(small.name == large.name)
            for row in 0..<small.rows {
                for column in 0..<small.columns {
                    plain.store.values.base[small.offset + row * small.columns + column] =
                        network.store.values.base[large.offset + row * large.columns + column]
                }
            }
        }
        for index in 0..<3 * 128 { plain.images.base[index] = network.images.base[index] }
        let sliced = network.logits(genome)
        let alone = plain.logits(plain.space.largest)
        for (left, right) in zip(sliced, alone) { #expect(abs(left - right) <= 1e-6 * max(1, abs(right))) }
    }

    /// The last block works for the class token alone; every token through every block gives the same logits.
    @Test func theShortenedLastBlockChangesNothing() throws {
        let space = try Self.elastic.get()
        for genome in Self.genomes(space) {
            let network = try Network(space)
            let short = network.logits(genome)
            network.tape.begin(recording: false)
            let y = network.wholeForward(genome, on: network.tape)
            for (index, value) in short.enumerated() {
                #expect(abs(value - y.base[index]) <= 1e-5 * max(1, abs(value)))
            }
        }
    }

    /// Many genomes at once give, bit for bit, the logits of each alone, in less memory than is promised.
    @Test func evaluationOfManyEqualsEachAlone() throws {
        let space = try Self.elastic.get()
        var random = SeededGenerator(4)
        let genomes = (0..<40).map { _ in space.randomGenome(using: &random) } + [space.smallest, space.largest]
        let network = try Network(space)
        let alone = genomes.map(network.logits)
        var together: [[Float]] = Array(repeating: [], count: genomes.count)
        let arena = Arena(floats: network.net.arenaFloats(batch: 3, for: .evaluation))
        let tape = Tape(backend: try Kernels(), arena: arena)
        network.net.evaluate(network.images, as: genomes, with: network.store, on: tape) { index, logits in
            together[index] = (0..<logits.rows * logits.columns).map { logits.base[$0] }
        }
        #expect(together == alone)
    }

    /// More classes than anything else has columns.
    @Test func manyClassesFitTheMemory() throws {
        let space = try SearchSpace.parse(
            yaml: try Self.elastic.get().resolvedYAML.replacing("classes: 3", with: "classes: 5000"), file: "many.yaml")
        let network = try Network(space)
        let arena = Arena(floats: network.net.arenaFloats(batch: 3, for: .training))
        let tape = Tape(backend: try Kernels(), arena: arena)
        tape.begin(recording: true)
        let y = network.net.forward(network.images, as: space.largest, with: network.store, on: tape)
        tape.backward(from: y) { for row in 0..<$0.rows { $0.row(row).update(repeating: 0.01) } }
        #expect(y.value.columns == 5000)
    }

    /// A genome's slices are as many scalars as its cost says, and a smaller genome's lie inside a larger one's.
    @Test func slicesHoldTheParameters() throws {
        let space = try Self.elastic.get()
        let net = try #require(space.supernet() as? ViTSupernet)
        for genome in Self.genomes(space) {
            let slices = net.slices(of: genome)
            let count = slices.reduce(0) { $0 + $1.rows * $1.columns }
            #expect(count == space.cost(of: genome).params)
            #expect(slices.map(\.entry.offset) == slices.map(\.entry.offset).sorted())
        }
    }

    @Test func initialWeightsAreAFunctionOfTheSeed() throws {
        let network = try Network(try Self.elastic.get())
        let count = network.net.layout.floatCount
        let fill = { (seed: UInt64) in
            network.net.initialize(network.store.values, seed: seed, on: network.tape.backend)
            return (0..<count).map { network.store.values.base[$0] }
        }
        let first = fill(1)
        #expect(first != fill(2) && first == fill(1))
        let weight = try #require(network.net.layout.entries.first { $0.name == "blocks.0.query.weight" })
        let values = first[weight.offset..<weight.offset + weight.rows * weight.columns]
        // N(0, 1 / (3 inputs)) with 12 inputs: a deviation of 1 / 6.
        let deviation = (values.map { Double($0 * $0) }.reduce(0, +) / Double(values.count)).squareRoot()
        #expect(abs(deviation - 1.0 / 6) < 0.03, "\(deviation)")
        #expect(
            network.logits(try Self.elastic.get().largest).allSatisfy { $0 == 0 })
    }

    /// Networks that are compared begin alike where they have the same parameters, however large these are and whatever lies
    /// before them.
    @Test func networksBeginWithCommonNumbers() throws {
        let kernels = try Kernels()
        func values(_ space: SearchSpace, seed: UInt64 = 5) throws -> [String: [[Float]]] {
            let net = space.supernet(), buffer = FloatBuffer(count: net.layout.floatCount)
            net.initialize(buffer, seed: seed, on: kernels)
            return Dictionary(
                uniqueKeysWithValues: net.layout.entries.compactMap { entry in
                    guard case .normal(let deviation) = entry.initial else { return nil }
                    let rows = (0..<entry.rows).map { row in
                        (0..<entry.columns).map { buffer.base[entry.offset + row * entry.columns + $0] / deviation }
                    }
                    return (entry.name, rows)
                })
        }
        let small = try values(Self.space(embed: "[8]", depth: "[2]", heads: "[1]", ratio: "[2]"))
        let large = try values(Self.space(embed: "[8, 16]", depth: "[3]", heads: "[1, 2]", ratio: "[2, 4]"))
        #expect(small.count > 10 && Set(small.keys).isSubset(of: large.keys))
        for (name, rows) in small {
            let other = try #require(large[name])
            for (row, further) in zip(rows, other) {
                #expect(zip(row, further).allSatisfy { abs($0 - $1) < 1e-5 * max(1, abs($0)) }, "\(name)")
            }
        }
        // Parameters of other names share nothing.
        let first = try #require(large["blocks.0.query.weight"]?.first), names = large.keys.sorted()
        #expect(
            names.filter { large[$0]?.first.map { $0.prefix(4) == first.prefix(4) } ?? false } == [
                "blocks.0.query.weight"
            ])
    }

    /// Weights of one row have begun at 0 since the first networks of this family, and still do.
    @Test func oneRowBeginsAtZero() throws {
        let space = try Self.space(embed: "[1]", depth: "[1]", heads: "[1]", ratio: "[2]")
        let weights = space.supernet().layout.entries.filter { $0.role == .weight }
        #expect(
            weights.filter { $0.initial == .constant(0) }.map(\.name) == [
                "patch.weight", "blocks.0.projection.weight", "blocks.0.contraction.weight", "head.weight",
            ])
        #expect(weights.allSatisfy { ($0.initial == .constant(0)) == ($0.rows == 1 || $0.name == "head.weight") })
    }
}
