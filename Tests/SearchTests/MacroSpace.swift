import SearchSpaces

/// The space of NAS-Bench-Macro: eight layers in three stages, each identity or one of two blocks.
///
/// Identities commute behind the first layer of a stage; the canonical form moves them last.
struct MacroSpace: GenomeSpace {
    let decisions = (0..<8).map {
        Decision(name: "layer", scope: .block($0), options: [0, 1, 2], isOrdinal: false)
    }

    func canonical(_ genome: Genome) -> Genome {
        var choices = genome.choices
        for tail in [1..<2, 3..<5, 6..<8] {
            let blocks = choices[tail].filter { $0 != 0 }
            choices.replaceSubrange(tail, with: blocks + [UInt8](repeating: 0, count: tail.count - blocks.count))
        }
        return Genome(choices)
    }
}
