import SearchSpaces
import TestSupport
import Testing

@testable import Supernets
@testable import Tensors

/// Kernels that come from larger ones by learned transforms.
@Suite struct KernelTransformTests {
    /// Transforms begin as the identity, so that kernels begin as centres.
    @Test func theIdentityGivesTheCentre() throws {
        let space = try CNNSupernetTests.transformed.get()
        let plain = try SearchSpace.parse(
            yaml: space.resolvedYAML.replacing("kernelTransforms: true\n", with: ""), file: "plain.yaml")
        #expect(plain.cnn?.hasKernelTransforms == false && plain.fingerprint != space.fingerprint)
        let network = try CNNSupernetTests.Network(space), other = try CNNSupernetTests.Network(plain)
        network.net.initialize(network.store.values, seed: 4, on: network.tape.backend)
        other.net.initialize(other.store.values, seed: 4, on: other.tape.backend)
        other.tape.backend.copy(network.images, to: other.images)
        for genome in CNNSupernetTests.genomes(space) {
            for (left, right) in zip(network.logits(genome), other.logits(genome)) { #expect(abs(left - right) < 1e-6) }
        }
    }

    /// A pair for each block with three kernels, one matrix for each with two, none decays, and none is in a network alone.
    @Test func transformsAreTheSupernets() throws {
        let space = try CNNSupernetTests.transformed.get(), net = space.supernet()
        let transforms = net.layout.entries.filter { $0.role == .transform }
        #expect(transforms.map(\.columns) == [25, 9, 25, 9, 9] && !net.isDecayed(.transform))
        let alone = space.standalone(space.smallest).layout.entries
        #expect(!alone.contains { $0.role == .transform } && !alone.contains { $0.name.contains("transform") })
        // The largest network has none, the smallest needs each of its blocks'.
        #expect(!net.slices(of: space.largest).contains { $0.entry.role == .transform })
        #expect(net.slices(of: space.smallest).filter { $0.entry.role == .transform }.map(\.columns) == [25, 9, 9])
    }

    /// 3 of 7 by hand: T3 times the centre of (T5 times the centre of the kernel).
    @Test func kernelsByHand() throws {
        var layout = ParameterLayout()
        let stored = layout.add("kernel", .weight, shape: [2, 1, 7, 7], arrangement: .rings)
        let transforms = try #require(KernelTransforms("t", kernels: [3, 5, 7], in: &layout))
        let values = FloatBuffer(count: layout.floatCount), kernels = try Kernels()
        var random = SeededGenerator(2)
        for index in 0..<values.count { values.base[index] = Float.random(in: -1...1, using: &random) }
        func matrix(_ name: String) throws -> MatrixView {
            try #require(layout.entries.first { $0.name == name }).view(of: values)
        }
        let (five, three) = (try matrix("t.5"), try matrix("t.3"))
        let result = FloatBuffer(count: 18), target = result.matrix(rows: 9, columns: 2)
        transforms.write(3, of: stored.view(of: values), values: values, to: target, on: kernels)
        for channel in 0..<2 {
            let middle = (0..<25).map { row in
                (0..<25).reduce(0.0) {
                    $0 + Double(five.row(row)[$1]) * Double(stored.view(of: values).row($1)[channel])
                }
            }
            for row in 0..<9 {
                let expected = (0..<9).reduce(0.0) { $0 + Double(three.row(row)[$1]) * middle[$1] }
                #expect(abs(Double(target.row(row)[channel]) - expected) < 1e-5)
            }
        }
        #expect(transforms.taps(for: 7) == 49 && transforms.taps(for: 5) == 25 && transforms.taps(for: 3) == 25)
    }
}
