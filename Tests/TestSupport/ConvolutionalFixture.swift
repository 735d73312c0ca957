import Foundation

/// What `Tests/SupernetsTests/Fixtures/make_cnn_fixtures.py` has PyTorch compute of a convolutional space.
public struct ConvolutionalFixture: Sendable, CustomStringConvertible {
    /// The name of the space and of the file of the values.
    public let name: String
    /// The file of the space.
    public let space: String
    /// Pixels from top to bottom of an image, which has two channels.
    public let height: Int
    /// Pixels from left to right.
    public let width: Int

    /// The file of the values.
    public var file: String {
        Repository.root.appending(path: "Tests/SupernetsTests/Fixtures/\(name).safetensors").path
    }

    /// Values of an image.
    public var pixels: Int { height * width * 2 }

    /// The name.
    public var description: String { name }

    /// Inverted bottlenecks of every kind.
    public static let inverted = ConvolutionalFixture(
        name: "cnn",
        space: """
            apiVersion: nasd/v1
            kind: SearchSpace
            name: fixture
            family: cnn
            input: {height: 9, width: 7, channels: 2, classes: 5}
            stem: {kernel: 3, stride: 1, width: 8, activation: hswish}
            stages:
              - {width: 8, depth: 1, kernel: 3, expand: 1, activation: relu, firstShortcut: true}
              - {width: [8, 16], depth: [1, 2], kernel: [3, 5, 7], expand: [2, 3], stride: 2, activation: swish}
              - {width: [8, 16], depth: 1, kernel: [3, 5], expand: 2, squeezeExcite: true}
            head: {width: 16, mix: 8, activation: hswish}
            """, height: 9, width: 7)

    /// A deep stem, bottlenecks, and basic blocks with every kind of shortcut.
    public static let residual = ConvolutionalFixture(
        name: "resnet",
        space: """
            apiVersion: nasd/v1
            kind: SearchSpace
            name: residual-fixture
            family: cnn
            input: {height: 21, width: 17, channels: 2, classes: 5}
            stem: {kernel: 3, stride: 1, inner: [4, 8], between: [0, 1], width: [6, 8], maxPool: true, activation: relu}
            stages:
              - {block: bottleneck, width: [16, 24], depth: [1, 2], kernel: 3, expand: [0.5, 1], activation: relu}
              - {block: bottleneck, width: 16, depth: 1, kernel: 5, expand: 0.5, stride: 2, activation: relu6}
              - {block: basic, width: [6, 9, 12], ownWidths: true, middle: [5, 8], depth: [1, 2, 3], kernel: 3, stride: 2,
                 shortcutNorm: false, activation: relu}
              - {block: basic, width: [9, 12], depth: 1, kernel: 3, activation: swish}
            """, height: 21, width: 17)

    /// The largest difference over the largest expected value.
    public static func error(_ found: [Float], _ expected: [Float]) -> Float {
        guard found.count == expected.count else { return .infinity }
        let scale = expected.map(abs).max() ?? 0
        return (zip(found, expected).map { abs($0 - $1) }.max() ?? 0) / max(scale, 1e-12)
    }
}
