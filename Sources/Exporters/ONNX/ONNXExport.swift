internal import Foundation
internal import SearchSpaces
public import Supernets
internal import SwiftProtobuf
public import Tensors

/// A network as a file of ONNX: operators of version 17 (``opset``), IR version 8, 32 bits, the batch as a free dimension.
///
/// The input is called `images`, (batch, height, width, channels), or `features`, (batch, features); the output `logits`, or `values`
/// where numbers are told. `metadata_props` has the genome, the run, the network's digest, what was measured, and under `nasd`
/// the whole description, as the metadata of network files have it.
///
/// Before anything is handed out, the bytes are read back and computed by an interpreter of its own, and held against what the
/// network computes here.
public struct ONNXExport: Sendable {
    /// The version of the operators.
    public static let opset = 17
    /// The version of the format.
    public static let irVersion = 8
    /// How many examples a file is held against at most.
    public static let mostExamples = 16
    static let format = "ONNX"
    /// Protocol buffers hold 2 GiB at most.
    private static let mostBytes = Int(Int32.max) - (1 << 20)

    /// The file.
    public let bytes: [UInt8]
    /// The greatest difference of an output from what is computed here, as a share of the greatest magnitude of its example.
    public let difference: Float

    /// Writes a network, with its norms folded, and checks what was written.
    ///
    /// - Parameter examples: What the network reads, each a row; nil for normal numbers.
    /// - Throws: ``ExportError``.
    public init(
        _ model: ExtractedModel, _ settings: ExportSettings = ExportSettings(), examples: [[Float]]? = nil,
        on backend: any Backend
    ) throws(ExportError) {
        let plan = try ONNXPlan(model.folded(on: backend), settings)
        let size = plan.model.weights.count * MemoryLayout<Float>.stride
        guard size <= Self.mostBytes else {
            throw .tooLarge(format: Self.format, bytes: size, most: Self.mostBytes)
        }
        let file: Data
        do {
            file = try plan.written(on: backend).serializedBytes()
        } catch {
            throw .broken(format: Self.format, reason: "\(error)")
        }
        difference = try plan.check(file, against: plan.comparison(examples, on: backend))
        bytes = [UInt8](file)
    }
}

/// What is written of a network, and how it is checked.
struct ONNXPlan {
    let model: ExtractedModel
    let settings: ExportSettings
    let graph: InferenceGraph
    let scaling: InputScaling?
    let targets: ModelDescription.Scaling?

    init(_ model: ExtractedModel, _ settings: ExportSettings) throws(ExportError) {
        guard let graph = model.network.inference else {
            throw .unsupported(family: model.description.family, format: ONNXExport.format)
        }
        self.model = model
        self.settings = settings
        self.graph = graph
        scaling =
            settings.normalizes
            ? try InputScaling(of: model.description, columns: graph[graph.input].columns) : nil
        targets = settings.normalizes ? model.description.targets : nil
    }

    /// The input's name.
    var input: String { if case .row = graph[graph.input] { "features" } else { "images" } }
    /// The output's name.
    var output: String { if case .classes = model.space.signature.output { "logits" } else { "values" } }

    /// The file as a message.
    func written(on backend: any Backend) -> Onnx_ModelProto {
        var file = Onnx_ModelProto()
        file.irVersion = Int64(ONNXExport.irVersion)
        file.producerName = "nasd"
        file.producerVersion = ProductVersion.text
        var opset = Onnx_OperatorSetIdProto()
        opset.version = Int64(ONNXExport.opset)
        file.opsetImport = [opset]
        file.graph =
            ONNXGraphWriter(
                graph, NetworkWeights(values: model.weights, backend: backend), input: input, output: output,
                scaling: scaling, targets: targets
            ).result
        file.graph.name = model.description.key
        file.metadataProps = metadata.sorted { $0.key < $1.key }.map { key, value in
            var entry = Onnx_StringStringEntryProto()
            (entry.key, entry.value) = (key, value)
            return entry
        }
        return file
    }

    private var metadata: [String: String] {
        let description = model.description
        var entries = [
            "nasd": description.json, "genome": description.genome, "family": description.family,
            "params": "\(description.params)", "multiplyAdds": "\(description.multiplyAdds)",
            "inputs": scaling == nil ? "normalised" : "as the data have them: bytes of images divided by 255",
        ]
        entries["digest"] = description.digest
        entries["run"] = settings.run
        for (name, value) in description.measured { entries[name] = "\(value)" }
        if let scaling {
            entries["mean"] = scaling.mean.map { "\($0)" }.joined(separator: ",")
            entries["deviation"] = scaling.deviation.map { "\($0)" }.joined(separator: ",")
        }
        return entries
    }

    /// What a file is held against.
    func comparison(_ examples: [[Float]]? = nil, on backend: any Backend) -> Comparison {
        Comparison(model, examples: examples, scaling: scaling, targets: targets, on: backend)
    }

    /// Holds a file against what the network computes here: all examples at once, and the first alone.
    ///
    /// - Returns: The greatest difference.
    @discardableResult func check(_ file: Data, against comparison: Comparison) throws(ExportError) -> Float {
        let all: [[Float]]
        do {
            let reader = try ONNXInterpreter(file)
            all = try reader.run(comparison.inputs, input: input, output: output)
            let first = try reader.run(Array(comparison.inputs.prefix(1)), input: input, output: output)
            guard first == Array(all.prefix(1)) else {
                throw ONNXFault("an example alone answers otherwise than among others")
            }
        } catch let error as ONNXFault {
            throw .broken(format: ONNXExport.format, reason: error.reason)
        } catch {
            throw .broken(format: ONNXExport.format, reason: "\(error)")
        }
        return try comparison.check(all, format: ONNXExport.format)
    }
}
