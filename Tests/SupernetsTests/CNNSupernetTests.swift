import Foundation
import SearchSpaces
import TestSupport
import Testing

@testable import Supernets
@testable import Tensors

@Suite struct CNNSupernetTests {
    struct Network {
        let net: CNNSupernet
        let space: SearchSpace
        let store: ParameterStore
        let tape: Tape
        let images: MatrixView

        init(_ space: SearchSpace, only genome: Genome? = nil, batch: Int = 4) throws {
            self.space = space
            net = try #require((genome.map { space.standalone($0) } ?? space.supernet()) as? CNNSupernet)
            let count = net.layout.floatCount
            store = ParameterStore(values: FloatBuffer(count: count), gradients: FloatBuffer(count: count))
            tape = Tape(backend: try Kernels(), arena: Arena(floats: 1 << 21))
            var random = SeededGenerator(3)
            for entry in net.layout.entries {
                for index in 0..<entry.rows * entry.columns {
                    let isPositive = entry.role == .gain || entry.name.hasSuffix("variance")
                    store.values.base[entry.offset + index] =
                        Float.random(in: -0.5...0.5, using: &random) + (isPositive ? 1 : 0)
                }
            }
            images = tape.backend.random(batch, net.space.signature.inputCount, using: &random)
        }

        func logits(_ genome: Genome) -> [Float] {
            tape.begin(recording: false)
            return tape.backend.download(net.forward(images, as: genome, with: store, on: tape).value)
        }

        func evaluated(_ genomes: [Genome], by plan: NormPlan? = nil, statistics: MatrixView? = nil) -> [[Float]] {
            var results = [[Float]](repeating: [], count: genomes.count)
            if let plan {
                net.evaluate(images, by: plan, statistics: statistics, with: store, on: tape) {
                    results[$0] = tape.backend.download($1)
                }
            } else {
                net.evaluate(images, as: genomes, with: store, on: tape) { results[$0] = tape.backend.download($1) }
            }
            return results
        }

        func measured(_ plan: NormPlan) -> [Double] {
            [Double](unsafeUninitializedCapacity: plan.valueCount) { values, count in
                values.initialize(repeating: .nan)
                count = plan.valueCount
                net.measure(
                    images, by: plan, with: store, on: tape,
                    into: UnsafeMutableBufferPointer(rebasing: values[..<plan.valueCount]))
            }
        }
    }

    static func genomes(_ space: SearchSpace, _ count: Int = 5) -> [Genome] {
        var random = SeededGenerator(17)
        return [space.smallest, space.largest] + (0..<count).map { _ in space.randomGenome(using: &random) }
    }

    /// Finite differences of the whole network along the gradient itself, for several subnets.
    @Test(arguments: kinds) func gradientsOfWholeSubnets(kind: String) throws {
        let space = try Self.space(kind)
        for genome in Self.genomes(space) {
            let network = try Network(space)
            let values = network.store.values, gradients = network.store.gradients
            network.tape.begin(recording: true)
            let y = network.net.forward(network.images, as: genome, with: network.store, on: network.tape)
            let direction = (0..<4 * space.signature.outputCount).map { Float($0 % 5) - 1.7 }
            network.tape.backward(from: y) { network.tape.backend.upload(direction, to: $0) }
            let norm = gradients.values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            let start = Array(values.values)
            let loss = { (distance: Float) -> Double in
                for index in start.indices {
                    values.base[index] = start[index] + distance * gradients.base[index] / Float(norm)
                }
                return zip(network.logits(genome), direction).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            }
            let slope = (loss(1.0 / 256) - loss(-1.0 / 256)) * 128
            #expect(abs(slope - norm) < 1e-2 * norm, "\(space.text(of: genome)): \(slope) against \(norm)")
        }
    }

