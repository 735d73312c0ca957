import Foundation

/// A space of blocks that each have an expansion of their own, so that there may be more costs than anybody counts.
public enum WideSpace {
    /// Its file, with so many options of each choice.
    public static func yaml(widths: Int, depths: Int, expansions: Int) -> String {
        func list(_ count: Int, _ text: (Int) -> String) -> String { (1...count).map(text).joined(separator: ", ") }
        return """
            apiVersion: nasd/v1
            kind: SearchSpace
            name: wide
            family: mlp
            input: {features: 4, classes: 2}
            choices:
              width: [\(list(widths) { "\(64 * $0)" })]
              depth: [\(list(depths, String.init))]
              expansion: [\(list(expansions) { "\(Double($0) / 64)" })]
            """
    }
}

/// A space of convolutional networks that train in a second on the generated images.
public enum TinyConvolutionalSpace {
    /// Its file.
    public static let yaml = """
        apiVersion: nasd/v1
        kind: SearchSpace
        name: tiny
        family: cnn
        input: {height: 28, width: 28, channels: 1, classes: 10}
        stem: {kernel: 3, stride: 2, width: 8}
        stages:
          - {stride: 2, width: [8, 16], depth: [1, 2], kernel: [3, 5], expand: [2, 3]}
          - {stride: 2, width: [16, 24], depth: [1, 2], kernel: [3, 5], expand: [2, 3], squeezeExcite: true,
             activation: hswish}
        head: {width: 32}

        """

    /// The same with images of three sizes.
    public static let elastic = yaml + "resolution: [20, 24, 28]\n"
}

/// A space of residual networks, with both kinds of blocks, that train in a second on the generated images.
public enum TinyResidualSpace {
    /// Its file.
    public static let yaml = """
        apiVersion: nasd/v1
        kind: SearchSpace
        name: tiny-residual
        family: cnn
        input: {height: 28, width: 28, channels: 1, classes: 10}
        stem: {kernel: 3, stride: 2, inner: [4, 8], between: [0, 1], width: 8, maxPool: true, activation: relu}
        stages:
          - {block: bottleneck, width: [16, 24], depth: [1, 2], kernel: 3, expand: [0.5, 1], activation: relu}
          - {block: basic, width: [9, 12, 16], ownWidths: true, middle: [8, 11], depth: [1, 2], kernel: 3, stride: 2,
             shortcutNorm: false, activation: relu}

        """
}

/// A space whose networks train in a fraction of a second on the generated images.
public enum TinySpace {
    /// Its file.
    public static func yaml(
        name: String = "tiny", embed: String = "[16, 24]", depth: String = "[1, 2]", mixture: String = "{experts: 1}"
    ) -> String {
        """
        apiVersion: nasd/v1
        kind: SearchSpace
        name: \(name)
        family: vit
        input: {height: 28, width: 28, channels: 1, patch: 7, classes: 10}
        headWidth: 8
        choices: {embed: \(embed), depth: \(depth), heads: [1, 2], mlpRatio: [1, 2]}
        mixture: \(mixture)

        """
    }
}
