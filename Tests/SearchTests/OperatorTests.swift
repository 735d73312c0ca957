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

/// Values of pymoo 0.6.2, and what operators do to genomes.
@Suite struct BoundedVariationTests {
    @Test(arguments: [
        (15.0, 0.1, 1.095696592, 2.904303408), (15, 0.9, 0.894181728, 3.105818272), (3, 0.1, 1.336546594, 2.663453406),
        (3, 0.9, 0.594489704, 3.405510296),
    ])
    func childrenOfTwoValues(eta: Double, place: Double, low: Double, high: Double) {
        for (first, second) in [(1.0, 3.0), (3, 1)] {
            let found = SimulatedBinaryCrossover.children(of: first, and: second, in: 0...4, eta: eta, at: place)
            #expect(abs(found.0 - low) < 1e-9 && abs(found.1 - high) < 1e-9, "\(found)")
        }
    }

    @Test(arguments: [(0.05, 0.792301370), (0.25, 0.935063601), (0.75, 1.064936399), (0.95, 1.207698630)])
    func mutantsOfAValue(place: Double, expected: Double) {
        let found = PolynomialMutation.value(of: 1, in: 0...2, eta: 20, at: place)
        #expect(abs(found - expected) < 1e-9, "\(found)")
    }

    /// Children stay within their decisions, and options near the parents are the likelier ones.
    @Test func genomesOfOrdinalAndCategoricalDecisions() {
        let options = (0..<9).map(Double.init)
        let decisions = [
            Decision(name: "size", scope: .network, options: options),
            Decision(name: "kind", scope: .network, options: options, isOrdinal: false),
            Decision(name: "fixed", scope: .network, options: [1]),
        ]
        let crossover = SimulatedBinaryCrossover(decisions: decisions, eta: 3)
        let mutation = PolynomialMutation(decisions: decisions, rate: 1, eta: 3)
        var generator = CounterGenerator(seed: 3, stream: .search, step: 0)
        let first = Genome([2, 2, 0]), second = Genome([5, 7, 0])
        var sizes = [Int](repeating: 0, count: 9), mutants = sizes, kinds = sizes
        for _ in 0..<4000 {
            let child = crossover.child(of: first, and: second, using: &generator)
            #expect(child.choices[0] < 9 && [2, 7].contains(child.choices[1]) && child.choices[2] == 0)
            sizes[Int(child.choices[0])] += 1
            let mutant = mutation.mutated(Genome([4, 4, 0]), using: &generator)
            #expect(mutant.choices[0] < 9 && mutant.choices[1] < 9 && mutant.choices[2] == 0)
            mutants[Int(mutant.choices[0])] += 1
            kinds[Int(mutant.choices[1])] += 1
        }
        // Half of the choices are the first parent's own, and as many as not lie below it.
        #expect(sizes[2] > 2000 && sizes[1] > sizes[0] && sizes[5] > sizes[7])
        #expect(mutants[4] > mutants[5] && mutants[5] > mutants[6] && mutants[3] > mutants[2])
        #expect(kinds[4] == 0 && kinds.enumerated().allSatisfy { $0.offset == 4 || $0.element > 400 })
    }
}
