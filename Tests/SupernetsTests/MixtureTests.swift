import SearchSpaces
import TestSupport
import Testing

@testable import Supernets
@testable import Tensors

/// Experts and routers of a mixture: what is merged, and gradients against differences.
@Suite struct MixtureTests {
    static func space(_ mixture: String) throws -> SearchSpace {
        try SearchSpace.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: SearchSpace
                name: tiny
                family: vit
                input: {height: 8, width: 8, channels: 2, patch: 4, classes: 3}
                headWidth: 4
                choices: {embed: [8, 12], depth: [1, 2, 3], heads: [1, 2], mlpRatio: [1, 2]}
                mixture: {\(mixture)}
                """, file: "tiny.yaml")
    }

    /// Convolutional networks, whose pointwise convolutions have norms in place of biases.
    static func convolutions(_ mixture: String) throws -> SearchSpace {
        try SearchSpace.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: SearchSpace
                name: tiny
                family: cnn
                input: {height: 8, width: 8, channels: 2, classes: 3}
                stem: {kernel: 3, width: 8}
                stages:
                  - {width: 8, depth: 1, kernel: 3, expand: 1}
                  - {width: [8, 16], depth: [1, 2], kernel: [3, 5], expand: [2, 3], squeezeExcite: true}
                head: {width: [16, 24]}
                mixture: {\(mixture)}
                """, file: "tiny.yaml")
    }

    static let kinds = ["layer", "neuron"].flatMap { routing in
        ["aggregate", "per-layer", "one-hot"].map { "experts: 3, routing: \(routing), encoding: \($0), hidden: 10" }
    }

    /// A mixture with large random parameters and room for one architecture.
    struct Scene {
        let space: SearchSpace
        let net: any Supernet
        let mixture: Mixture
        let values: FloatBuffer
        let gradient: FloatBuffer
        let room: MixtureRoom
        let kernels: Kernels

        init(_ settings: String, in family: (String) throws -> SearchSpace = MixtureTests.space) throws {
            space = try family(settings)
            net = space.supernet()
            mixture = try #require(net.mixture)
            values = FloatBuffer(count: net.trainedLayout.floatCount)
            gradient = FloatBuffer(count: values.count)
            var random = SeededGenerator(41)
            for index in 0..<values.count { values.base[index] = Float.random(in: -1...1, using: &random) }
            // Hidden units stay clear of their kink, where there is no slope to compare with.
            for entry in mixture.layout.entries where entry.name.contains("router.hidden") {
                for at in entry.offset..<entry.offset + entry.rows * entry.columns {
                    let value = values.base[at]
                    values.base[at] = entry.rows > 1 ? 0.1 * value : value < -0.3 ? value - 1 : abs(value) + 1
                }
            }
            room = MixtureRoom(mixture, floats: net.layout.floatCount, isTraining: true)
            kernels = try Kernels()
        }

        /// What is merged under an encoding, in the network's layout; 0 outside.
        func merged(_ genome: Genome, _ encoding: [Float]? = nil) -> [Float] {
            room.values.values.update(repeating: 0)
            let (shared, sites) = mixture.parts(of: net.slices(of: genome))
            for slice in shared { mixture.share(slice, from: values, into: room, with: kernels) }
            for site in sites {
                mixture.merge(
                    site, encoding: encoding ?? mixture.encode(genome, in: space), values: values, into: room,
                    with: kernels)
            }
            return Array(room.values.values)
        }

        /// The mixing weights at every router that an architecture uses; empty at others.
        func mixing(_ genome: Genome) -> [[[Float]]] {
            var all = [[[Float]]](repeating: [], count: mixture.sites.count)
            let encoding = mixture.encode(genome, in: space)
            for slice in mixture.parts(of: net.slices(of: genome)).sites {
                let flat = mixture.mixing(slice, encoding: encoding, values: values, room: room, with: kernels)
                all[slice.site] = stride(from: 0, to: flat.count, by: 3).map { Array(flat[$0..<$0 + 3]) }
            }
            return all
        }

        /// The gradients of sum(slopes * merged) by parameters and encoding.
        func backward(_ genome: Genome, slopes: [Float], encoding: [Float]) -> [Float] {
            _ = merged(genome, encoding)
            gradient.values.update(repeating: 0)
            _ = room.gradient.values.update(fromContentsOf: slopes)
            let (shared, sites) = mixture.parts(of: net.slices(of: genome))
            for slice in shared { mixture.shareBack(slice, from: room, into: gradient, with: kernels) }
            for site in sites {
                mixture.mergeBack(
                    site, encoding: encoding, values: values, from: room, into: gradient, with: kernels)
            }
            return mixture.encodingGradient(of: sites, in: room, with: kernels)
        }
    }

    /// Experts, biases, routers and the encoding against central differences of a linear function of what is merged.
    @Test(arguments: kinds) func differences(settings: String) throws { try Scene(settings).checkDifferences() }

    /// Nothing outside an architecture's slice is merged or has a gradient; rows of router outputs too.
    @Test(arguments: kinds) func nothingOutsideTheSlice(settings: String) throws {
        let scene = try Scene(settings)
        let genome = scene.space.smallest
        let merged = scene.merged(genome)
        var inside = Set<Int>()
        for slice in scene.net.slices(of: genome) {
            for row in 0..<slice.rows {
                let start = slice.entry.offset + row * slice.entry.columns
                inside.formUnion(start..<start + slice.columns)
            }
        }
        #expect(merged.indices.allSatisfy { inside.contains($0) || merged[$0] == 0 })
        _ = scene.backward(
            genome, slopes: [Float](repeating: 1, count: merged.count),
            encoding: scene.mixture.encode(genome, in: scene.space))
        for entry in scene.net.trainedLayout.entries {
            let gradient = Array(scene.gradient.values[entry.offset..<entry.offset + entry.rows * entry.columns])
            if entry.name.hasPrefix("blocks.1.") { #expect(gradient.allSatisfy { $0 == 0 }, "\(entry.name)") }
            if entry.name.hasPrefix("blocks.0.expansion.experts"), entry.rows > 1 {
                for at in gradient.indices {
                    let isInside = at / entry.columns < 8 && at % entry.columns < 8
                    #expect((gradient[at] != 0) == isInside, "\(entry.name) \(at)")
                }
            }
            if entry.name == "blocks.0.expansion.router.output.bias" {
                // 8 active neurons of 3 experts each.
                #expect(gradient.prefix(24).allSatisfy { $0 != 0 } && gradient.dropFirst(24).allSatisfy { $0 == 0 })
            }
        }
    }

    /// Mixing weights sum to 1 for each layer or neuron; those of the first neurons do not depend on how many there are.
    @Test(arguments: kinds) func mixingWeights(settings: String) throws {
        let scene = try Scene(settings)
        var narrow = scene.space.largest
        narrow.choices[0] = 0
        let all = scene.mixing(scene.space.largest)
        #expect(all.count == (settings.contains("routing: layer") ? 3 : 6))
        for rows in all {
            #expect(!rows.isEmpty && rows.allSatisfy { abs($0.reduce(0, +) - 1) < 1e-6 && $0.count == 3 })
        }
        #expect(all[0].count == (settings.contains("routing: layer") ? 1 : 24))
        // The same encoding for both: what is merged into the narrow one's slice is the same.
        let encoding = scene.mixture.encode(scene.space.largest, in: scene.space)
        let wide = scene.merged(scene.space.largest, encoding)
        for (index, value) in scene.merged(narrow, encoding).enumerated() where value != 0 {
            #expect(value == wide[index])
        }
        let smallest = scene.mixing(scene.space.smallest)
        #expect(smallest.last == [] && smallest[0] != Array(all[0].prefix(smallest[0].count)))
    }

    /// Equal experts are plain sharing whatever the routers say; a constant encoding is the same for all.
    @Test(arguments: kinds) func equalExpertsArePlainSharing(settings: String) throws {
        try Scene(settings).checkEqualExperts()
        let fixed = try Scene("experts: 2, encoding: constant")
        #expect(fixed.mixture.encode(fixed.space.smallest, in: fixed.space) == [0.5, 0.5, 0.5, 0.5])
        #expect(fixed.mixture.encode(fixed.space.largest, in: fixed.space) == [0.5, 0.5, 0.5, 0.5])
    }

    /// Initial values: experts differ unless they are copies, and an even mixture is as large as a plain weight, or is it.
    @Test(arguments: ["independent", "copies", "differential"], [3, 4])
    func initialValues(_ initialization: String, experts count: Int) throws {
        let scene = try Scene("experts: \(count), hidden: 16, initialization: \(initialization)")
        scene.net.initialize(scene.values, seed: 3, on: scene.kernels)
        let plain = FloatBuffer(count: scene.net.layout.floatCount)
        try Self.space("experts: 1").supernet().initialize(plain, seed: 3, on: scene.kernels)
        for layer in scene.mixture.sites.flatMap(\.layers) {
            #expect(layer.bias != nil)
            let size = layer.weight.rows * layer.weight.columns
            let experts = layer.experts.map { Array(scene.values.values[$0.weight.offset..<$0.weight.offset + size]) }
            let own = plain.values[layer.weight.offset..<layer.weight.offset + size]
            #expect((experts[0] == experts[1]) == (initialization == "copies"))
            // The last of three has no partner, and is the plain weight.
            if initialization == "differential" { #expect((experts[2] == Array(own)) == (count == 3)) }
            let mean = (0..<size).map { at in experts.map { $0[at] }.reduce(0, +) / Float(count) }
            let isPlain = zip(mean, own).allSatisfy { abs($0 - $1) < 1e-6 }
            #expect(isPlain == (initialization != "independent"))
            func deviation(_ values: some Sequence<Float>) -> Float {
                (values.reduce(0) { $0 + $1 * $1 } / Float(size)).squareRoot()
                    * Float(3 * layer.weight.columns).squareRoot()
            }
            #expect(abs(deviation(mean) - 1) < 0.2)
            let apart = initialization == "copies" ? 1 : Float(count).squareRoot()
            #expect(abs(deviation(experts[0]) - apart) < 0.2 * apart)
        }
        for entry in scene.net.trainedLayout.entries where entry.name.hasSuffix("router.output.weight") {
            #expect(scene.values.values[entry.offset..<entry.offset + 16].allSatisfy { $0 != 0 })
        }
    }

    /// Cosines of given moves by hand, the mean over pairs; nothing is told of experts that have not moved, or have diverged.
    @Test(arguments: ["layer", "neuron"]) func whatExpertsHaveLearned(routing: String) throws {
        let scene = try Scene("experts: 3, routing: \(routing)")
        scene.net.initialize(scene.values, seed: 3, on: scene.kernels)
        let initial = FloatBuffer(count: scene.values.count)
        scene.kernels.copy(scene.values.whole, to: initial.whole)
        func cosine(_ site: Int) -> Double? {
            scene.mixture.cosineOfMoves(ofSite: site, values: scene.values, initial: initial, with: scene.kernels)
        }
        let layers = scene.mixture.sites[1].layers
        let first = layers[0].experts, last = layers[layers.count - 1].experts.compactMap(\.bias)
        #expect(cosine(1) == nil)
        // Moves (0.5, 0.5), (0.5, 0) and (0, -0.5) of a weight and of a bias.
        scene.values.base[first[0].weight.offset] += 0.5
        scene.values.base[last[0].offset + 1] += 0.5
        scene.values.base[first[1].weight.offset] += 0.5
        #expect(cosine(1) == nil)
        scene.values.base[last[2].offset + 1] -= 0.5
        // (1 / sqrt 2 - 1 / sqrt 2 + 0) / 3
        #expect(abs(try #require(cosine(1))) < 1e-6 && cosine(0) == nil)
        scene.values.base[last[2].offset + 1] += 1
        // (1 / sqrt 2 + 1 / sqrt 2 + 0) / 3
        #expect(abs(try #require(cosine(1)) - 2.0.squareRoot() / 3) < 1e-6)
        scene.values.base[first[0].weight.offset] = .nan
        #expect(cosine(1) == nil)
    }

    /// A router of its own for each pointwise convolution, or for each block and the head; nothing else is mixed.
    @Test func whatConvolutionsAreMixed() throws {
        func sites(_ settings: String) throws -> [String] {
            try Scene("experts: 2, \(settings)", in: Self.convolutions).mixture.sites.map(\.name)
        }
        #expect(
            try sites("routing: neuron") == [
                "blocks.0.project", "blocks.1.expand", "blocks.1.project", "blocks.2.expand", "blocks.2.project",
                "head",
            ])
        #expect(try sites("routing: layer") == ["blocks.0", "blocks.1", "blocks.2", "head"])
        let scene = try Scene("experts: 2", in: Self.convolutions)
        let mixed = scene.mixture.layout.entries.map(\.name).filter { $0.contains("experts") }
        #expect(mixed.count == 12 && mixed.allSatisfy { $0.hasSuffix("weight") })
        // Under a norm experts begin as large as plain weights do.
        for layer in scene.mixture.sites.flatMap(\.layers) {
            for expert in layer.experts { #expect(expert.weight.initial == layer.weight.initial && expert.bias == nil) }
        }
    }

    @Test(arguments: kinds) func differencesOfConvolutions(settings: String) throws {
        try Scene(settings, in: Self.convolutions).checkDifferences()
    }

    @Test(arguments: kinds) func equalExpertsOfConvolutionsArePlainSharing(settings: String) throws {
        try Scene(settings, in: Self.convolutions).checkEqualExperts()
    }

    /// Nothing outside an architecture's slice is merged or has a gradient.
    @Test(arguments: kinds) func nothingOutsideTheSliceOfConvolutions(settings: String) throws {
        let scene = try Scene(settings, in: Self.convolutions)
        let merged = scene.merged(scene.space.smallest)
        var isInside = [Bool](repeating: false, count: merged.count)
        for slice in scene.net.slices(of: scene.space.smallest) {
            for row in 0..<slice.rows {
                for column in 0..<slice.columns {
                    isInside[slice.entry.offset + row * slice.entry.columns + column] = true
                }
            }
        }
        #expect(merged.indices.allSatisfy { isInside[$0] == (merged[$0] != 0) })
        _ = scene.backward(
            scene.space.smallest, slopes: [Float](repeating: 1, count: merged.count),
            encoding: scene.mixture.encode(scene.space.smallest, in: scene.space))
        for entry in scene.net.trainedLayout.entries where entry.name.hasPrefix("blocks.2.") {
            let gradient = scene.gradient.values[entry.offset..<entry.offset + entry.rows * entry.columns]
            #expect(gradient.allSatisfy { $0 == 0 }, "\(entry.name)")
        }
    }

    @Test func plainNetworksHaveNoMixture() throws {
        #expect(try Self.space("experts: 1, routing: layer").supernet().mixture == nil)
        #expect(try Self.space("experts: 2").standalone(Self.space("experts: 2").smallest).mixture == nil)
    }
}

extension MixtureTests.Scene {
    private static func product(_ a: [Float], _ b: [Float]) -> Double {
        zip(a, b).map { Double($0) * Double($1) }.reduce(0, +)
    }

    /// Experts, routers and the encoding against central differences of a linear function of what is merged.
    func checkDifferences() {
        var random = SeededGenerator(42)
        let slopes = random.floats(net.layout.floatCount)
        for genome in [space.largest, space.randomGenome(using: &random)] {
            let encoding = mixture.encode(genome, in: space)
            let byEncoding = backward(genome, slopes: slopes, encoding: encoding)
            let found = Array(gradient.values)
            let step: Float = 1.0 / 256
            for entry in net.trainedLayout.entries where entry.name.contains("0.") {
                for at in [entry.offset, entry.offset + entry.rows * entry.columns / 2] {
                    let value = values.base[at]
                    values.base[at] = value + step
                    let above = Self.product(slopes, merged(genome, encoding))
                    values.base[at] = value - step
                    let below = Self.product(slopes, merged(genome, encoding))
                    values.base[at] = value
                    let slope = (above - below) / Double(2 * step)
                    #expect(abs(Double(found[at]) - slope) < 3e-3 * max(1, abs(slope)), "\(entry.name) \(at)")
                }
            }
            for index in encoding.indices {
                var (above, below) = (encoding, encoding)
                above[index] += step
                below[index] -= step
                let slope =
                    (Self.product(slopes, merged(genome, above)) - Self.product(slopes, merged(genome, below)))
                    / Double(2 * step)
                #expect(abs(Double(byEncoding[index]) - slope) < 3e-3 * max(1, abs(slope)), "encoding \(index)")
            }
        }
    }

    /// With equal experts what is merged is the same for all architectures.
    func checkEqualExperts() {
        for layer in mixture.sites.flatMap(\.layers) {
            for experts in [layer.experts.map(\.weight), layer.experts.compactMap(\.bias)] {
                for to in experts.dropFirst() {
                    (values.base + to.offset).update(
                        from: values.base + experts[0].offset, count: to.rows * to.columns)
                }
            }
        }
        var random = SeededGenerator(43)
        let plain = merged(space.largest)
        for _ in 0..<6 {
            for (index, value) in merged(space.randomGenome(using: &random)).enumerated() where value != 0 {
                #expect(abs(value - plain[index]) < 1e-6)
            }
        }
    }
}
