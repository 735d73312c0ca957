import Foundation
import SearchSpaces
import Supernets
import SwiftProtobuf
import TestSupport
import Testing

@testable import Exporters
@testable import Tensors

/// Networks as files of ONNX.
@Suite struct ONNXExportTests {
    /// Written, read back and computed by the meaning of its operators, a network answers as here.
    @Test(arguments: Networks.spaces) func aFileAnswersAsTheNetwork(yaml: String) throws {
        let space = try Networks.space(yaml), kernels = try Kernels()
        for genome in Networks.genomes(space, 6) {
            let model = try Networks.model(genome, of: space)
            for normalizes in [false, true] {
                let export = try ONNXExport(model, ExportSettings(normalizes: normalizes, run: "abc"), on: kernels)
                #expect(export.difference < 1e-5, "\(space.name) \(space.text(of: genome)): \(export.difference)")
            }
        }
    }

    /// Versions, names, the free batch, what is known of the network.
    @Test(arguments: Networks.spaces) func aFileTellsOfItsNetwork(yaml: String) throws {
        let space = try Networks.space(yaml), kernels = try Kernels()
        let model = try Networks.model(space.largest, of: space).folded(on: kernels)
        let bytes = try ONNXExport(model, ExportSettings(run: "abc"), on: kernels).bytes
        let file = try Onnx_ModelProto(serializedBytes: bytes)
        #expect(file.irVersion == 8 && file.opsetImport.map(\.version) == [17] && file.producerName == "nasd")
        let isImage = space.signature.inputCount > 6
        #expect(file.graph.input.map(\.name) == [isImage ? "images" : "features"])
        #expect(file.graph.output.map(\.name) == [space.name == "numbers" ? "values" : "logits"])
        let entries = Dictionary(uniqueKeysWithValues: file.metadataProps.map { ($0.key, $0.value) })
        #expect(entries["genome"] == space.text(of: space.largest) && entries["run"] == "abc")
        #expect(entries["digest"] == model.description.digest && entries["nasd"] == model.json)
        #expect(entries["validationAccuracy"] == "0.5")
        // The same network, the same bytes; and norms that are not folded come out folded.
        let whole = try Networks.model(space.largest, of: space)
        #expect(try ONNXExport(whole, ExportSettings(run: "abc"), on: kernels).bytes == bytes)
        // Every constant is read, and every name is given once.
        let read = Set(file.graph.node.flatMap(\.input)), made = file.graph.node.flatMap(\.output)
        #expect(file.graph.initializer.allSatisfy { read.contains($0.name) } && Set(made).count == made.count)
        let params = file.graph.initializer.filter { $0.dims.count > 0 && $0.dataType == 1 }
        #expect(params.reduce(0) { $0 + $1.rawData.count } / 4 > space.cost(of: space.largest).params / 2)
    }

    /// An exporter that is broken in any of its parts is caught, and no bytes come out.
    @Test(arguments: Networks.spaces) func aBrokenExporterIsCaught(yaml: String) throws {
        let space = try Networks.space(yaml), kernels = try Kernels()
        let model = try Networks.model(space.largest, of: space).folded(on: kernels)
        let plan = try ONNXPlan(model, ExportSettings(normalizes: true)), file = plan.written(on: kernels)
        let comparison = plan.comparison(on: kernels)
        try plan.check(file.serializedBytes(), against: comparison)
        func isCaught(_ change: (inout Onnx_ModelProto) -> Void) throws -> Bool {
            var other = file
            change(&other)
            do {
                try plan.check(other.serializedBytes(), against: comparison)
                return false
            } catch let error as ExportError {
                return error.isFault
            }
        }
        // Every constant, but for biases of keys: softmax does not see them.
        for (place, tensor) in file.graph.initializer.enumerated() where !tensor.name.hasSuffix("key.bias") {
            let caught = try isCaught { other in
                let size = tensor.dataType == 1 ? 4 : 8
                // A bound of 0 that an activation has below, and a shape's first dimension, are told by another value.
                var bytes = [UInt8](tensor.rawData)
                for start in stride(from: 0, to: bytes.count, by: size) {
                    if size == 4 {
                        let value = Float(
                            bitPattern: bytes[start..<start + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) })
                        withUnsafeBytes(of: value * 1.3 + 0.3) { bytes.replaceSubrange(start..<start + 4, with: $0) }
                    } else {
                        bytes[start] &+= 2
                    }
                }
                other.graph.initializer[place].rawData = Data(bytes)
            }
            #expect(caught, "\(space.name): \(tensor.name)")
        }
        // Every node left out, its first input in the place of its output.
        for place in file.graph.node.indices {
            let caught = try isCaught { other in
                let node = other.graph.node.remove(at: place)
                for index in other.graph.node.indices {
                    other.graph.node[index].input = other.graph.node[index].input.map {
                        $0 == node.output[0] ? node.input[0] : $0
                    }
                }
            }
            // A clip at 6 that nothing reaches, a flattening, the order of one token's heads do nothing, and softmax does not see a
            // bias of keys.
            let node = file.graph.node[place]
            let isIdle =
                ["Clip", "Flatten"].contains(node.opType) || node.name.hasSuffix("key")
                || node.name.hasSuffix("joined")
            #expect(caught || isIdle, "\(space.name): \(node.name)")
        }
        #expect(try isCaught { $0.graph.input[0].type.tensorType.shape.dim[0].dimValue = 1 })
        #expect(try isCaught { $0.graph.output[0].name = "other" })
        #expect(try isCaught { $0.opsetImport[0].version = 18 })
        #expect(throws: ExportError.self) {
            try plan.check(Data(file.serializedBytes() as [UInt8]).dropLast(3), against: comparison)
        }
    }

    /// Classes are told apart as here, unless the two best are as good as equal; what is no number passes nowhere.
    @Test func theRulesOfTheComparison() throws {
        let space = try Networks.space(Networks.spaces[1])
        let comparison = Comparison(
            try Networks.model(space.largest, of: space), examples: nil, scaling: nil, targets: nil, on: try Kernels())
        try comparison.check(comparison.expected, format: "test")
        func moved(_ share: Float) -> [[Float]] {
            comparison.expected.map { row in
                let scale = row.map(abs).max() ?? 0
                return row.enumerated().map { $0 == 1 ? $1 + share * scale : $1 }
            }
        }
        #expect(try abs(comparison.check(moved(5e-5), format: "test") - 5e-5) < 1e-6)
        #expect(throws: ExportError.self) { try comparison.check(moved(2e-4), format: "test") }
        #expect(throws: ExportError.self) { try comparison.check(moved(.nan), format: "test") }
        #expect(throws: ExportError.self) { try comparison.check(comparison.expected.dropLast(), format: "test") }
        #expect(throws: ExportError.self) {
            try comparison.check(comparison.expected.map { $0.dropLast() }, format: "test")
        }
    }
}
