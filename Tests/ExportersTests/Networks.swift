import SearchSpaces
import TestSupport
import Testing

@testable import Supernets
@testable import Tensors

/// Small networks of every family with drawn parameters, and with every kind of step.
enum Networks {
    static let spaces = [
        """
        apiVersion: nasd/v1
        kind: SearchSpace
        name: vit
        family: vit
        input: {height: 8, width: 12, channels: 2, patch: 4, classes: 3}
        headWidth: 4
        choices: {embed: [8, 12], depth: [1, 2, 3], heads: [1, 2, 3], mlpRatio: [2, 2.5]}
        """,
        """
        apiVersion: nasd/v1
        kind: SearchSpace
        name: mlp
        family: mlp
        input: {features: 6, classes: 4}
        choices: {width: [8, 12], depth: [1, 2, 3], expansion: [1, 2]}
        """,
        """
        apiVersion: nasd/v1
        kind: SearchSpace
        name: numbers
        family: mlp
        input: {features: 5, outputs: 2}
        choices: {width: [8, 12], depth: [1, 2], expansion: [1, 2]}
        """,
        """
        apiVersion: nasd/v1
        kind: SearchSpace
        name: cnn
        family: cnn
        input: {height: 9, width: 7, channels: 2, classes: 3}
        stem: {kernel: 3, stride: 1, width: 8, activation: hswish}
        stages:
          - {stride: 1, width: 8, depth: 1, kernel: 3, expand: 1, activation: swish, firstShortcut: true}
          - {stride: 2, width: [8, 16], depth: [1, 2], kernel: [3, 5, 7], expand: [2, 3], activation: relu6}
          - {stride: 1, width: [16, 24], depth: [1, 2], kernel: [3, 5], expand: [2, 3], squeezeExcite: true,
             activation: hswish}
        head: {width: [16, 24], mix: 12, activation: relu}
        """,
        """
        apiVersion: nasd/v1
        kind: SearchSpace
        name: plain
        family: cnn
        input: {height: 12, width: 12, channels: 3, classes: 5}
        stem: {kernel: 5, stride: 2, width: 8}
        stages:
          - {stride: 2, width: [8, 16], depth: [1, 2], kernel: [3, 5], expand: [2, 3]}
        """, ConvolutionalFixture.residual.space,
        """
        apiVersion: nasd/v1
        kind: SearchSpace
        name: resampled
        family: cnn
        input: {height: 12, width: 12, channels: 3, classes: 5}
        resolution: [8, 12, 15]
        stem: {kernel: 3, stride: 2, width: 8, activation: hswish}
        stages:
          - {stride: 2, width: [8, 16], depth: [1, 2], kernel: [3, 5], expand: [2, 3], activation: swish}
        """,
    ]

    static func space(_ yaml: String) throws -> SearchSpace { try SearchSpace.parse(yaml: yaml, file: "space.yaml") }

    /// The smallest, the largest and some drawn genomes.
    static func genomes(_ space: SearchSpace, _ count: Int) -> [Genome] {
        var random = SeededGenerator(5)
        return [space.smallest, space.largest] + (0..<count).map { _ in space.randomGenome(using: &random) }
    }

    /// A network of drawn parameters, with norms that have something to fold.
    static func model(_ genome: Genome, of space: SearchSpace) throws -> ExtractedModel {
        let supernet = space.supernet()
        let values = FloatBuffer(count: supernet.layout.floatCount)
        var random = SeededGenerator(8)
        for entry in supernet.layout.entries {
            for index in 0..<entry.rows * entry.columns {
                let isPositive = entry.role == .gain || entry.name.hasSuffix("variance")
                values.base[entry.offset + index] =
                    Float.random(in: -0.5...0.5, using: &random) + (isPositive ? 1 : 0)
            }
        }
        let channels: Int
        switch space.signature.input {
        case .image(_, _, let count), .vector(let count): channels = count
        case .unknown: channels = 0
        }
        var targets: ModelDescription.Scaling?
        if case .values(let count) = space.signature.output {
            targets = .init(
                mean: (0..<count).map { Float($0) - 3 }, deviation: (0..<count).map { 2 + Float($0) })
        }
        return ExtractedModel(
            genome, of: supernet, values: values,
            normalization: .init(
                mean: (0..<channels).map { 0.1 * Float($0) + 0.2 },
                deviation: (0..<channels).map { 0.3 + 0.1 * Float($0) }
            ), targets: targets, measured: ["validationAccuracy": 0.5], data: "format: glyphs\n", kernels: try Kernels()
        )
    }
}
