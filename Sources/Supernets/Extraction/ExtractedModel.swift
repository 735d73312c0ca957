internal import Documents
internal import Foundation
public import SearchSpaces
public import Tensors

/// A subnet cut out of a supernet: a network of its own, with weights of exactly its sizes.
///
/// Its file is safetensors with the parameters under their dotted names, weights as (out, in) and those of convolutions as
/// (out, in, height, width), and the ``ModelDescription`` as JSON under the metadata key `nasd`.
public struct ExtractedModel: Sendable {
    /// What the file says of the network.
    public private(set) var description: ModelDescription
    /// The space that the genome belongs to.
    public let space: SearchSpace
    /// The architecture.
    public let genome: Genome
    /// The network of the genome alone.
    public let network: any Supernet
    /// Its parameters, in the network's layout.
    public let weights: FloatBuffer

    private static let metadataKey = "nasd"

    /// Copies a genome's slices out of the weights that it computes with.
    ///
    /// - Parameters:
    ///   - values: Weights in the layout of the supernet, those of the genome where each subnet has its own.
    ///   - classes: Names of the classes, where they have some.
    ///   - task: What was learned; nil for what networks of the space usually learn.
    public init(
        _ genome: Genome, of supernet: any Supernet, values: FloatBuffer, normalization: ModelDescription.Scaling,
        targets: ModelDescription.Scaling? = nil, table: TableDescription? = nil, classes: [String]? = nil,
        task: String? = nil, measured: [String: Double], data: String, kernels: any Backend
    ) {
        space = supernet.space
        self.genome = genome
        network = space.standalone(genome)
        weights = FloatBuffer(count: network.layout.floatCount)
        description = ModelDescription(
            of: genome, in: network, normalization: normalization, targets: targets, table: table, classes: classes,
            task: task, measured: measured, data: data)
        for (slice, entry) in zip(supernet.networkSlices(of: genome), network.layout.entries) {
            precondition(
                slice.entry.name == entry.name && slice.rows == entry.rows && slice.columns == entry.columns,
                "a genome's slices are the parameters of its network")
            kernels.copy(slice.view(of: values), to: entry.view(of: weights))
        }
        supernet.resolve(genome, from: values, into: weights, on: kernels)
        description.digest = digest
    }

    /// The network with its norms folded into the layers before them: the same outputs to rounding, and no more to train. The
    /// network itself where it has no such norms, or not any more.
    public func folded(on kernels: any Backend) -> ExtractedModel {
        guard let whole = network as? any CalibratedSupernet else { return self }
        return ExtractedModel(folding: self, whole, on: kernels)
    }

    private init(folding model: ExtractedModel, _ whole: any CalibratedSupernet, on kernels: any Backend) {
        (description, space, genome, network) = (model.description, model.space, model.genome, whole.folded)
        weights = FloatBuffer(count: network.layout.floatCount)
        whole.fold(model.weights, into: weights, on: kernels)
        description.isFolded = true
        description.digest = digest
    }

    /// The network with other values of its parameters.
    ///
    /// - Parameter body: Gets each parameter with its values row by row, and returns as many.
    public func replacingParameters(
        on backend: any Backend, _ body: (ParameterLayout.Entry, [Float]) -> [Float]
    ) -> ExtractedModel {
        ExtractedModel(replacing: self, on: backend, body)
    }

    private init(
        replacing model: ExtractedModel, on backend: any Backend, _ body: (ParameterLayout.Entry, [Float]) -> [Float]
    ) {
        (description, space, genome, network) = (model.description, model.space, model.genome, model.network)
        weights = FloatBuffer(count: network.layout.floatCount)
        for entry in network.layout.entries {
            backend.upload(body(entry, backend.download(entry.view(of: model.weights))), to: entry.view(of: weights))
        }
        description.digest = digest
    }

