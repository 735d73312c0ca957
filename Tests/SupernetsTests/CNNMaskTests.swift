import SearchSpaces
import Testing

@testable import Supernets
@testable import Tensors

/// Convolutional networks at full width under masks.
@Suite struct CNNMaskTests {
    private static func scene(_ space: SearchSpace) throws -> MaskScene {
        let network = try CNNSupernetTests.Network(space)
        return try MaskScene(network.net, network.store, network.images)
    }

    /// Widths of stem and head as well, and blocks without expand whose input is elastic; no kinks but those of the layer
    /// between squeeze and excite, at which there is no slope to compare with.
    private static let smooth = Result {
        try SearchSpace.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: SearchSpace
                name: smooth
                family: cnn
                input: {height: 9, width: 7, channels: 2, classes: 3}
                stem: {kernel: 3, stride: 1, width: [8, 16], activation: swish}
                stages:
                  - {stride: 1, width: [8, 16], depth: [1, 2], kernel: [3, 5], expand: 1, activation: swish}
                  - {stride: 2, width: 16, depth: [1, 2, 3], kernel: [3, 5, 7], expand: [1.5, 2, 3], activation: swish}
                  - {stride: 1, width: [16, 24], depth: [2, 3], kernel: 3, expand: 2, squeezeExcite: true,
                     activation: swish}
                head: {width: [16, 24], activation: swish}
                """, file: "smooth.yaml")
    }

    @Test(arguments: [false, true]) func masksOfAGenomeEqualItsSlice(isSmooth: Bool) throws {
        try Self.scene((isSmooth ? Self.smooth : CNNSupernetTests.elastic).get()).checkOutputs()
    }

    @Test(arguments: [false, true]) func theGradientIsThatOfTheSlice(isSmooth: Bool) throws {
        try Self.scene((isSmooth ? Self.smooth : CNNSupernetTests.elastic).get()).checkGradients()
    }

    @Test func differencesThroughTheMasks() throws {
        try Self.scene(Self.smooth.get()).checkDifferences(tolerance: 1e-2)
    }

    /// A unit that is not there has a gradient that tells what it would do, and no pass over a map is added.
    @Test func whatIsMaskedTellsWhatItWouldDo() throws {
        let space = try Self.smooth.get(), scene = try Self.scene(space)
        let gradient = scene.backward(OptionWeights(space.smallest, of: space.decisions))
        for (index, decision) in space.decisions.enumerated() where space.isActive(space.smallest)[index] {
            // With the least depth no block is there that may be missing.
            for (option, value) in gradient[index].enumerated() {
                #expect((value == 0) == (decision.name == "depth" && option == 0), "\(decision.name) \(option)")
            }
        }
        #expect(scene.net.maskedMultiplyAdds == space.cost(of: space.largest).multiplyAdds)
    }

    /// The masks of a published space: so many for each choice that is open, none for what is fixed.
    @Test func masksFollowTheChoices() throws {
        let space = try SearchSpace.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: SearchSpace
                name: tiny
                family: cnn
                input: {height: 8, width: 8, channels: 1, classes: 3}
                stem: {kernel: 3, width: 8}
                stages:
                  - {width: [8, 16], depth: [1, 3], kernel: [3, 5], expand: [2, 3]}
                  - {width: 24, depth: 1, kernel: 3, expand: 1, squeezeExcite: true}
                head: {width: 16}
                """, file: "tiny.yaml")
        let net = try #require(space.supernet() as? CNNSupernet)
        #expect(
            net.masks.layout.entries.map { "\($0.name) \($0.columns)" } == [
                "stages.0 16", "blocks.0.middle 24", "blocks.0.taps 25", "blocks.1.middle 48", "blocks.1.taps 25",
                "blocks.1.gate 1", "blocks.2.middle 48", "blocks.2.taps 25", "blocks.2.gate 1", "blocks.3.squeezed 8",
            ])
        // Block 3 has no expand layer: what it reads is what its middle is.
        let stage = net.masks.layout.entries[0]
        let laid = (net.maskSites?.sites ?? []).filter { $0.mask == stage }.map(\.parameter.name)
        #expect(
            laid
                == ["blocks.1.expand", "blocks.2.expand", "blocks.3.squeeze", "blocks.3.project"].map { $0 + ".weight" }
        )
        #expect(space.standalone(space.largest) is any MaskableSupernet && space.unmaskedParts.isEmpty)
    }

    /// What is not computed under masks is told in the words of space files.
    @Test func whatHasNoMasksIsNamed() throws {
        func space(_ stem: String, _ stage: String, _ more: String = "") throws -> [String] {
            try SearchSpace.parse(
                yaml: """
                    apiVersion: nasd/v1
                    kind: SearchSpace
                    name: tiny
                    family: cnn
                    input: {height: 32, width: 32, channels: 3, classes: 3}
                    stem: {kernel: 3, width: 8\(stem)}
                    stages: [{width: [8, 16], depth: 1, kernel: 3, expand: 2\(stage)}]
                    \(more)
                    """, file: "tiny.yaml"
            ).unmaskedParts
        }
        #expect(try space("", "") == [])
        #expect(try space("", "", "resolution: [24, 32]") == ["resolution"])
        #expect(try space(", inner: [8]", ", block: bottleneck") == ["block: bottleneck", "stem.inner"])
        #expect(try ViTSupernetTests.elastic.get().unmaskedParts == [])
    }
}
