internal import Documents

/// Spaces of AutoFormer: its YAML files, with the sections `SUPERNET`, `SEARCH_SPACE` and, of chosen networks, `RETRAIN`.
///
/// Its networks read images of 224 x 224 in patches of 16 and have heads of width 64, which its files do not say.
///
/// Source: Chen et al., "AutoFormer: Searching Transformers for Visual Recognition" (ICCV 2021), table 1 and section 4.1.
struct AutoFormerImporter: SpaceImporter {
    static let reads = "a YAML file of AutoFormer with the section SEARCH_SPACE"

    let yaml: String
    let remarks: [String]
    let architectures: [[String: [String]]]

    /// A choice in its files, by its name there and here.
    private static let choices: [(theirs: String, ours: String)] = [
        ("EMBED_DIM", "embed"), ("DEPTH", "depth"), ("NUM_HEADS", "heads"), ("MLP_RATIO", "mlpRatio"),
    ]

    init?(_ root: SectionReader) {
        guard root.has("SEARCH_SPACE") else { return nil }
        let space = root.section("SEARCH_SPACE", isRequired: true)
        let options = Self.choices.map { choice in
            choice.theirs == "MLP_RATIO"
                ? space.ratioOptions(choice.theirs, atMost: 16).map(ShortNumber.text)
                : space.wholeOptions(choice.theirs, in: 1...16384).map(String.init)
        }
        space.finish()
        var remarks = [
            "the images of 224 x 224 x 3, the patches of 16, the heads of width 64 and the 1000 classes are AutoFormer's; "
                + "change them where your data are others",
            "relative positions, which AutoFormer adds to attention, are no part of networks here, nor of their costs",
        ]
        let supernet = root.section("SUPERNET")
        for (choice, own) in zip(Self.choices, options) {
            let most = supernet.optional(choice.theirs) { supernet.number(choice.theirs, in: 0...16384) }
            guard let most, let largest = own.last.flatMap(Double.init), most != largest else { continue }
            remarks.append(
                "SUPERNET.\(choice.theirs) is \(ShortNumber.text(most)), and the greatest option "
                    + "\(ShortNumber.text(largest)): the supernet here is as large as the greatest option")
        }
        supernet.finish()
        architectures =
            root.optional("RETRAIN") {
                let chosen = root.section("RETRAIN")
                defer { chosen.finish() }
                return [Self.values(chosen, keys: Self.choices.map(\.theirs))]
            } ?? []
        root.finish()
        self.remarks = remarks
        yaml =
            """
            family: vit
            source: "AutoFormer"
            input: {height: 224, width: 224, channels: 3, patch: 16, classes: 1000}
            headWidth: 64
            choices:

            """
            + zip(Self.choices, options).map { "  \($0.ours): [\($1.joined(separator: ", "))]\n" }.joined()
    }

    /// `{EMBED_DIM, DEPTH, NUM_HEADS, MLP_RATIO}` as in its files, or `{embed_dim, layer_num, num_heads, mlp_ratio}` as in its logs.
    func architecture(_ section: SectionReader) -> [String: [String]] {
        let logged = ["embed_dim", "layer_num", "num_heads", "mlp_ratio"]
        return Self.values(section, keys: section.has("layer_num") ? logged : Self.choices.map(\.theirs))
    }

    private static func values(_ section: SectionReader, keys: [String]) -> [String: [String]] {
        var values: [String: [String]] = [:]
        for (key, choice) in zip(keys, choices) {
            let list = section.numbers(key)
            // Its logs repeat the width for every block.
            values[choice.ours] = key == "embed_dim" ? Array(list.prefix(1)) : list
        }
        return values
    }
}

extension SectionReader {
    /// The required numbers of a key, one or a list, as texts.
    func numbers(_ key: String) -> [String] {
        if isList(key) {
            return list(key, isRequired: true, expected: "a list of numbers", least: "at least one number")
                .enumerated().compactMap { index, item in
                    if let number = Self.number(item) { return ShortNumber.text(number) }
                    collector.report(
                        "expected a number, found \(item.kindText)", at: item.position, path: "\(path(key))[\(index)]")
                    return nil
                }
        }
        return [ShortNumber.text(number(key, in: -1e9...1e9))]
    }
}