    /// Copies the parameters to where they lie in a supernet of the same space; those of a network that is not folded.
    ///
    /// - Parameter values: Weights in the layout of the supernet.
    public func copy(to values: FloatBuffer, of supernet: any Supernet, on kernels: any Backend) {
        for (slice, entry) in zip(supernet.networkSlices(of: genome), network.layout.entries) {
            kernels.copy(entry.view(of: weights), to: slice.view(of: values))
        }
    }

    /// Reads a network file.
    ///
    /// - Throws: `TensorFileError` with what is wrong with the file.
    public init(file: String) throws(TensorFileError) {
        let reader = try SafetensorsReader(file: file)
        guard let text = reader.metadata[Self.metadataKey] else {
            throw .foreign(file: file, reason: "it is no network of nasd: its metadata has no '\(Self.metadataKey)'")
        }
        do {
            description = try JSONDecoder().decode(ModelDescription.self, from: Data(text.utf8))
        } catch {
            throw .damaged(file: file, reason: "its description is not understood")
        }
        guard ModelDescription.formats.contains(description.format) else {
            throw .foreign(
                file: file,
                reason:
                    "its format is \(description.format), this version reads \(ModelDescription.formats.joined(separator: ", "))"
            )
        }
        guard description.format == ModelDescription.formatWithoutDigest || description.digest != nil else {
            throw .damaged(file: file, reason: "it has no digest")
        }
        do {
            space = try SearchSpace.parse(yaml: description.space, file: file, origin: .store)
            genome = try space.genome(text: description.genome)
        } catch {
            throw .damaged(file: file, reason: "its space or genome is not understood: \(error)")
        }
        guard space.hasSupernet else {
            throw .foreign(file: file, reason: "this version computes no networks of the family \(space.familyName)")
        }
        let network = space.standalone(genome)
        if description.isFolded == true {
            guard let whole = network as? any CalibratedSupernet else {
                throw .damaged(file: file, reason: "its norms are folded, and its family has none to fold")
            }
            self.network = whole.folded
        } else {
            self.network = network
        }
        // Held against the file before there is room for it: a small file may tell of any network.
        let entries = self.network.layout.entries
        guard reader.names.count == entries.count,
            reader.tensorByteCount == entries.reduce(0, { $0 + 4 * $1.rows * $1.columns })
        else {
            throw .mismatch(
                file: file, tensor: "all", expected: "\(entries.count) tensors of the genome's sizes",
                found: "\(reader.names.count) of \(reader.tensorByteCount) bytes")
        }
        weights = FloatBuffer(count: self.network.layout.floatCount)
        for entry in entries { try reader.read(entry, into: weights) }
        if let stored = description.digest, stored != digest {
            throw .damaged(file: file, reason: "its digest is not that of its contents")
        }
    }

    /// Whether the file could be held against a digest; those of earlier versions have none.
    public var isVerified: Bool { description.digest != nil }

    /// The digest of the description, its own digest aside, and of the parameters.
    private var digest: String {
        var plain = description
        plain.digest = nil
        var hash = StableHash()
        hash.combine(plain.json)
        for entry in network.layout.entries {
            hash.combine(entry.name)
            entry.view(of: weights).withBytes { hash.combine(words: $0) }
        }
        return hash.hexadecimal
    }

    /// Hands out the bytes of the network file.
    public func write<Failure: Error>(_ sink: (UnsafeRawBufferPointer) throws(Failure) -> Void) throws(Failure) {
        var writer = SafetensorsWriter(metadata: [Self.metadataKey: json])
        for entry in network.layout.entries {
            writer.add(
                entry.name, entry.view(of: weights), shape: entry.shape, arrangement: entry.arrangement)
        }
        try writer.write(sink)
    }

    /// The description as JSON with sorted keys.
    public var json: String { description.json }
}

extension SafetensorsReader {
    /// Reads a parameter, by default of its own name, to where it lies in a buffer of its layout.
    func read(
        _ entry: ParameterLayout.Entry, as name: String? = nil, into values: FloatBuffer
    ) throws(TensorFileError) {
        try read(
            name ?? entry.name, into: entry.view(of: values), shape: entry.shape, arrangement: entry.arrangement)
    }
}
