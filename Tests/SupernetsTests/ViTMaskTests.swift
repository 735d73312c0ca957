import SearchSpaces
import Testing

@testable import Supernets

/// The network at full width under masks: equal to slices for genomes, differentiable between them.
@Suite struct ViTMaskTests {
    private static func scene() throws -> MaskScene {
        let network = try ViTSupernetTests.Network(ViTSupernetTests.elastic.get())
        return try MaskScene(network.net, network.store, network.images)
    }

    @Test func masksOfAGenomeEqualItsSlice() throws { try Self.scene().checkOutputs() }

    @Test func theGradientIsThatOfTheSlice() throws { try Self.scene().checkGradients() }

    @Test func differencesThroughTheMasks() throws { try Self.scene().checkDifferences() }
}