    /// What lies outside a subnet's slices is neither read nor written, and as many scalars have a gradient as the exact cost
    /// says.
    @Test(arguments: kinds) func aSubnetTouchesExactlyItsParameters(kind: String) throws {
        let space = try Self.space(kind)
        for genome in Self.genomes(space) {
            let network = try Network(space)
            let before = network.logits(genome), evaluated = network.evaluated([genome])
            network.tape.begin(recording: true)
            let y = network.net.forward(network.images, as: genome, with: network.store, on: network.tape)
            network.tape.backward(from: y) {
                network.tape.backend.upload((0..<4 * space.signature.outputCount).map { Float($0 % 5) - 1.7 }, to: $0)
            }
            var isUsed = [Bool](repeating: false, count: network.net.layout.floatCount)
            for slice in network.net.slices(of: genome) {
                for row in 0..<slice.rows {
                    for column in 0..<slice.columns {
                        isUsed[slice.entry.offset + row * slice.entry.columns + column] = true
                    }
                }
            }
            let own = network.net.networkSlices(of: genome).filter { $0.entry.role != .statistic }
            #expect(own.reduce(0) { $0 + $1.rows * $1.columns } == space.cost(of: genome).params)
            for (index, gradient) in network.store.gradients.values.enumerated() where !isUsed[index] {
                #expect(gradient == 0)
                network.store.values.base[index] = .nan
            }
            #expect(network.logits(genome) == before && network.evaluated([genome]) == evaluated)
        }
    }

    /// A subnet's slices, copied into the network of that one architecture, give the same logits, however norms are fed.
    @Test(arguments: kinds) func aSliceEqualsTheNetworkAlone(kind: String) throws {
        let space = try Self.space(kind)
        for genome in Self.genomes(space) {
            let network = try Network(space), alone = try Network(space, only: genome)
            for (slice, entry) in zip(network.net.networkSlices(of: genome), alone.net.layout.entries) {
                #expect(slice.entry.name == entry.name && slice.rows == entry.rows && slice.columns == entry.columns)
                alone.tape.backend.copy(
                    slice.view(of: network.store.values), to: entry.view(of: alone.store.values))
            }
            #expect(network.net.networkSlices(of: genome).count == alone.net.layout.entries.count)
            network.net.resolve(
                genome, from: network.store.values, into: alone.store.values, on: network.tape.backend)
            alone.tape.backend.copy(network.images, to: alone.images)
            #expect(network.logits(genome) == alone.logits(genome))
            #expect(network.evaluated([genome]) == alone.evaluated([genome]))
        }
    }

    /// The statistics of a batch, put in place, give what the batch's own moments give; those of other examples do not.
    @Test(arguments: kinds) func statisticsOfTheBatchAreItsMoments(kind: String) throws {
        let space = try Self.space(kind)
        let network = try Network(space), genomes = Self.genomes(space)
        let plan = network.net.normPlan(of: genomes)
        let statistics = network.tape.backend.row(network.measured(plan).map(Float.init))
        let own = network.evaluated(genomes, by: plan)
        let fixed = network.evaluated(genomes, by: plan, statistics: statistics)
        for (index, genome) in genomes.enumerated() {
            #expect(own[index] == network.logits(genome))
            for (left, right) in zip(fixed[index], own[index]) {
                #expect(abs(left - right) < 2e-5 * max(1, abs(right)))
            }
            // Among the parameters they say the same, bit for bit, alone or with others.
            network.net.copyStatistics(
                of: index, in: plan, from: statistics, to: network.store.values, on: network.tape.backend)
            #expect(network.evaluated([genome, genome]) == [fixed[index], fixed[index]])
        }
        var random = SeededGenerator(77)
        network.tape.backend.copy(
            network.tape.backend.random(4, network.images.columns, using: &random), to: network.images)
        #expect(network.evaluated(genomes, by: plan, statistics: statistics) != network.evaluated(genomes, by: plan))
    }

