extension CNNFamily {
    /// Blocks that are looked at for exact ranges: some tenths of a second.
    static let mostBlocksForRanges = 1 << 20

    /// The ends of each cost.
    ///
    /// No option makes a network of inverted bottlenecks or bottlenecks cheaper in anything. Between basic blocks a shortcut has a
    /// convolution where widths are unlike, and its outputs wait, so the ends may be anywhere between. They are then followed block
    /// by block: what lies before a block matters to it by its width alone, and choices within it by their first and last options.
    package var costRanges: [ClosedRange<Int>] { costRanges(mostBlocks: Self.mostBlocksForRanges) }

    func costRanges(mostBlocks: Int) -> [ClosedRange<Int>] {
        let ends = [
            Genome(decisions.map { _ in 0 }), Genome(decisions.map { UInt8($0.options.count - 1) }),
        ]
        let low: [Int], high: [Int]
        if !stages.contains(where: { $0.block == .basic }) {
            (low, high) = (costs(of: ends[0]), costs(of: ends[1]))
        } else if blocksForRanges <= mostBlocks {
            low = CNNExtremes(of: self, areGreatest: false).values
            high = CNNExtremes(of: self, areGreatest: true).values
        } else {
            (low, high) = (
                costs(of: architecture(of: ends[0], shortcuts: .none)), costs(of: widestArchitecture(of: ends[1]))
            )
        }
        return zip(low, high).map { $0...$1 }
    }

    /// Blocks that exact ranges take.
    private var blocksForRanges: Int {
        var before = stem.width.count, blocks = 0
        for stage in stages {
            let own = stage.width.count, following = stage.blockCount - 1
            blocks = blocks.plus(before * own).plus(following * own * (stage.hasOwnWidths ? own : 1))
            before = own
        }
        return 2 * blocks
    }
}

/// The least or the greatest of each cost over all networks of a space, each by a network of its own.
private struct CNNExtremes {
    /// A value for each cost.
    private(set) var values: [Int] = []
    private let areGreatest: Bool

    init(of family: CNNFamily, areGreatest: Bool) {
        self.areGreatest = areGreatest
        let side = end(family.resolution), stem = family.stem
        let input = side.map { CNNMap(height: $0, width: $0) } ?? family.imageMap
        // What networks cost so far, by the width that they end in.
        var known: [Int: [Int]] = [:], map = input
        for width in stem.width {
            let own = CNNStem(
                kernel: stem.kernel, stride: stem.stride, width: width, inner: end(stem.inner),
                between: end(stem.between) ?? 0, hasPool: stem.hasPool, activation: stem.activation,
                convolvedMap: input.divided(by: stem.stride))
            known[width] = tally { own.forEachLayer(family.image.channels, input, $0) }
            map = own.outputMap
        }
        for (number, stage) in family.stages.enumerated() { follow(stage, number, &known, &map) }
        let head = CNNHead(
            width: end(family.head.width), mix: family.head.mix, activation: family.head.activation)
        for (channels, values) in known {
            let whole = together(
                values, tally { head.forEachLayer(channels, map, classes: family.classes, $0) })
            self.values = self.values.isEmpty ? whole : better(self.values, whole)
        }
    }

    private func follow(_ stage: CNNStage, _ number: Int, _ known: inout [Int: [Int]], _ map: inout CNNMap) {
        var before = known, ends: [Int: [Int]] = [:]
        for position in 0..<stage.blockCount {
            var after: [Int: [Int]] = [:], next = map
            for width in stage.width {
                for (channels, values) in before
                where position == 0 || stage.hasOwnWidths || channels == width {
                    let block = stage.block(
                        position, of: number, from: channels, on: map, to: width, kernel: end(stage.kernel) ?? 3,
                        ratio: end(stage.expand) ?? 1, middle: end(stage.middle))
                    next = block.outputMap
                    note(together(values, tally { block.forEachLayer($0) }), for: width, in: &after)
                }
            }
            (before, map) = (after, next)
            guard stage.depth.contains(position + 1) else { continue }
            for (width, values) in after { note(values, for: width, in: &ends) }
        }
        known = ends
    }

    /// The first or the last of some options.
    private func end<Value>(_ options: [Value]) -> Value? { areGreatest ? options.last : options.first }

    private func note(_ values: [Int], for width: Int, in known: inout [Int: [Int]]) {
        known[width] = known[width].map { better($0, values) } ?? values
    }

    private func better(_ first: [Int], _ second: [Int]) -> [Int] {
        zip(first, second).map { areGreatest ? max($0, $1) : min($0, $1) }
    }

    private func together(_ first: [Int], _ second: [Int]) -> [Int] {
        zip(CNNFamily.costs, zip(first, second)).map { cost, values in
            cost.accumulation == .sum ? values.0 + values.1 : max(values.0, values.1)
        }
    }

    private func tally(_ layers: ((CNNLayer) -> Void) -> Void) -> [Int] {
        var tally = CNNTally()
        layers { tally.add($0) }
        return tally.values
    }
}
