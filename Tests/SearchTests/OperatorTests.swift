import SearchSpaces
import Tensors
import Testing

@testable import Search

@Suite struct OperatorTests {
    @Test func mutationNeverKeepsTheOption() {
        let space = ListSpace([2, 3, 5, 1, 9])
        let always = ResetMutation(decisions: space.decisions, rate: 1)
        var generator = CounterGenerator(seed: 1, stream: .search, step: 0)
        var counts = [Int](repeating: 0, count: 9)
        for _ in 0..<4000 {
            let parent = space.randomGenome(using: &generator)
            let child = always.mutated(parent, using: &generator)
            for (index, decision) in space.decisions.enumerated() {
                #expect(Int(child.choices[index]) < decision.options.count)
                #expect((child.choices[index] == parent.choices[index]) == (decision.options.count == 1))
            }
            counts[Int(child.choices[4])] += 1
        }
        let expected = 4000.0 / 9
        let chi = counts.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
        #expect(chi < 26.1)  // 8 degrees of freedom, p = 0.001
        #expect(ResetMutation(decisions: space.decisions).probability == 0.25)
        let closed = ResetMutation(decisions: ListSpace([1]).decisions)
        #expect(closed.mutated(Genome([0]), using: &generator) == Genome([0]))
    }

    @Test func crossoverTakesEachParentHalfTheTime() {
        var generator = CounterGenerator(seed: 2, stream: .search, step: 0)
        let zeros = Genome([UInt8](repeating: 0, count: 4))
        let ones = Genome([UInt8](repeating: 1, count: 4))
        var counts = [Int](repeating: 0, count: 16)
        for _ in 0..<8000 {
            let child = UniformCrossover().child(of: zeros, and: ones, using: &generator)
            counts[child.choices.reduce(0) { $0 * 2 + Int($1) }] += 1
        }
        let chi = counts.reduce(0.0) { $0 + (Double($1) - 500) * (Double($1) - 500) / 500 }
        #expect(chi < 37.7)  // 15 degrees of freedom, p = 0.001
    }

    @Test func tournamentPrefersTheBetter() {
        var generator = CounterGenerator(seed: 3, stream: .search, step: 0)
        var wins = [Int](repeating: 0, count: 4)
        for _ in 0..<8000 {
            wins[Tournament().winner(of: 4, using: &generator) { $0 > $1 }] += 1
        }
        // The best of two draws is k with probability (2k + 1) / 16.
        let chi = (0..<4).reduce(0.0) { sum, k in
            let expected = Double(2 * k + 1) * 500
            return sum + (Double(wins[k]) - expected) * (Double(wins[k]) - expected) / expected
        }
        #expect(chi < 16.3)  // 3 degrees of freedom, p = 0.001
        #expect(Tournament(size: 1).winner(of: 1, using: &generator) { _, _ in false } == 0)
    }
}
