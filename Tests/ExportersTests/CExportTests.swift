import Foundation
import SearchSpaces
import Supernets
import TestSupport
import Testing

@testable import Exporters
@testable import Tensors

/// Networks as files of C.
@Suite struct CExportTests {
    /// Compiled without a warning, a file answers as the network, in memory of exactly the stated size.
    @Test(.enabled(if: CCompiler.isThere, "needs gcc or clang"), arguments: Networks.spaces)
    func aFileAnswersAsTheNetwork(yaml: String) throws {
        let space = try Networks.space(yaml), kernels = try Kernels(), compiler = try CCompiler()
        defer { compiler.remove() }
        for (number, genome) in Networks.genomes(space, 1).enumerated() {
            let model = try Networks.model(genome, of: space)
            for (precision, normalizes) in [(WeightPrecision.float32, number == 0), (.int8, false)] {
                let settings = ExportSettings(normalizes: normalizes, run: "a */ b")
                let export = try CExport(model, name: "net", precision: precision, settings, on: kernels)
                try compiler.write(export.source, "net.c")
                try compiler.write(export.header, "net.h")
                let program = try #require(try compiler.build("net"))
                let rounded = model.rounded(to: precision, on: kernels)
                let graph = try #require(rounded.network.inference)
                let scaling =
                    normalizes ? try InputScaling(of: rounded.description, columns: graph[graph.input].columns) : nil
                let comparison = Comparison(
                    rounded, examples: nil, scaling: scaling, targets: normalizes ? rounded.description.targets : nil,
                    on: kernels)
                let difference = try comparison.check(
                    try compiler.outputs(program, comparison.inputs), format: "C")
                #expect(difference < 1e-5 && export.difference < 1e-5, "\(space.name) \(difference)")
                #expect(export.sizes.arena == export.sizes.activations + export.sizes.scratch)
                guard precision == .float32 else { continue }
                let memory = try compiler.memory("net")
                #expect(memory.symbol == export.sizes.arena && memory.section == export.sizes.arena)
                guard number == 1, let narrow = try compiler.build("net", ["-m32"]) else { continue }
                try comparison.check(try compiler.outputs(narrow, comparison.inputs), format: "C")
            }
        }
    }

    /// The static memory beside `activationBytes`: of convolutional networks at most 1.25 times.
    @Test func memoryIsThatOfTheMetric() throws {
        for name in ["cnn-mnist", "cnn-cifar", "cnn-mcu", "cnn-resnet-cifar", "vit-mnist", "mlp-letter"] {
            let file = Repository.root.appending(path: "SearchSpaces/\(name).yaml")
            let space = try Networks.space(try String(contentsOf: file, encoding: .utf8))
            guard space.hasSupernet, space.missingParts.isEmpty else { continue }
            for genome in Networks.genomes(space, 20) {
                let network = space.standalone(genome)
                let graph = try #require(network.inference)
                let plan = ArenaPlan(graph, copiesInput: false)
                let bytes = try #require(space.cost(of: genome)[.activationBytes])
                let share = Double(4 * plan.count) / Double(bytes)
                #expect(share <= (space.familyName == "cnn" ? 1.25 : 1.3), "\(name): \(share)")
            }
        }
    }

    /// No two values that live at a time overlap, in plans of any network.
    @Test(arguments: Networks.spaces) func plansKeepValuesApart(yaml: String) throws {
        let space = try Networks.space(yaml)
        for genome in Networks.genomes(space, 20) {
            let graph = try #require(space.standalone(genome).inference)
            for copies in [false, true] {
                let plan = ArenaPlan(graph, copiesInput: copies)
                #expect(plan.places.first == (copies ? plan.places.first : .input) && plan.places.last == .output)
                for (number, step) in graph.steps.enumerated() {
                    // What is read later than this step, or by it, is not under what it leaves, unless it takes its place.
                    let later = graph.steps[(number + 1)...].flatMap { $0.inputs + ($0.added.map { [$0] } ?? []) }
                    guard case .arena(let y) = plan.places[step.output.index] else { continue }
                    let own = y..<y + graph[step.output].count
                    #expect(own.upperBound <= plan.activations)
                    for value in Set(later) where value.index < step.output.index {
                        guard case .arena(let x) = plan.places[value.index] else { continue }
                        #expect(!own.overlaps(x..<x + graph[value].count), "\(space.name), step \(number)")
                    }
                }
            }
        }
    }

