internal import SearchSpaces
public import Supernets
public import Tensors

/// A network as one self-contained file of C99 and its header, for machines without an operating system.
///
/// Parameters are constants, all memory that changes is one static block whose size is known before anything is compiled, and there is no
/// allocation. `NAME_run` computes one example. Of the mathematical library there is what the network's functions take.
///
/// What is laid out is computed here step by step in a block of that size and held against the network before anything is handed out.
public struct CExport: Sendable {
    /// What a network takes, in bytes.
    public struct Sizes: Sendable, Hashable {
        /// The static block: activations and scratch.
        public let arena: Int
        /// What layers read and leave.
        public let activations: Int
        /// The shares of attention for one query.
        public let scratch: Int
        /// Constants.
        public let weights: Int
    }

    static let format = "C"
    /// Examples that are computed step by step.
    private static let mostExamples = 2

    /// `NAME.h`.
    public let header: [UInt8]
    /// `NAME.c`.
    public let source: [UInt8]
    /// What it takes.
    public let sizes: Sizes
    /// The greatest difference of an output from what is computed here, as a share of the greatest magnitude of its example.
    public let difference: Float

    /// Writes a network, with its norms folded, and checks what was laid out.
    ///
    /// - Parameters:
    ///   - name: What the files and the function are called, an identifier of C (`SourceName`).
    ///   - precision: How weights are kept.
    ///   - examples: What the network reads, each a row; nil for normal numbers.
    /// - Throws: ``ExportError``.
    public init(
        _ model: ExtractedModel, name: String, precision: WeightPrecision = .float32,
        _ settings: ExportSettings = ExportSettings(), examples: [[Float]]? = nil, on backend: any Backend
    ) throws(ExportError) {
        let folded = model.folded(on: backend)
        guard let graph = folded.network.inference else {
            throw .unsupported(family: model.description.family, format: Self.format)
        }
        let scaling =
            settings.normalizes
            ? try InputScaling(of: folded.description, columns: graph[graph.input].columns) : nil
        let targets = settings.normalizes ? folded.description.targets : nil
        let plan = ArenaPlan(graph, copiesInput: scaling != nil)
        let weights = CWeights(graph, NetworkWeights(values: folded.weights, backend: backend))
        guard weights.isFinite else { throw .broken(format: Self.format, reason: "a parameter is no finite number") }
        let text = CSource(
            graph, plan, weights, name: name, precision: precision, scaling: scaling, targets: targets)
        let bytes = MemoryLayout<Float>.size
        sizes = Sizes(
            arena: plan.count * bytes, activations: plan.activations * bytes, scratch: plan.scratch * bytes,
            weights: text.weightBytes)

        let rounded = folded.rounded(to: precision, on: backend)
        let comparison = Comparison(
            rounded, examples: Array((examples ?? []).prefix(Self.mostExamples)), most: Self.mostExamples,
            scaling: scaling, targets: targets, on: backend)
        difference = try Self.check(
            ArenaMachine(
                graph: graph, plan: plan,
                weights: CWeights(graph, NetworkWeights(values: rounded.weights, backend: backend)), scaling: scaling,
                targets: targets), against: comparison)
        let comment = Self.comment(folded.description, name, precision, settings, sizes, text.libraryNames)
        source = text.text(comment: comment)
        header = Self.header(name, comment, graph, sizes)
    }

    /// Holds what a machine computes in its block of memory against the network.
    static func check(_ machine: ArenaMachine, against comparison: Comparison) throws(ExportError) -> Float {
        guard machine.fits else { throw .broken(format: format, reason: "a value lies outside of the memory") }
        return try comparison.check(comparison.inputs.map(machine.run), format: format)
    }

    private static func comment(
        _ description: ModelDescription, _ name: String, _ precision: WeightPrecision, _ settings: ExportSettings,
        _ sizes: Sizes, _ library: [String]
    ) -> String {
        let run = settings.run.map { " of run \($0)" } ?? ""
        let measured = description.measured.sorted { $0.key < $1.key }.map { " * \($0.key) \($0.value)\n" }.joined()
        let reads =
            settings.normalizes
            ? "as the data have them (bytes of images divided by 255)" : "normalised: (value - mean) / deviation"
        let scale = { (values: [Float]) in values.map { "\($0)" }.joined(separator: ", ") }
        let means =
            description.normalization.mean.count <= 16
            ? " * mean \(scale(description.normalization.mean)); deviation \(scale(description.normalization.deviation))\n"
            : ""
        let text = """
            /*
             * \(name): a \(description.family) network\(run), written by nasd \(ProductVersion.text).
             * genome \(description.genome)
             * digest \(description.digest ?? "-")
             * params \(description.params), multiplyAdds \(description.multiplyAdds)
            \(measured) * weights \(precision.rawValue): \(sizes.weights) bytes of constants
             * memory: \(sizes.arena) bytes, of which activations \(sizes.activations), scratch \(sizes.scratch)
             * inputs in the order (row, column, channel), \(reads)
            \(means) * mathematical library: \(library.isEmpty ? "nothing" : library.joined(separator: ", "))
             */

            """
        // Nothing that a file says ends the comment.
        let inner = text.dropFirst(2).dropLast(4).replacing("*/", with: "* /").replacing("/*", with: "/ *")
        return "/*" + inner + "*/\n"
    }

    private static func header(_ name: String, _ comment: String, _ graph: InferenceGraph, _ sizes: Sizes) -> [UInt8] {
        let upper = name.uppercased()
        let text = """
            \(comment)#ifndef \(upper)_H
            #define \(upper)_H

            #define \(upper)_INPUTS \(graph[graph.input].count)
            #define \(upper)_OUTPUTS \(graph[graph.output].count)
            /* Bytes of static memory, and its parts. */
            #define \(upper)_ARENA_BYTES \(sizes.arena)
            #define \(upper)_ACTIVATION_BYTES \(sizes.activations)
            #define \(upper)_SCRATCH_BYTES \(sizes.scratch)
            /* Bytes of constants. */
            #define \(upper)_WEIGHT_BYTES \(sizes.weights)

            #ifdef __cplusplus
            extern "C" {
            #endif

            /* Computes the outputs of one example. Neither is part of the static memory, which one call uses at a time. */
            void \(name)_run(const float *input, float *output);

            #ifdef __cplusplus
            }
            #endif

            #endif

            """
        return Array(text.utf8)
    }
}
