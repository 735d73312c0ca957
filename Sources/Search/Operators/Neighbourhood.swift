import SearchSpaces
import Tensors

/// The architectures one changed decision away.
struct Neighbourhood: Sendable {
    private let space: any GenomeSpace

    init(of space: any GenomeSpace) { self.space = space }

    /// All neighbours in canonical form, each once, in decision and option order: whatever a change of one active
    /// decision to another option comes to. O(options times decisions).
    func all(of genome: Genome) -> [Genome] {
        var seen: Set<Genome> = [genome], neighbours: [Genome] = []
        for index in space.decisions.indices where space.isActive(index, in: genome) {
            for option in space.decisions[index].options.indices {
                let neighbour = changed(genome, index, to: option)
                if seen.insert(neighbour).inserted { neighbours.append(neighbour) }
            }
        }
        return neighbours
    }

    /// A neighbour in canonical form: an active decision drawn uniformly, and another option of it; nil where every active
    /// decision has one option.
    func random(of genome: Genome, using generator: inout CounterGenerator) -> Genome? {
        let open = space.decisions.indices.filter {
            space.decisions[$0].options.count > 1 && space.isActive($0, in: genome)
        }
        guard let index = open.randomElement(using: &generator) else { return nil }
        let other = Int.random(in: 0..<(space.decisions[index].options.count - 1), using: &generator)
        return changed(genome, index, to: other < Int(genome.choices[index]) ? other : other + 1)
    }

    private func changed(_ genome: Genome, _ index: Int, to option: Int) -> Genome {
        var choices = genome.choices
        choices[index] = UInt8(option)
        return space.canonical(Genome(choices))
    }
}
