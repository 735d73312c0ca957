internal import Foundation
package import SearchSpaces
package import Tensors

/// Canonical genomes as numbers that predictors learn from, for any space from its decisions alone.
///
/// For each decision its options one-hot, and its size where it is ordinal; all 0 where it does not count, so that layers that are
/// not there say nothing. Then, of the decisions of one name, how many chose each option, and the sums of sizes: over all blocks and
/// over each stage (the blocks of one depth). An ordinal decision of many options counts by its size and the square of it alone.
///
/// Two options of one decision are at most 1 apart, and half of that is how unlike their sizes are where they have any.
package struct GenomeEncoding: Sendable {
    /// Options of an ordinal decision up to which each has a number of its own.
    private static let mostOptions = 12

    /// How many numbers a genome has.
    package let count: Int
    /// The numbers that belong together: those of each decision with at least two options, then those of each name.
    package let groups: [Range<Int>]
    /// How many of the groups are of one decision.
    package let decisionGroups: Int
    private let space: any GenomeSpace
    private let blocks: [Block]
    private let summaries: [Summary]

    /// The numbers of a decision.
    private struct Block {
        let start: Int
        let isOneHot: Bool
        /// The size of each option from 0 to 1; nil for categories, and for two options, which one-hot numbers tell apart.
        let sizes: [Double]?
        let width: Int
    }

    /// What is summed over decisions of one name.
    private struct Summary {
        let members: [Int]
        let start: Int
        /// How many options are counted; 0 where sizes are summed.
        let options: Int
        let scale: Double
    }

    /// Creates the encoding of a space.
    package init(_ space: any GenomeSpace) {
        self.space = space
        var place = 0, blocks: [Block] = [], groups: [Range<Int>] = []
        for decision in space.decisions {
            let options = decision.options, least = options.first ?? 0, range = (options.last ?? 0) - least
            let isSized = decision.isOrdinal && range > 0 && options.count > 2
            let isOneHot = options.count > 1 && (!isSized || options.count <= Self.mostOptions)
            let sizes = isSized ? options.map { ($0 - least) / range } : nil
            let width = (isOneHot ? options.count : 0) + (isSized ? (isOneHot ? 1 : 2) : 0)
            blocks.append(Block(start: place, isOneHot: isOneHot, sizes: sizes, width: width))
            if width > 0 { groups.append(place..<place + width) }
            place += width
        }
        decisionGroups = groups.count
        var summaries: [Summary] = []
        let names = space.decisions.indices.reduce(into: [[Int]]()) { names, index in
            let decision = space.decisions[index]
            guard case .block = decision.scope, decision.options.count > 1 else { return }
            if let at = names.firstIndex(where: {
                let first = space.decisions[$0[0]]
                return first.name == decision.name && first.options.count == decision.options.count
            }) {
                names[at].append(index)
            } else {
                names.append([index])
            }
        }
        for members in names where members.count > 1 {
            let begin = place, first = space.decisions[members[0]]
            if first.options.count <= Self.mostOptions {
                let scale = 1 / Double(members.count).squareRoot()
                summaries.append(Summary(members: members, start: place, options: first.options.count, scale: scale))
                place += first.options.count
            }
            if first.isOrdinal {
                let stages = Dictionary(grouping: members) { index -> Int in
                    if case .below(let control, _) = space.decisions[index].activity { control } else { -1 }
                }
                let sums = [members] + (stages.count > 1 ? stages.sorted { $0.key < $1.key }.map(\.value) : [])
                for members in sums where members.count > 1 {
                    let scale = 1 / Double(members.count).squareRoot()
                    summaries.append(Summary(members: members, start: place, options: 0, scale: scale))
                    place += 1
                }
            }
            if place > begin { groups.append(begin..<place) }
        }
        self.blocks = blocks
        self.summaries = summaries
        self.groups = groups
        count = place
    }

    /// The numbers of a genome in any form.
    package func encode(_ genome: Genome) -> [Double] {
        let canonical = space.canonical(genome), isActive = space.isActive(canonical)
        var result = [Double](repeating: 0, count: count)
        for (index, block) in blocks.enumerated() where isActive[index] && block.width > 0 {
            let choice = Int(canonical.choices[index])
            let weight = block.sizes == nil ? 0.5.squareRoot() : 0.5
            if block.isOneHot { result[block.start + choice] = weight }
            if let sizes = block.sizes {
                let last = block.start + block.width - 1
                if block.isOneHot {
                    result[last] = 0.5.squareRoot() * sizes[choice]
                } else {
                    result[last - 1] = sizes[choice]
                    result[last] = 0.25 * (2 * sizes[choice] - 1) * (2 * sizes[choice] - 1)
                }
            }
        }
        for summary in summaries {
            for member in summary.members where isActive[member] {
                let choice = Int(canonical.choices[member])
                if summary.options > 0 {
                    result[summary.start + choice] += summary.scale
                } else {
                    result[summary.start] += summary.scale * (blocks[member].sizes?[choice] ?? Double(choice))
                }
            }
        }
        return result
    }

    /// The numbers of genomes, (genome, number).
    package func encode(_ genomes: [Genome]) -> DenseMatrix { DenseMatrix(genomes.map(encode), columns: count) }
}
