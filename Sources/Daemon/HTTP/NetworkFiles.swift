internal import API
internal import Coordinator
internal import Exporters
internal import Store
internal import Supernets
internal import Tensors

/// Networks on their way out in the format that a request asks for.
struct NetworkFiles {
    let core: DaemonCore
    let request: NetworkFileRequest

    /// The parameters that say what a network comes as.
    static let parameters = [NetworkFileRequest.formatKey, NetworkFileRequest.normalizeKey]

    /// A network file of a run that is converted takes its tensors several times over, and what its check computes.
    private static let copies = 8, checkBytes = 64 << 20

    init(_ query: inout QueryReader, _ core: DaemonCore) {
        self.core = core
        let words = NetworkFormat.allCases.map(\.rawValue)
        let word = query.word(NetworkFileRequest.formatKey, among: words)
        let format = word.flatMap { NetworkFormat(rawValue: $0) } ?? .safetensors
        request = NetworkFileRequest(
            format: format, normalizes: query.flag(NetworkFileRequest.normalizeKey, default: false))
        if request.normalizes, format == .safetensors {
            query.report(NetworkFileRequest.normalizeKey, "expected beside format=onnx alone")
        }
    }

    /// Whether a network file of a run has to be computed with.
    var isConverted: Bool { request.format != .safetensors }

    /// What the file of a network is called.
    func name(_ stem: String) -> String { "\(stem).\(request.format.pathExtension)" }

    /// A network of a run in its file, as the request asks for it.
    func converted(_ path: String, of run: StoredRun) throws -> OpenFile? {
        guard let file = OpenFile(path: path), isConverted else { return OpenFile(path: path) }
        return try core.scheduler.besideRuns(bytes: file.size * Self.copies + Self.checkBytes) { backend in
            let model = try ExtractedModel(file: path)
            return try spooled(
                ONNXExport(model, ExportSettings(normalizes: request.normalizes, run: run.id.text), on: backend).bytes)
        }
    }

    /// A network that was cut out, as the request asks for it.
    func spooled(_ model: ExtractedModel, of run: StoredRun) throws -> OpenFile {
        guard !isConverted else {
            let bytes = model.weights.count * MemoryLayout<Float>.stride * Self.copies + Self.checkBytes
            return try core.scheduler.besideRuns(bytes: bytes) { backend in
                let settings = ExportSettings(normalizes: request.normalizes, run: run.id.text)
                return try spooled(ONNXExport(model, settings, on: backend).bytes)
            }
        }
        return try OpenFile(spoolingIn: core.store.directory.path) { write in
            var failure: (any Error)?
            model.write { bytes in
                if failure == nil { do { try write(Array(bytes)) } catch { failure = error } }
            }
            if let failure { throw failure }
        }
    }

    private func spooled(_ bytes: [UInt8]) throws -> OpenFile {
        try OpenFile(spoolingIn: core.store.directory.path) { write in try write(bytes) }
    }
}
