import TestSupport
import Testing

@testable import SearchSpaces

@Suite struct ArchitectureEncodingTests {
    private static let space = Result { try space(mixture: "{experts: 1}") }

    private static func space(mixture: String) throws -> SearchSpace {
        try SearchSpace.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: SearchSpace
                name: tiny
                family: vit
                input: {height: 8, width: 8, channels: 2, patch: 4, classes: 3}
                headWidth: 4
                choices: {embed: [8, 10, 12], depth: [1, 2, 3], heads: [1, 2], mlpRatio: [1, 3, 4]}
                mixture: \(mixture)
                """, file: "tiny.yaml")
    }

    private func expectClose(_ found: [Float], _ expected: [Float]) {
        #expect(found.count == expected.count)
        for (left, right) in zip(found, expected) { #expect(abs(left - right) < 1e-6, "\(found)") }
    }

    /// embed 10, depth 2, heads 1 and 2, ratios 3 and 4: means run over the blocks that are there.
    @Test func byHand() throws {
        let space = try Self.space.get()
        let weights = OptionWeights(Genome([1, 1, 0, 1, 1, 2, 1, 1]), of: space.decisions)
        let third = Float(2) / 3
        expectClose(
            ArchitectureEncoding(space, kind: .aggregate).encode(weights),
            [0.51, 0.51, (0.01 + 1.01) / 2, 0.01 + (third + 1) / 2])
        expectClose(
            ArchitectureEncoding(space, kind: .perLayer).encode(weights),
            [0.51, 0.51, 0.01, 0.01 + third, 1.01, 1.01, 0, 0])
        expectClose(
            ArchitectureEncoding(space, kind: .oneHot).encode(weights),
            [0, 1, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0])
        expectClose(ArchitectureEncoding(space, kind: .constant).encode(weights), [0.5, 0.5, 0.5, 0.5])
    }

    /// Against central differences, at genomes and between them.
    @Test(arguments: ArchitectureEncoding.Kind.allCases) func differences(kind: ArchitectureEncoding.Kind) throws {
        let space = try Self.space.get()
        let encoding = ArchitectureEncoding(space, kind: kind)
        var random = SeededGenerator(state: 7)
        var blend = OptionWeights(space.decisions)
        for index in blend.values.indices { blend.values[index] = Float.random(in: 0.1...0.5, using: &random) }
        let cases = [blend, OptionWeights(Genome([2, 1, 1, 0, 0, 2, 1, 1]), of: space.decisions)]
        let slopes = (0..<encoding.count).map { _ in Float.random(in: -1...1, using: &random) }
        func value(_ weights: OptionWeights) -> Double {
            zip(encoding.encode(weights), slopes).map { Double($0) * Double($1) }.reduce(0, +)
        }
        for weights in cases {
            let gradient = encoding.backward(slopes, at: weights)
            for index in weights.values.indices {
                var (above, below) = (weights, weights)
                above.values[index] += 1.0 / 128
                below.values[index] -= 1.0 / 128
                let slope = (value(above) - value(below)) * 64
                #expect(abs(Double(gradient.values[index]) - slope) < 2e-3 * max(1, abs(slope)), "\(index)")
            }
        }
    }

    /// Another mixture leaves everything else, whatever name and source say.
    @Test func mixturesAreReplaced() throws {
        let plain = try SearchSpace.parse(
            yaml: tinySpace.replacing("name: tiny", with: "name: tiny\nsource: 'mixture: {experts: 9}'"),
            file: "s")
        let mixed = try plain.replacing(mixture: "{experts: 3, hidden: 7}")
        #expect(mixed.mixture.experts == 3 && mixed.mixture.hidden == 7 && mixed.name == plain.name)
        #expect(mixed.source == plain.source && mixed.decisions == plain.decisions)
        #expect(try SearchSpace.parse(yaml: mixed.resolvedYAML, file: "t") == mixed)
        #expect(try mixed.replacing(mixture: "{experts: 1}") == plain)
        let faulty = faults { try plain.replacing(mixture: "{experts: 0}\nmore: 1") }
        #expect(faulty.count == 2 && faulty[0].contains("mixture.experts: expected a whole number from 1 to 64"))
        let elsewhere = try SearchSpace.parse(
            yaml: "apiVersion: nasd/v1\nkind: SearchSpace\nname: e\nfamily: external\n"
                + "decisions: [{name: k, options: [1]}]\n", file: "e")
        #expect(faults { try elsewhere.replacing(mixture: "{experts: 2}") }.first?.contains("found external") == true)
        for plain in ["{experts: 1}", "{experts: 1, routing: layer}", "{}"] {
            #expect(try elsewhere.replacing(mixture: plain) == elsewhere)
        }
    }

    /// What a mixture is belongs to the meaning of a space; that there is none, however it is written, does not.
    @Test func fingerprints() throws {
        let plain = try Self.space.get()
        let mixed = try ["{experts: 2}", "{experts: 3}", "{experts: 2, routing: layer}", "{experts: 2, rate: 10}"].map(
            Self.space(mixture:))
        #expect(Set(mixed.map(\.fingerprint) + [plain.fingerprint]).count == 5)
        for space in mixed { #expect(try SearchSpace.parse(yaml: space.resolvedYAML, file: "again") == space) }
        #expect(try Self.space(mixture: "{experts: 1, routing: layer, hidden: 7}").fingerprint == plain.fingerprint)
        #expect(plain.resolvedYAML.contains("experts: 1") && !plain.resolvedYAML.contains("routing"))
    }
}
