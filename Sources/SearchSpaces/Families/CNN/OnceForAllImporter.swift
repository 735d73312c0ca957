internal import Documents

/// Spaces of once-for-all, by the names of its supernets: `ofa_mbv3_d234_e346_k357_w1.2`, `ofa_proxyless_d234_e346_k357_w1.3`,
/// `ofa_resnet50_d=0+1+2_e=0.2+0.25+0.35_w=0.65+0.8+1.0`.
///
/// Source: Cai et al., "Once-for-All: Train One Network and Specialize it for Efficient Deployment" (ICLR 2020), whose widths and
/// rounding of channels these are.
struct OnceForAllImporter: SpaceImporter {
    static let reads = "a name of once-for-all such as \(Skeleton.allCases.map(\.example).joined(separator: ", "))"

    let remarks: [String]
    private let name: String
    private let skeleton: Skeleton
    private let options: [Character: [String]]

    /// What its networks have in common.
    private enum Skeleton: String, CaseIterable {
        case mbv3
        case proxyless
        case resnet50

        /// What a name says, by its letters, where it says nothing.
        var usual: [Character: [String]] {
            switch self {
            case .mbv3: ["d": ["2", "3", "4"], "e": ["3", "4", "6"], "k": ["3", "5", "7"], "w": ["1.0"]]
            case .proxyless: ["d": ["2", "3", "4"], "e": ["3", "4", "6"], "k": ["3", "5", "7"], "w": ["1.3"]]
            case .resnet50: ["d": ["0", "1", "2"], "e": ["0.2", "0.25", "0.35"], "w": ["0.65", "0.8", "1.0"]]
            }
        }

        var example: String {
            self == .resnet50
                ? "ofa_resnet50_d=0+1+2_e=0.2+0.25+0.35_w=0.65+0.8+1.0"
                : "ofa_\(rawValue)_d234_e346_k357_w\(usual["w"]?[0] ?? "1.0")"
        }
    }

    init?(name: String) throws(SearchSpaceError) {
        let parts = name.split(separator: "_", omittingEmptySubsequences: false).map(String.init)
        guard parts[0] == "ofa" else { return nil }
        func fault(_ reason: String) -> SearchSpaceError { .unknownSource(name: name, reason: reason) }
        guard parts.count > 1, let skeleton = Skeleton(rawValue: parts[1]) else {
            throw fault("expected \(Self.reads)")
        }
        var options: [Character: [String]] = [:]
        for part in parts.dropFirst(2) {
            guard let letter = part.first, skeleton.usual[letter] != nil, options[letter] == nil else {
                throw fault(
                    "expected \(skeleton.usual.keys.sorted().map { "\($0)…" }.joined(separator: ", ")), each once, "
                        + "found '\(part)'")
            }
            let rest = part.dropFirst().drop { $0 == "=" }
            // Digits are an option each, but for the width.
            let values =
                rest.contains("+") || letter == "w" || rest.contains(".")
                ? rest.split(separator: "+", omittingEmptySubsequences: false).map(String.init) : rest.map(String.init)
            guard !values.isEmpty, values.allSatisfy({ Double($0).map { $0.isFinite && $0 >= 0 && $0 <= 16 } ?? false })
            else { throw fault("expected numbers from 0 to 16 behind '\(letter)', found '\(rest)'") }
            options[letter] = values
        }
        if skeleton != .resnet50, (options["w"]?.count ?? 1) > 1 {
            throw fault("expected one width, found \(options["w"]?.count ?? 0)")
        }
        self.name = name
        self.skeleton = skeleton
        self.options = skeleton.usual.merging(options) { $1 }
        remarks = [
            "learned transforms between kernels are off; add kernelTransforms: true for those of once-for-all",
            "every multiple of 4 is a resolution, as in its training; images of your own side are resampled: write those sides that you want",
        ].filter { skeleton != .resnet50 || !$0.hasPrefix("learned") }
    }

    // MARK: Its space

    private func list(_ letter: Character) -> String { "[\((options[letter] ?? []).joined(separator: ", "))]" }

    private var widths: [Double] { (options["w"] ?? []).compactMap(Double.init) }

    /// A width of its table times a factor, a multiple of 8 that is at least 8 and 0.9 of it.
    private static func channels(_ width: Int, _ factor: Double) -> Int {
        let value = Double(width) * factor
        let rounded = max(8, Int((value + 4) / 8) * 8)
        return Double(rounded) < 0.9 * value ? rounded + 8 : rounded
    }

    private func channels(_ width: Int) -> String {
        "[\(Set(widths.map { Self.channels(width, $0) }).sorted().map(String.init).joined(separator: ", "))]"
    }

    /// The sides of images that it trains with.
    private var resolution: String {
        let least = skeleton == .mbv3 && widths == [1.2] ? 160 : 128
        return "[\(stride(from: least, through: 224, by: 4).map(String.init).joined(separator: ", "))]"
    }

    var yaml: String {
        """
        family: cnn
        source: "Cai et al., Once-for-All (ICLR 2020): \(name)"
        input: {height: 224, width: 224, channels: 3, classes: 1000}
        resolution: \(resolution)

        """
            + (skeleton == .mbv3 ? mobile : skeleton == .proxyless ? proxyless : residual)
    }

    private var elastic: String { "kernel: \(list("k")), expand: \(list("e"))" }