    /// Many subnets at once have, bit for bit, the moments and logits of each alone; what they share is measured once.
    @Test(arguments: kinds) func manyEqualEachAlone(kind: String) throws {
        let space = try Self.space(kind)
        let network = try Network(space), genomes = Self.genomes(space, 30)
        let plan = network.net.normPlan(of: genomes), together = network.measured(plan)
        #expect(together.allSatisfy { $0.isFinite } && together == network.measured(plan))
        let statistics = network.tape.backend.row(together.map(Float.init))
        let logits = network.evaluated(genomes, by: plan, statistics: statistics)
        var count = 0
        for (index, genome) in genomes.enumerated() {
            let own = network.net.normPlan(of: [genome])
            let alone = network.measured(own)
            count += own.valueCount
            let nodes = plan.paths.first { $0.index == index }?.keys.map { plan.nodes[$0].offset } ?? []
            for (node, place) in zip(own.nodes, nodes) {
                let size = (own.nodes.map(\.offset) + [own.valueCount]).first { $0 > node.offset } ?? node.offset
                #expect(
                    alone[node.offset..<size].elementsEqual(together[place..<place + size - node.offset]))
            }
            let row = network.tape.backend.row(alone.map(Float.init))
            #expect(network.evaluated([genome], by: own, statistics: row) == [logits[index]])
        }
        #expect(plan.valueCount < count * 4 / 5)
    }

    /// Counted floats are those that are handed out, no genome needs more than the largest, and products are the exact cost.
    @Test(arguments: kinds) func memoryAndProductsAreCounted(kind: String) throws {
        let space = try Self.space(kind)
        let network = try Network(space), genomes = Self.genomes(space)
        let net = network.net
        let (training, evaluation) = (
            net.arenaFloats(batch: 4, for: .training), net.arenaFloats(batch: 4, for: .evaluation)
        )
        for genome in genomes {
            let arena = Arena(floats: 1 << 21), tape = Tape(backend: try Kernels(), arena: arena)
            tape.begin(recording: true)
            let y = net.forward(network.images, as: genome, with: network.store, on: tape)
            tape.backward(from: y) { tape.backend.fill($0, with: 1) }
            let real = arena.peakFloats
            #expect(net.dryTraining(of: genome, batch: 4, isDropping: true).floats == real && real <= training)
            let other = Arena(floats: evaluation), plan = net.normPlan(of: genomes + [genome])
            let measuring = Network(other: network, arena: other, backend: tape.backend)
            _ = measuring.measured(plan)
            _ = measuring.evaluated(genomes + [genome])
            // Once for all examples a kernel of t taps is made from one of as many: t * t times m.
            let made = try #require(space.cnn).architecture(of: genome).blocks.reduce(0) { sum, block in
                let taps = [25, 9].filter { $0 >= block.kernel * block.kernel && (block.stage == 0 || $0 == 9) }
                return sum + taps.reduce(0) { $0 + $1 * $1 * block.middle }
            }
            #expect(
                net.dryEvaluation(of: [genome], batch: 4).multiplyAdds
                    == Double(4 * space.cost(of: genome).multiplyAdds + (kind == "transformed" ? made : 0)))
        }
    }

    /// Branches beside a shortcut begin as nothing, statistics as those of normal values, weights as functions of their names.
    @Test func initialValues() throws {
        let network = try Network(try Self.elastic.get())
        network.net.initialize(network.store.values, seed: 1, on: network.tape.backend)
        func values(_ name: String) throws -> [Float] {
            let entry = try #require(network.net.layout.entries.first { $0.name == name })
            return network.tape.backend.download(entry.view(of: network.store.values))
        }
        #expect(try values("blocks.0.project.norm.weight").allSatisfy { $0 == 0 })
        #expect(try values("blocks.1.project.norm.weight").allSatisfy { $0 == 1 })
        #expect(try values("blocks.2.project.norm.weight").allSatisfy { $0 == 0 })
        #expect(try values("stem.norm.variance").allSatisfy { $0 == 1 })
        #expect(try values("stem.norm.mean").allSatisfy { $0 == 0 })
        let depthwise = try values("blocks.1.depthwise.weight")
        let square = depthwise.reduce(0) { $0 + $1 * $1 } / Float(depthwise.count)
        #expect(abs(square * 49 / 2 - 1) < 0.2)
        let statistics = Set(network.net.layout.ranges(of: .statistic).map(\.lowerBound))
        #expect(statistics.count == 2 * network.net.parameters.statistics.count)
    }
}

extension CNNSupernetTests.Network {
    /// The same network and parameters in other memory.
    init(other: Self, arena: Arena, backend: any Backend) {
        (net, space, store, images) = (other.net, other.space, other.store, other.images)
        tape = Tape(backend: backend, arena: arena)
    }
}

extension Backend {
    /// A matrix of random values that stays for the whole process.
    fileprivate func random(_ rows: Int, _ columns: Int, using random: inout SeededGenerator) -> MatrixView {
        row((0..<rows * columns).map { _ in Float.random(in: -1...1, using: &random) }, rows: rows)
    }

    /// Values in memory that stays for the whole process.
    fileprivate func row(_ values: [Float], rows: Int = 1) -> MatrixView {
        let memory = Unmanaged.passRetained(FloatBuffer(count: values.count)).takeUnretainedValue()
        let matrix = memory.matrix(rows: rows, columns: values.count / rows)
        upload(values, to: matrix)
        return matrix
    }
}
