import SearchSpaces
import TestSupport

/// Spaces with every kind of part that networks are checked on.
extension CNNSupernetTests {
    /// Every kind of part: odd sides, no expand layer, squeeze and excite, all kernels, both strides, a mix layer.
    static let elastic = Result {
        try SearchSpace.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: SearchSpace
                name: tiny
                family: cnn
                input: {height: 9, width: 7, channels: 2, classes: 3}
                stem: {kernel: 3, stride: 1, width: 8, activation: hswish}
                stages:
                  - {stride: 1, width: 8, depth: 1, kernel: 3, expand: 1, activation: swish, firstShortcut: true}
                  - {stride: 2, width: [8, 16], depth: [1, 2], kernel: [3, 5, 7], expand: [2, 3], activation: swish}
                  - {stride: 1, width: [16, 24], depth: [1, 2], kernel: [3, 5], expand: [2, 3], squeezeExcite: true,
                     activation: hswish}
                head: {width: [16, 24], mix: 12, activation: hswish}
                """, file: "tiny.yaml")
    }

    /// Both kinds of residual blocks, every kind of shortcut, odd sides, a deep stem; without kinks but those of the maximum.
    static let residual = Result {
        try SearchSpace.parse(
            yaml: ConvolutionalFixture.residual.space.replacing("relu6", with: "hswish").replacing(
                "relu", with: "swish"),
            file: "residual.yaml")
    }

    /// Kernels that come from larger ones by learned transforms.
    static let transformed = Result {
        try SearchSpace.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: SearchSpace
                name: transformed
                family: cnn
                input: {height: 9, width: 7, channels: 2, classes: 3}
                stem: {kernel: 3, stride: 1, width: 8, activation: hswish}
                stages:
                  - {stride: 2, width: [8, 16], depth: [1, 2], kernel: [3, 5, 7], expand: [2, 3], activation: swish}
                  - {stride: 1, width: 16, depth: 1, kernel: [3, 7], expand: 2, activation: hswish, squeezeExcite: true,
                     squeezeBy: input}
                kernelTransforms: true
                """, file: "transformed.yaml")
    }

    /// Images of three sizes, two of which leave the same map; the largest reads them as they are.
    static let resampled = Result {
        try SearchSpace.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: SearchSpace
                name: resampled
                family: cnn
                input: {height: 11, width: 11, channels: 2, classes: 3}
                resolution: [9, 10, 11]
                stem: {kernel: 3, stride: 2, width: 8, activation: hswish}
                stages:
                  - {stride: 2, width: [8, 16], depth: [1, 2], kernel: [3, 5], expand: 2, activation: swish}
                head: {width: 16, activation: hswish}
                """, file: "resampled.yaml")
    }

    static let kinds = ["inverted", "residual", "transformed", "resampled"]

    static func space(_ kind: String) throws -> SearchSpace {
        switch kind {
        case "inverted": try elastic.get()
        case "residual": try residual.get()
        case "transformed": try transformed.get()
        default: try resampled.get()
        }
    }
}
