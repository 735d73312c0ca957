internal import API
internal import Coordinator
internal import Documents
internal import Exporters
internal import Store
internal import Supernets
internal import Tensors

/// Networks on their way out in the format that a request asks for.
struct NetworkFiles {
    let core: DaemonCore
    let request: NetworkFileRequest

    /// The parameters that say what a network comes as.
    static let parameters = [
        NetworkFileRequest.formatKey, NetworkFileRequest.normalizeKey, NetworkFileRequest.weightsKey,
        NetworkFileRequest.nameKey,
    ]

    /// A network file of a run that is converted takes its tensors several times over, and what its check computes. As C each weight is
    /// some 13 characters, in pieces and in one.
    private static let copies = 8, copiesAsText = 24, checkBytes = 64 << 20

    init(_ query: inout QueryReader, _ core: DaemonCore) {
        self.core = core
        let words = NetworkFormat.allCases.map(\.rawValue)
        let word = query.word(NetworkFileRequest.formatKey, among: words)
        let format = word.flatMap { NetworkFormat(rawValue: $0) } ?? .safetensors
        let weights = query.word(NetworkFileRequest.weightsKey, among: NetworkFileRequest.weights)
        let name = query.text(NetworkFileRequest.nameKey)
        request = NetworkFileRequest(
            format: format, normalizes: query.flag(NetworkFileRequest.normalizeKey, default: false),
            roundsWeights: weights == NetworkFileRequest.weights[1], name: name)
        if request.normalizes, format == .safetensors {
            query.report(NetworkFileRequest.normalizeKey, "expected beside format=onnx or format=c alone")
        }
        if format != .c {
            for (key, isGiven) in [
                (NetworkFileRequest.weightsKey, weights != nil), (NetworkFileRequest.nameKey, name != nil),
            ]
            where isGiven {
                query.report(key, "expected beside format=c alone")
            }
        } else if let name, !SourceName.isOne(name) {
            query.report(NetworkFileRequest.nameKey, "expected \(SourceName.expectation)")
        }
    }

    /// Whether a network file of a run has to be computed with.
    var isConverted: Bool { request.format != .safetensors }

    /// What the file of a network is called.
    func name(_ stem: String) -> String { "\(request.name ?? stem).\(request.format.sentExtension)" }

    /// A network of a run in its file, as the request asks for it.
    ///
    /// - Parameter stem: What it is called where the request does not say.
    func converted(_ path: String, of run: StoredRun, called stem: String) throws -> OpenFile? {
        guard let file = OpenFile(path: path), isConverted else { return OpenFile(path: path) }
        return try core.scheduler.besideRuns(bytes: file.size * share + Self.checkBytes) { backend in
            try spooled(try exported(try ExtractedModel(file: path), of: run, called: stem, on: backend))
        }
    }

    /// A network that was cut out, as the request asks for it; parameters as of ``converted(_:of:called:)``.
    func spooled(_ model: ExtractedModel, of run: StoredRun, called stem: String) throws -> OpenFile {
        guard !isConverted else {
            let bytes = model.weights.count * MemoryLayout<Float>.stride * share + Self.checkBytes
            return try core.scheduler.besideRuns(bytes: bytes) { backend in
                try spooled(try exported(model, of: run, called: stem, on: backend))
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

    private var share: Int { request.format == .c ? Self.copiesAsText : Self.copies }

    private func exported(
        _ model: ExtractedModel, of run: StoredRun, called stem: String, on backend: any Backend
    ) throws -> [UInt8] {
        let settings = ExportSettings(normalizes: request.normalizes, run: run.id.text)
        guard request.format == .c else { return try ONNXExport(model, settings, on: backend).bytes }
        let name = request.name ?? SourceName.nearest(to: stem)
        let export = try CExport(
            model, name: name, precision: request.roundsWeights ? .int8 : .float32, settings, on: backend)
        return TarArchive.bytes([
            .init(name: name + ".h", bytes: export.header), .init(name: name + ".c", bytes: export.source),
        ])
    }

    private func spooled(_ bytes: [UInt8]) throws -> OpenFile {
        try OpenFile(spoolingIn: core.store.directory.path) { write in try write(bytes) }
    }
}
