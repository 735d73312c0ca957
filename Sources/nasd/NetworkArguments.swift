internal import ArgumentParser
internal import Coordinator
internal import Exporters
internal import SearchSpaces
internal import Store
internal import Supernets
internal import UserFiles

/// The formats that networks are written in.
enum NetworkFileFormat: String, CaseIterable, ExpressibleByArgument {
    /// As nasd reads it again.
    case safetensors
    /// A graph that other runtimes compute.
    case onnx
}

/// What a network is written as.
struct NetworkArguments: ParsableArguments {
    @Option(help: "safetensors, which nasd reads, or onnx, which other runtimes compute.")
    var format = NetworkFileFormat.safetensors
    @Flag(
        help:
            "Keep batch norms with their statistics, so that the network can be trained on, rather than fold them into the layers before them."
    )
    var keepNorms = false
    @Flag(help: "Let an ONNX file normalise what it reads, and tell numbers in the units of the data.")
    var normalize = false

    func validate() throws {
        guard !keepNorms || format == .safetensors else {
            throw ValidationError("--keep-norms goes with --format safetensors; others have norms folded")
        }
        guard !normalize || format == .onnx else { throw ValidationError("--normalize goes with --format onnx") }
    }

    /// Writes a network of a run, checked against what is computed here where another runtime is to compute it.
    ///
    /// - Parameter path: The file; nil to write none.
    /// - Returns: What a command tells of it, line by line, and the file.
    func write(
        _ genome: Genome, of run: TrainedSupernet, to path: String?
    ) throws -> (lines: [String], file: OutputFile?) {
        let model = try run.extract(genome, keepsNorms: keepNorms)
        var lines = ["step          \(run.step)"] + model.description.printed
        // Opened last: a network that fails its check leaves nothing.
        switch format {
        case .safetensors:
            guard let path else { return (lines, nil) }
            let file = try OutputFile(path: path)
            try model.write { bytes throws(UserFileError) in try file.write(bytes) }
            try file.commit()
            return (lines, file)
        case .onnx:
            let export = try ONNXExport(
                model, ExportSettings(normalizes: normalize, run: run.run.text),
                examples: run.inputs(ONNXExport.mostExamples), on: run.backend)
            lines += [
                "onnx          opset \(ONNXExport.opset), IR \(ONNXExport.irVersion), \(export.bytes.count) bytes",
                "difference    \(export.difference)",
            ]
            guard let path else { return (lines, nil) }
            let file = try OutputFile(path: path)
            try file.write(export.bytes)
            try file.commit()
            return (lines, file)
        }
    }
}

extension ModelDescription {
    /// What a command prints of a network, line by line.
    var printed: [String] {
        ["genome        \(genome)", "params        \(params)", "multiplyAdds  \(multiplyAdds)"]
            + measured.sorted { $0.key < $1.key }.map { "\($0.key)  \($0.value)" }
    }
}
