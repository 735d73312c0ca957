internal import Datasets
internal import Documents

/// A space that suits data and a processor, in the words of a space file, explained line by line.
struct StartingSpace {
    let name: String
    let look: DataLook
    /// Whether its networks are to be small, where a machine trains larger ones too slowly.
    let isSmall: Bool

    /// The text of the file.
    var yaml: String {
        switch look.input {
        case .image(let height, let width, let channels): images(height, width, channels)
        case .numbers(let count): numbers(count)
        }
    }

    private func head(_ family: String, _ what: String) -> [String] {
        [
            "# \(what) Written by nasd new; change what you like, and check it with nasd validate.",
            "apiVersion: nasd/v1", "kind: SearchSpace", "name: \(name)", "family: \(family)",
            "source: \(ResolvedEntries.quoted("nasd new"))",
        ]
    }

    private var outputs: String { look.classes.map { "classes: \($0)" } ?? "outputs: 1" }

    /// Inverted bottlenecks: they learn from few images, and cost little on a processor.
    private func images(_ height: Int, _ width: Int, _ channels: Int) -> String {
        // Maps are halved until some 4 to 8 rows are left.
        let halvings =
            switch min(height, width) {
            case ..<16: 1
            case ..<48: 2
            case ..<96: 3
            case ..<192: 4
            default: 5
            }
        let stem = halvings > 2 ? 2 : 1, left = halvings - (stem - 1)
        // The stages that halve: those in the middle first.
        let halving = [[1], [1, 2], [1, 2, 3], [0, 1, 2, 3]][min(left, 4) - 1]
        let widths =
            isSmall
            ? [[8, 12], [12, 16, 20], [24, 32, 40], [40, 48, 56]]
            : [[16, 24], [24, 32, 40], [48, 64, 80], [80, 96, 112]]
        let depths = [[1, 2], [1, 2, 3], [1, 2, 3], [1, 2]]
        let stages = widths.indices.map { stage in
            "  - {stride: \(halving.contains(stage) ? 2 : 1), width: \(widths[stage]), depth: \(depths[stage]), kernel: [3, 5], expand: \(isSmall ? [2, 3, 4] : [3, 4, 6])}"
        }
        let lines =
            head("cnn", "Convolutional networks over images of \(height) x \(width).")
            + [
                "input: {height: \(height), width: \(width), channels: \(channels), \(outputs)}  # what the data have",
                "stem: {kernel: 3, stride: \(stem), width: \(widths[0][0])}  # the first layer, of every network alike",
                "stages:  # one width and depth for a stage, one kernel and expansion for each of its blocks",
            ] + stages + ["head: {width: \(isSmall ? 160 : 320)}  # the last layer before the classes"]
        return lines.joined(separator: "\n") + "\n"
    }

    private func numbers(_ count: Int) -> String {
        let widths = look.count < 2000 || isSmall ? [16, 32, 64] : [64, 96, 128, 192]
        let lines =
            head("mlp", "Perceptrons over \(count) numbers.")
            + [
                "input: {features: \(count), \(outputs)}  # what the data have: categories are an input each",
                "choices:", "  width: \(widths)  # one for a network", "  depth: [2, 3, 4]  # blocks",
                "  expansion: [1, 2, 3]  # one for each block: how much wider it is inside",
            ]
        return lines.joined(separator: "\n") + "\n"
    }
}
