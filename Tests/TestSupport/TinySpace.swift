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
