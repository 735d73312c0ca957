internal import Foundation
internal import SearchSpaces
internal import Supernets
internal import Tensors

/// Some examples with what a network answers here, against which every file is held before it is left.
///
/// A file passes where every output is within ``tolerance`` of the greatest magnitude of its example's, and the greatest output is
/// the same one wherever the two greatest differ by more than that. Of numbers the scale is that of all examples: a single one may be
/// near 0.
struct Comparison: Sendable {
    /// The allowed share of the greatest magnitude.
    static let tolerance: Float = 1e-4
    /// Examples at most and at least, and multiply-adds that they may take.
    private static let counts = 4...ONNXExport.mostExamples, mostWork = 2_000_000_000

    /// What the file reads; images at the size that the network computes at.
    let inputs: [[Float]]
    /// What comes out here.
    let expected: [[Float]]
    private let isClasses: Bool

    /// Computes a network's outputs on some examples.
    ///
    /// - Parameters:
    ///   - examples: What the network reads, normalised, each a row; nil for normal numbers.
    ///   - most: Examples at most.
    ///   - scaling: How the file normalises what it reads; nil where it does not.
    ///   - targets: What puts outputs into units; nil where they stay.
    init(
        _ model: ExtractedModel, examples: [[Float]]?, most: Int = ONNXExport.mostExamples, scaling: InputScaling?,
        targets: ModelDescription.Scaling?,
        on backend: any Backend
    ) {
        let size = model.space.signature.inputCount
        let few = Self.mostWork / max(1, model.description.multiplyAdds)
        let count = min(most, max(Self.counts.lowerBound, few))
        var rows = Array((examples ?? []).prefix(count))
        if rows.isEmpty { rows = Self.drawn(count, of: size) }
        let read = scaling.map { rows.map($0.raw) } ?? rows
        if let scaling { rows = read.map(scaling.normalized) }
        inputs = Self.resampled(read, for: model, on: backend)
        var outputs = Self.outputs(of: model, rows, on: backend)
        if let targets {
            outputs = outputs.map { row in
                row.indices.map { row[$0] * targets.deviation[$0] + targets.mean[$0] }
            }
        }
        expected = outputs
        if case .classes = model.space.signature.output { isClasses = true } else { isClasses = false }
    }

    /// Normal numbers, the same each time.
    private static func drawn(_ count: Int, of size: Int) -> [[Float]] {
        (0..<count).map { example in
            var random = CounterGenerator(seed: 0x6f6e6e78, stream: .order, step: UInt64(example))
            return (0..<size).map { _ in
                let radius = (-2 * log(Float.random(in: Float.leastNormalMagnitude...1, using: &random))).squareRoot()
                return radius * cos(2 * .pi * Float.random(in: 0..<1, using: &random))
            }
        }
    }

    /// Examples as a file reads them: images have the size that the network computes at, which need not be that of the data.
    private static func resampled(_ rows: [[Float]], for model: ExtractedModel, on backend: any Backend) -> [[Float]] {
        guard case .image(let height, let width, let channels) = model.space.signature.input,
            let graph = model.network.inference,
            case .map(let outHeight, let outWidth, _) = graph[graph.input],
            let resampling = Resampling(height: height, width: width, outHeight: outHeight, outWidth: outWidth)
        else { return rows }
        let buffers = [rows[0].count, width * channels, resampling.outPlaces * channels].map { FloatBuffer(count: $0) }
        return rows.map { row in
            backend.upload(row, to: buffers[0].whole)
            backend.resample(buffers[0].whole, resampling, room: buffers[1].whole, into: buffers[2].whole)
            return backend.download(buffers[2].whole)
        }
    }

    /// What a network computes here.
    static func outputs(of model: ExtractedModel, _ rows: [[Float]], on backend: any Backend) -> [[Float]] {
        let size = model.space.signature.inputCount
        let batch = FloatBuffer(count: rows.count * size)
        backend.upload(rows.flatMap { $0 }, to: batch.whole)
        let tape = Tape(
            backend: backend,
            arena: Arena(floats: model.network.arenaFloats(batch: rows.count, for: .evaluation)))
        var values: [Float] = []
        model.network.evaluate(
            batch.matrix(rows: rows.count, columns: size), as: [model.genome],
            with: ParameterStore(values: model.weights, gradients: model.weights), on: tape
        ) { values = backend.download($1) }
        let width = values.count / max(1, rows.count)
        return rows.indices.map { Array(values[$0 * width..<($0 + 1) * width]) }
    }

    /// Holds what a file computes against what is computed here.
    ///
    /// - Returns: The greatest difference as a share of its scale.
    /// - Throws: `ExportError.differs`, or `broken` where there are other numbers of outputs.
    @discardableResult func check(_ found: [[Float]], format: String) throws(ExportError) -> Float {
        let all = expected.joined().map(abs).max() ?? 0
        var worst: Float = 0
        for (example, (left, right)) in zip(found, expected).enumerated() {
            guard left.count == right.count else {
                throw .broken(format: format, reason: "it has \(left.count) outputs, expected \(right.count)")
            }
            let scale = isClasses ? right.map(abs).max() ?? 0 : all
            let allowed = Self.tolerance * scale
            let difference = zip(left, right).map { abs($0 - $1) }.reduce(0) { $1 > $0 || $1.isNaN ? $1 : $0 }
            guard difference <= allowed, isClasses ? Self.agree(left, right, allowed) : true else {
                throw .differs(format: format, example: example, difference: difference, allowed: allowed)
            }
            if scale > 0 { worst = max(worst, difference / scale) }
        }
        guard found.count == expected.count else {
            throw .broken(format: format, reason: "it answers \(found.count) of \(expected.count) examples")
        }
        return worst
    }

    /// Whether the greatest output is the same one, unless the two greatest are as good as equal.
    private static func agree(_ left: [Float], _ right: [Float], _ allowed: Float) -> Bool {
        let order = right.indices.sorted { right[$0] > right[$1] }
        guard order.count > 1, right[order[0]] - right[order[1]] > allowed else { return true }
        return left.indices.max { left[$0] < left[$1] } == order[0]
    }
}