    private var mobile: String {
        let stages = [
            (24, 2, "relu", false), (40, 2, "relu", true), (80, 2, "hswish", false), (112, 1, "hswish", true),
            (160, 2, "hswish", true),
        ]
        return """
            stem: {kernel: 3, stride: 2, width: \(channels(16)), activation: hswish}
            stages:
              - {width: \(channels(16)), depth: 1, kernel: 3, expand: 1, activation: relu, firstShortcut: true}

            """
                + stages.map { width, stride, activation, hasExcite in
                    "  - {width: \(channels(width)), depth: \(list("d")), \(elastic), stride: \(stride), "
                        + "activation: \(activation), squeezeExcite: \(hasExcite)}\n"
                }.joined()
                + "head: {width: \(channels(960)), mix: \(Self.channels(1280, widths[0])), activation: hswish}\n"
    }

    private var proxyless: String {
        let stages = [(24, 2), (40, 2), (80, 2), (96, 1), (192, 2)]
        return """
            stem: {kernel: 3, stride: 2, width: \(channels(32))}
            stages:
              - {width: \(channels(16)), depth: 1, kernel: 3, expand: 1}

            """
                + stages.map { "  - {width: \(channels($0)), depth: \(list("d")), \(elastic), stride: \($1)}\n" }
                .joined()
                    + """
                      - {width: \(channels(320)), depth: 1, \(elastic), stride: 1}
                    head: {width: \(channels(1280))}
                    norm: {epsilon: 0.001}

                    """
    }

    private static let depths = [2, 2, 4, 2]

    private var extra: [Int] { (options["d"] ?? []).compactMap(Int.init) }

    private var stemWidths: (inner: [Int], outer: [Int]) {
        let outer = widths.map { Self.channels(64, $0) }
        return (outer.map { Self.channels($0 / 2, 1) }, outer)
    }

    private var residual: String {
        func list(_ numbers: [Int]) -> String {
            "[\(Set(numbers).sorted().map(String.init).joined(separator: ", "))]"
        }
        let (inner, outer) = stemWidths
        return """
            stem: {kernel: 3, stride: 2, inner: \(list(inner)), between: \(extra.count > 1 ? "[0, 1]" : "[1]"), \
            width: \(list(outer)), maxPool: true, activation: relu}
            stages:

            """
                + zip(Self.depths, [(256, 1), (512, 2), (1024, 2), (2048, 2)]).map { depth, stage in
                    "  - {block: bottleneck, width: \(channels(stage.0)), depth: \(list(extra.map { depth + $0 })), kernel: 3, "
                        + "expand: \(self.list("e")), stride: \(stage.1), activation: relu}\n"
                }.joined()
    }

    // MARK: Its architectures

    /// `{ks, e, d, r}`, of residual networks `{e, d, w, r}`; one number stands for as many as there are.
    func architecture(_ section: SectionReader) -> [String: [String]] {
        if section.has("wid") {
            let node = section.node("wid", isRequired: false, expected: "null")
            if node?.kindText != "nothing" { section.report("expected null, found a width", key: "wid") }
        }
        let most = extra.max() ?? 0
        let sides = section.optional("r") { section.numbers("r") } ?? ["224"]
        var values = ["resolution": sides]
        guard skeleton == .resnet50 else {
            let stages = 5, blocks = stages * most + (skeleton == .proxyless ? 1 : 0)
            values["kernel"] = entries("ks", of: section, blocks, orLess: blocks - 1, filledBy: options["k"]?.last)
            values["expand"] = entries("e", of: section, blocks, orLess: blocks - 1, filledBy: options["e"]?.last)
            let depth = entries("d", of: section, stages, orMore: stages + 1)
            values["depth"] = Array(depth.prefix(stages))
            return values
        }
        values["expand"] = entries("e", of: section, Self.depths.map { $0 + most }.reduce(0, +))
        let depth = entries("d", of: section, 5)
        let width = entries("w", of: section, 6).map { Int($0).flatMap { widths.indices.contains($0) ? $0 : nil } }
        guard depth.count == 5, width.count == 6, width.allSatisfy({ $0 != nil }) else {
            if width.contains(nil) {
                section.report("expected numbers from 0 to \(widths.count - 1), which count widths", key: "w")
            }
            return values
        }
        let places = width.compactMap(\.self), (inner, outer) = stemWidths
        // Numbers of decisions that are fixed are no columns, and so passed over.
        values["stemDepth"] = [Int(depth[0]) == most ? "1" : "0"]
        values["depth"] = zip(Self.depths, depth.dropFirst()).map { String($0 + (Int($1) ?? 0)) }
        values["stemInner"] = [String(inner[places[0]])]
        values["stemWidth"] = [String(outer[places[1]])]
        values["width"] = zip([256, 512, 1024, 2048], places.dropFirst(2)).map {
            String(Self.channels($0, widths[$1]))
        }
        return values
    }

    /// The numbers of a key, of which one stands for all.
    ///
    /// - Parameters:
    ///   - less: Another count, in which the last number is missing and is `last`; nil for none.
    ///   - more: Another count; nil for none.
    private func entries(
        _ key: String, of section: SectionReader, _ count: Int, orLess less: Int? = nil, orMore more: Int? = nil,
        filledBy last: String? = nil
    ) -> [String] {
        let faultsBefore = section.collector.count
        let numbers = section.numbers(key)
        guard section.collector.count == faultsBefore else { return [] }
        if numbers.count == 1, !section.isList(key) { return [String](repeating: numbers[0], count: count) }
        if numbers.count == less, skeleton == .proxyless, let last { return numbers + [last] }
        if numbers.count == count || (numbers.count == more && skeleton == .proxyless) { return numbers }
        section.report("expected \(count) numbers, found \(numbers.count)", key: key)
        return []
    }
}
