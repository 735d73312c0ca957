public import Datasets
internal import Documents
internal import Foundation
internal import Runs
internal import SearchSpaces
public import Supernets
public import Tensors
public import Training

/// What a network file says of pictures.
public struct ModelPrediction: Sendable {
    /// A class with its probability.
    public struct Answer: Sendable, Equatable {
        /// The name of the class, or its number where it has no name.
        public let name: String
        /// Its share of the softmax over all classes.
        public let probability: Double
    }

    /// What is seen in a picture.
    public struct Picture: Sendable, Equatable {
        /// The file, as it was named.
        public let path: String
        /// The most probable classes, the best first.
        public let answers: [Answer]
    }

    /// The pictures that could be read, in the order in which they were named.
    public let pictures: [Picture]
    /// The files that could not.
    public let faults: [PictureFiles.Fault]
    /// What about the network is probably not meant; nil for nothing.
    public let warning: String?

    /// Reads pictures as the run's own, and asks the network.
    ///
    /// - Parameters:
    ///   - file: The network file, as errors name it.
    ///   - count: How many classes are wanted of each.
    /// - Throws: `TrainingError` for a network that tells no classes of images, `DatasetError`, `DocumentError`.
    public init(
        _ model: ExtractedModel, file: String, of paths: [String], count: Int, pool: WorkerPool, kernels: Kernels
    ) throws {
        let signature = model.space.signature
        guard let shape = signature.imageShape, case .classes(let classes) = signature.output,
            let kind = try ModelEvaluation.task(of: model, file: file)
        else {
            throw TrainingError.dataMismatch(
                what: "network in \(file)", expected: "one that tells classes of images", found: "\(signature)")
        }
        let settings = try? DataSettings.parse(yaml: model.description.data, file: file, origin: .store)
        let fit = (settings?.source as? ImageFolderSettings)?.fit ?? .crop
        let files = try PictureFiles(
            paths, height: shape.height, width: shape.width, channels: shape.channels,
            fit: fit == .crop ? .crop : .stretch)
        faults = files.faults
        let scaling = model.description.normalization
        // Bytes count as value / 255; what was trained on as other numbers has another mean.
        let isOfBytes = scaling.mean.allSatisfy { (0...1).contains($0) } && scaling.deviation.allSatisfy { $0 <= 1 }
        warning =
            isOfBytes
            ? nil
            : "the network was trained on numbers of another scale than pictures have (mean \(scaling.mean)): what it says of "
                + "them means little"
        guard !files.paths.isEmpty else {
            pictures = []
            return
        }
        let examples = try files.examples(Normalization(scaling))
        let evaluator = Evaluator(
            supernet: model.network, task: try LearningTasks.task(kind, over: .classes(classes)), pool: pool,
            kernels: kernels)
        let outputs = try evaluator.outputs(
            of: model.genome, values: model.weights, on: examples, indices: (0..<Int32(files.paths.count)).map { $0 })
        let names = model.description.classes
        pictures = zip(files.paths, outputs).map { path, logits in
            let shares = Self.softmax(logits)
            let best = shares.indices.sorted { (shares[$1], $0) < (shares[$0], $1) }.prefix(count)
            return Picture(
                path: path,
                answers: best.map { Answer(name: names?[$0] ?? String($0), probability: shares[$0]) })
        }
    }

    private static func softmax(_ logits: [Float]) -> [Double] {
        let top = Double(logits.max() ?? 0)
        let powers = logits.map { exp(Double($0) - top) }
        let sum = powers.reduce(0, +)
        return powers.map { $0 / sum }
    }
}
