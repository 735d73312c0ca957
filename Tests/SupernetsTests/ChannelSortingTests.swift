import SearchSpaces
import TestSupport
import Testing

@testable import Supernets
@testable import Tensors

/// Channels that change places.
@Suite struct ChannelSortingTests {
    /// The largest subnet's outputs stay within 1e-5, in training and by statistics; what goes along goes to the same places; and
    /// what is read most comes first.
    @Test(arguments: CNNSupernetTests.kinds) func theLargestSubnetStays(kind: String) throws {
        let space = try CNNSupernetTests.space(kind), network = try CNNSupernetTests.Network(space)
        let backend = network.tape.backend, count = network.store.values.count
        let along = FloatBuffer(count: count)
        backend.copy(network.store.values.whole, to: along.whole)
        let before = network.logits(space.largest), smaller = network.logits(space.smallest)
        let plan = network.net.normPlan(of: [space.largest])
        network.net.sortChannels(of: network.store.values, with: [along], on: backend)
        #expect(network.store.values.values.elementsEqual(along.values))
        let after = network.logits(space.largest), scale = before.map(abs).max() ?? 0
        for (left, right) in zip(before, after) { #expect(abs(left - right) < 1e-5 * scale) }
        for (left, right) in zip(before, network.evaluated([space.largest], by: plan)[0]) {
            #expect(abs(left - right) < 2e-5 * scale)
        }
        #expect(network.logits(space.smallest) != smaller)
        for entry in network.net.layout.entries where entry.name.hasSuffix("project.weight") {
            // Without an expand layer the channels are those of what comes before.
            guard entry.name != "blocks.0.project.weight" || kind != "inverted" else { continue }
            let weights = backend.download(entry.view(of: network.store.values)), taps = entry.columns / entry.shape[1]
            var sums = [Float](repeating: 0, count: entry.shape[1])
            for (place, weight) in weights.enumerated() { sums[place % entry.columns / taps] += abs(weight) }
            for (left, right) in zip(sums, sums.dropFirst()) { #expect(left >= right - 1e-4, "\(entry.name)") }
        }
        // Once more changes nothing.
        let sorted = Array(network.store.values.values)
        network.net.sortChannels(of: network.store.values, with: [], on: backend)
        #expect(network.store.values.values.elementsEqual(sorted))
    }
}
