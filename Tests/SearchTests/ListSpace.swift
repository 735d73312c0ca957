import SearchSpaces

/// A space without inactive decisions: option counts alone.
struct ListSpace: GenomeSpace {
    let decisions: [Decision]

    init(_ counts: [Int]) {
        decisions = counts.enumerated().map { index, count in
            Decision(name: "d", scope: .block(index), options: (0..<count).map(Double.init))
        }
    }

    func canonical(_ genome: Genome) -> Genome { genome }
}