    /// A plan that lays two values over one another is caught, wherever that is.
    @Test func aBrokenPlanIsCaught() throws {
        let space = try Networks.space(Networks.spaces[3]), kernels = try Kernels()
        let model = try Networks.model(space.largest, of: space).folded(on: kernels)
        let graph = try #require(model.network.inference), plan = ArenaPlan(graph, copiesInput: false)
        let weights = CWeights(graph, NetworkWeights(values: model.weights, backend: kernels))
        let comparison = Comparison(model, examples: nil, scaling: nil, targets: nil, on: kernels)
        func difference(_ plan: ArenaPlan) throws -> Float {
            try CExport.check(
                ArenaMachine(graph: graph, plan: plan, weights: weights, scaling: nil, targets: nil),
                against: comparison)
        }
        #expect(try difference(plan) < 1e-5)
        for step in graph.steps {
            // The output over what the step reads: of all steps but those that may be computed in place.
            guard step.added == nil, case .arena(let place) = plan.places[step.inputs[0].index] else { continue }
            switch step.operation {
            case .linear, .depthwise:
                guard step.output != graph.output else { continue }
                #expect(throws: ExportError.self) { try difference(plan.moving(step.output, to: place)) }
            default: continue
            }
        }
    }

    /// Whole numbers of 8 bits stand for the weights to half a step, and biases stay.
    @Test func roundingByChannel() throws {
        let rows = RoundedWeight([1, -2, 4, 0, 0, 0, 0.5, 127, -127], columns: 3, isDepthwise: false)
        #expect(rows.scales == [Float(4) / 127, 1, 1] && rows.numbers == [32, -64, 127, 0, 0, 0, 1, 127, -127])
        let columns = RoundedWeight([1, 2, -4, 0.5], columns: 2, isDepthwise: true)
        #expect(columns.scales == [Float(4) / 127, Float(2) / 127] && columns.numbers == [32, 127, -127, 32])
        #expect(zip(columns.values, [1, 2, -4, 0.5]).allSatisfy { abs($0 - $1) <= Float(2) / 127 })
        let space = try Networks.space(Networks.spaces[3]), kernels = try Kernels()
        let model = try Networks.model(space.largest, of: space)
        let rounded = model.rounded(to: .int8, on: kernels), folded = model.folded(on: kernels)
        for entry in folded.network.layout.entries where entry.role != .weight {
            #expect(
                kernels.download(entry.view(of: rounded.weights)) == kernels.download(entry.view(of: folded.weights)))
        }
        #expect(rounded.description.digest != folded.description.digest)
        #expect(model.rounded(to: .float32, on: kernels).description == folded.description)
    }

    @Test func whatFilesSay() throws {
        let space = try Networks.space(Networks.spaces[1])
        let model = try Networks.model(space.smallest, of: space), kernels = try Kernels()
        let plain = try CExport(model, name: "net", on: kernels)
        let small = try CExport(model, name: "net", precision: .int8, on: kernels)
        #expect(small.sizes.weights < plain.sizes.weights && small.sizes.arena == plain.sizes.arena)
        #expect(plain.sizes.weights == 4 * space.cost(of: space.smallest).params)
        let header = String(decoding: plain.header, as: UTF8.self)
        #expect(header.contains("#define NET_ARENA_BYTES \(plain.sizes.arena)\n"))
        #expect(header.contains("genome \(space.text(of: space.smallest))"))
        #expect(header.contains("mathematical library: erff, sqrtf"))
        #expect(!String(decoding: plain.source, as: UTF8.self).contains("malloc"))
    }
}

extension ArenaPlan {
    /// The plan with a value elsewhere in the arena.
    func moving(_ value: InferenceGraph.Value, to offset: Int) -> ArenaPlan {
        var places = places
        places[value.index] = .arena(offset)
        return ArenaPlan(places: places, activations: activations, scratch: scratch)
    }
}
