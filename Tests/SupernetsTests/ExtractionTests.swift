import Foundation
import SearchSpaces
import Supernets
import TestSupport
import Testing

@testable import Tensors

@Suite struct ExtractionTests {
    private static let space = Result {
        try SearchSpace.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: SearchSpace
                name: tiny
                family: vit
                input: {height: 8, width: 8, channels: 2, patch: 4, classes: 3}
                headWidth: 4
                choices: {embed: [8, 12], depth: [1, 2, 3], heads: [1, 2, 3], mlpRatio: [2, 2.5]}
                """, file: "tiny.yaml")
    }

    private func logits(_ net: any Supernet, _ values: FloatBuffer, _ genome: Genome, _ images: MatrixView) throws
        -> [Float]
    {
        let tape = Tape(
            backend: try Kernels(), arena: Arena(floats: net.arenaFloats(batch: images.rows, for: .evaluation)))
        var result: [Float] = []
        net.evaluate(
            images, as: [genome], with: ParameterStore(values: values, gradients: values), on: tape
        ) { _, logits in result = (0..<logits.rows * logits.columns).map { logits.base[$0] } }
        return result
    }

    /// A network written, read and run alone gives the logits of the supernet's slice.
    @Test func extractionEqualsSlice() throws {
        let space = try Self.space.get()
        let supernet = space.supernet()
        let values = FloatBuffer(count: supernet.layout.floatCount)
        var random = SeededGenerator(8)
        for index in 0..<values.count { values.base[index] = Float.random(in: -0.5...0.5, using: &random) }
        let pixels = FloatBuffer(count: 5 * 128)
        for index in 0..<pixels.count { pixels.base[index] = Float.random(in: -1...1, using: &random) }
        let images = pixels.matrix(rows: 5, columns: 128)
        for genome in [space.smallest, space.largest] + (0..<6).map({ _ in space.randomGenome(using: &random) }) {
            let model = ExtractedModel(
                genome, of: supernet, values: values, normalization: .init(mean: [0.1, 0.2], deviation: [1, 0.3]),
                measured: ["testAccuracy": 0.5], data: "format: glyphs\n",
                kernels: try Kernels())
            let file = FileManager.default.temporaryDirectory.appending(path: "model-\(UUID().uuidString).safetensors")
            defer { try? FileManager.default.removeItem(at: file) }
            var data = Data()
            model.write { data.append(contentsOf: $0) }
            try data.write(to: file)
            let read = try ExtractedModel(file: file.path)
            #expect(read.description == model.description && read.genome == genome && read.space == space)
            #expect(read.description.params == space.cost(of: genome).params)
            let whole = try logits(supernet, values, genome, images)
            let alone = try logits(read.network, read.weights, read.genome, images)
            #expect(zip(whole, alone).allSatisfy { abs($0 - $1) <= 1e-6 * max(1, abs($1)) } && whole.count == 15)
        }
        withExtendedLifetime(pixels) {}
    }

    /// What is said of a table is read back to the bit; texts that are too many for a file are left out of it.
    @Test func tablesAreDescribed() throws {
        let space = try Self.space.get()
        let supernet = space.supernet()
        let values = FloatBuffer(count: supernet.layout.floatCount)
        func model(_ table: TableDescription?) throws -> ExtractedModel {
            ExtractedModel(
                space.smallest, of: supernet, values: values, normalization: .init(mean: [0], deviation: [1]),
                table: table, measured: [:], data: "format: csv\n", kernels: try Kernels())
        }
        func read(_ model: ExtractedModel) throws -> ModelDescription {
            let file = FileManager.default.temporaryDirectory.appending(path: "model-\(UUID().uuidString).safetensors")
            defer { try? FileManager.default.removeItem(at: file) }
            var data = Data()
            model.write { data.append(contentsOf: $0) }
            try data.write(to: file)
            return try ExtractedModel(file: file.path).description
        }
        let inputs: [TableDescription.Column] = [
            .init(name: "at", mean: 1_700_000_002.1, deviation: 0.1, valueBits: 64, missing: false),
            .init(
                name: "b", mean: .leastNonzeroMagnitude, deviation: .leastNormalMagnitude, valueBits: 64, missing: true),
            .init(name: "plain", mean: Double(Float(0.1)), deviation: 0.25, valueBits: 32, missing: true),
            .init(name: "\"a\\b\u{7F}", categories: ["", "e\u{301}", "\n", "日本"], missing: false),
        ]
        for table in [
            TableDescription(inputs: inputs, target: "k", classes: ["x", "y", "z"]),
            TableDescription(inputs: inputs, targets: [.init(name: "y", mean: 1e30, deviation: 1e20, valueBits: 64)]),
        ] {
            let found = try read(try model(table))
            #expect(found.table == table && found.format == "nasd-model/3")
            #expect(
                found.table?.inputs[3].categories?.map { Array($0.utf8) }
                    == inputs[3].categories?.map { Array($0.utf8) })
        }
        #expect(try read(try model(nil)).format == "nasd-model/2")
        let names = (0..<90_000).map { "\($0)" + String(repeating: "x", count: 100) }
        let many = try read(
            try model(TableDescription(inputs: inputs, target: "k", classes: names)))
        #expect(many.table == nil && many.format == "nasd-model/3")
    }

    @Test func filesOfOthersAreRefused() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "other-\(UUID().uuidString).safetensors")
        defer { try? FileManager.default.removeItem(at: file) }
        for metadata in [[:], ["nasd": "{}"], ["nasd": "no JSON"]] as [[String: String]] {
            var data = Data()
            SafetensorsWriter(metadata: metadata).write { data.append(contentsOf: $0) }
            try data.write(to: file)
            #expect(throws: TensorFileError.self) { try ExtractedModel(file: file.path) }
        }
        #expect(throws: TensorFileError.self) { try ExtractedModel(file: "/nowhere/at.all") }
    }

    /// A bit that has turned anywhere in the file is noticed; a file of an earlier version is told as unverified.
    @Test func aFlippedBitIsNoticed() throws {
        let space = try Self.space.get()
        let supernet = space.supernet()
        let values = FloatBuffer(count: supernet.layout.floatCount)
        supernet.initialize(values, seed: 1, on: try Kernels())
        let model = ExtractedModel(
            space.smallest, of: supernet, values: values, normalization: .init(mean: [0.1, 0.2], deviation: [1, 0.3]),
            measured: ["testAccuracy": 0.5], data: "format: glyphs\n", kernels: try Kernels())
        var whole = Data()
        model.write { whole.append(contentsOf: $0) }
        let file = FileManager.default.temporaryDirectory.appending(path: "model-\(UUID().uuidString).safetensors")
        defer { try? FileManager.default.removeItem(at: file) }
        func read(_ data: Data) throws -> ExtractedModel {
            try data.write(to: file)
            return try ExtractedModel(file: file.path)
        }
        #expect(try read(whole).isVerified)
        var random = SeededGenerator(3)
        for _ in 0..<400 {
            let place = Int.random(in: 0..<whole.count, using: &random)
            // Blanks behind the header's end carry nothing.
            guard whole[place] != 0x20 else { continue }
            var flipped = whole
            flipped[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            #expect(throws: TensorFileError.self, "byte \(place)") { try read(flipped) }
        }
        let text = String(decoding: whole, as: Unicode.ASCII.self)
        let mark = try #require(text.range(of: "nasd-model/2"))
        var old = whole
        old[text.distance(from: text.startIndex, to: mark.upperBound) - 1] = UInt8(ascii: "1")
        // Its digest is that of another description.
        #expect(throws: TensorFileError.self) { try read(old) }
    }

    /// A small file may tell of any network: there is no room made for what it does not hold.
    @Test func aSmallFileThatTellsOfALargeNetworkIsRefused() throws {
        let space = try Self.space.get()
        let supernet = space.supernet()
        let values = FloatBuffer(count: supernet.layout.floatCount)
        let model = ExtractedModel(
            space.smallest, of: supernet, values: values, normalization: .init(mean: [0, 0], deviation: [1, 1]),
            measured: [:], data: "format: glyphs\n", kernels: try Kernels())
        let huge = try SearchSpace.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: SearchSpace
                name: huge
                family: vit
                input: {height: 1024, width: 1024, channels: 3, patch: 1, classes: 1000}
                headWidth: 512
                choices: {embed: [16384], depth: [1], heads: [64], mlpRatio: [16]}
                """, file: "huge.yaml")
        var description = try #require(
            try JSONSerialization.jsonObject(with: Data(model.json.utf8)) as? [String: Any])
        description["space"] = huge.resolvedYAML
        description["genome"] = huge.text(of: huge.largest)
        description["format"] = "nasd-model/1"
        description["digest"] = nil
        let text = String(decoding: try JSONSerialization.data(withJSONObject: description), as: UTF8.self)
        var writer = SafetensorsWriter(metadata: ["nasd": text])
        for entry in model.network.layout.entries {
            writer.add(
                entry.name, model.weights.matrix(offset: entry.offset, rows: entry.rows, columns: entry.columns))
        }
        let file = FileManager.default.temporaryDirectory.appending(path: "model-\(UUID().uuidString).safetensors")
        defer { try? FileManager.default.removeItem(at: file) }
        var data = Data()
        writer.write { data.append(contentsOf: $0) }
        try data.write(to: file)
        #expect(throws: TensorFileError.self) { try ExtractedModel(file: file.path) }
    }
}
