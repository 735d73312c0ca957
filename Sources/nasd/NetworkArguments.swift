internal import API
internal import ArgumentParser
internal import Coordinator
internal import Documents
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
    /// A file of C and its header.
    case c
}

/// What a network is written as.
struct NetworkArguments: ParsableArguments {
    @Option(
        help:
            "safetensors, which nasd reads; onnx, which other runtimes compute; or c, a file of C99 and its header for machines without an operating system."
    )
    var format = NetworkFileFormat.safetensors
    @Option(
        help: "How a file of C keeps weights: float32, or int8 with a scale for each output channel.",
        transform: Self.precision)
    var weights = WeightPrecision.float32
    @Flag(
        help:
            "Keep batch norms with their statistics, so that the network can be trained on, rather than fold them into the layers before them."
    )
    var keepNorms = false
    @Flag(help: "Let a file of ONNX or C normalise what it reads, and tell numbers in the units of the data.")
    var normalize = false

    func validate() throws {
        guard !keepNorms || format == .safetensors else {
            throw ValidationError("--keep-norms goes with --format safetensors; others have norms folded")
        }
        guard !normalize || format != .safetensors else {
            throw ValidationError("--normalize goes with --format onnx or c")
        }
        guard weights == .float32 || format == .c else { throw ValidationError("--weights goes with --format c") }
    }

    private static func precision(_ text: String) throws -> WeightPrecision {
        guard let precision = WeightPrecision(rawValue: text) else {
            let words = WeightPrecision.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("expected one of \(words), found '\(text)'")
        }
        return precision
    }

    /// Writes a network of a run, checked against what is computed here where others are to compute it.
    ///
    /// Files are opened last: a network that fails its check leaves nothing.
    ///
    /// - Parameter path: The file; nil to write none.
    /// - Returns: What a command tells of it, line by line, and whether standard output has the file.
    func write(
        _ genome: Genome, of run: TrainedSupernet, to path: String?
    ) throws -> (lines: [String], isPiped: Bool) {
        if format == .c, let path { try Self.check(path) }
        let model = try run.extract(genome, keepsNorms: keepNorms)
        let settings = ExportSettings(normalizes: normalize, run: run.run.text)
        var lines = ["step          \(run.step)"] + model.description.printed
        var files: [(path: String, bytes: [UInt8])] = []
        switch format {
        case .safetensors:
            guard let path else { return (lines, false) }
            let file = try OutputFile(path: path)
            try model.write { bytes throws(UserFileError) in try file.write(bytes) }
            try file.commit()
            return (lines, file.isStandardOutput)
        case .onnx:
            let export = try ONNXExport(
                model, settings, examples: run.inputs(ONNXExport.mostExamples), on: run.backend)
            lines += [
                "onnx          opset \(ONNXExport.opset), IR \(ONNXExport.irVersion), \(export.bytes.count) bytes",
                "difference    \(export.difference)",
            ]
            if let path { files = [(path, export.bytes)] }
        case .c:
            let stem = String((path ?? "network.c").dropLast(2))
            let name = String(stem.split(separator: "/").last ?? "network")
            let export = try CExport(
                model, name: name, precision: weights, settings, examples: run.inputs(ONNXExport.mostExamples),
                on: run.backend)
            lines += try told(export, model, run)
            if path != nil { files = [(stem + ".h", export.header), (stem + ".c", export.source)] }
        }
        var isPiped = false
        for (path, bytes) in files {
            let file = try OutputFile(path: path)
            try file.write(bytes)
            try file.commit()
            isPiped = file.isStandardOutput
        }
        return (lines, isPiped)
    }

    /// What a file of C takes, beside what the space says of the most that is live at a time.
    private func told(_ export: CExport, _ model: ExtractedModel, _ run: TrainedSupernet) throws -> [String] {
        let sizes = export.sizes, cost = model.space.cost(of: model.genome)
        let peaks = model.space.costs.filter { $0.accumulation == .peak }.compactMap { metric in
            cost[metric].map { "\(metric.name)  \($0)" }
        }
        var lines = [
            "arenaBytes    \(sizes.arena)", "  activations \(sizes.activations)", "  scratch     \(sizes.scratch)",
            "weightBytes   \(sizes.weights)", "difference    \(export.difference)",
        ]
        if weights != .float32, let (name, value) = try run.measured(model.rounded(to: weights, on: run.backend)) {
            lines.append("\(name) with \(weights.rawValue)  \(value)")
        }
        return peaks + lines
    }

    /// Two files appear side by side, and their name is that of the function.
    private static func check(_ path: String) throws {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        guard name.hasSuffix(".c"), SourceName.isOne(String(name.dropLast(2))) else {
            throw Failure(
                code: .usage,
                message:
                    "error: --output \(path): expected NAME.c for --format c, where NAME is an identifier of C, such as "
                    + "\(SourceName.nearest(to: name.hasSuffix(".c") ? String(name.dropLast(2)) : name)).c; NAME.h appears beside it"
            )
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
