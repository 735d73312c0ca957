import SearchSpaces

/// The first choice is a depth: choices after it count only up to that depth.
struct DepthSpace: GenomeSpace {
    let decisions: [Decision]

    init(depth: Int, options: Int) {
        decisions =
            [Decision(name: "depth", scope: .network, options: (0...depth).map(Double.init))]
            + (0..<depth).map {
                Decision(name: "d", scope: .block($0), options: (0..<options).map(Double.init))
            }
    }

    func canonical(_ genome: Genome) -> Genome {
        var choices = genome.choices
        for index in choices.indices.dropFirst() where index > Int(choices[0]) { choices[index] = 0 }
        return Genome(choices)
    }
}
