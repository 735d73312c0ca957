import Foundation
import Runs
import SearchSpaces
import Tensors
import Testing

@testable import Search

@Suite struct SelectionTests {
    func fitness(_ points: [[Double]]) -> [Fitness] { points.map { Fitness(objectives: $0) } }

    @Test func frontsMatchTheReference() {
        let points: [[Double]] = [[1, 5], [2, 3], [4, 1], [3, 4], [5, 2], [5, 5], [2, 3]]
        #expect(NonDominatedSorting.fronts(of: fitness(points)) == [[0, 1, 2, 6], [3, 4], [5]])
        #expect(Self.peeled(fitness(points)) == [[0, 1, 2, 6], [3, 4], [5]])
        #expect(Front.indices(of: fitness(points)) == [0, 1, 2, 6])
    }

    @Test func crowdingMatchesTheReference() {
        let distances = CrowdingDistance.distances(of: [[1, 5], [2, 3], [3, 2.5], [4, 1]])
        #expect(distances[0] == .infinity && distances[3] == .infinity)
        #expect(abs(distances[1] - 0.645_833_333_333_333_3) < 1e-12)
        #expect(abs(distances[2] - 0.583_333_333_333_333_3) < 1e-12)
        #expect(CrowdingDistance.distances(of: [[1, 2], [2, 1]]) == [.infinity, .infinity])
        #expect(CrowdingDistance.distances(of: [[1, 1], [1, 1], [1, 1]]) == [0, 0, 0])
        #expect(CrowdingDistance.distances(of: []).isEmpty)
    }

    @Test func constraintDominationOrdersTheStates() {
        let good = Fitness(objectives: [1, 2])
        let near = Fitness(objectives: [0, 0], violation: 0.1)
        let far = Fitness(objectives: [-9, -9], violation: 2)
        let broken = Fitness(objectives: [.nan, 0])
        let order = [good, near, far, broken]
        for first in order.indices {
            for second in order.indices {
                #expect(order[first].dominates(order[second]) == (first < second))
            }
        }
        #expect(broken == .failed && Fitness(objectives: [1], violation: .infinity) == .failed)
        #expect(Front.indices(of: [broken, far, near]) == [])
        #expect(Front.indices(of: []) == [])
    }

    @Test func measuredMetricsBecomeMinimised() {
        let objectives = [Objective(metric: .accuracy, goal: .maximize), Objective(metric: .params, goal: .minimize)]
        let bound = [Constraint(metric: .params, atMost: 100)]
        let fitness = Fitness(measured: [.accuracy: 0.5, .params: 150], objectives: objectives, constraints: bound)
        #expect(fitness.objectives == [-0.5, 150] && fitness.violation == 0.5)
        #expect(Fitness(measured: [.accuracy: 0.5], objectives: objectives) == .failed)
        #expect(Fitness(measured: [.accuracy: .nan, .params: 1], objectives: objectives) == .failed)
    }

    /// Deb's peeling by pairs of whole fitness values: what nobody dominates, removed, and again.
    private static func peeled(_ candidates: [Fitness]) -> [[Int]] {
        var fronts: [[Int]] = [], rest = Array(candidates.indices)
        while !rest.isEmpty {
            let front = rest.filter { index in !rest.contains { candidates[$0].dominates(candidates[index]) } }
            fronts.append(front)
            rest.removeAll(where: front.contains)
        }
        return fronts
    }

    /// What is better than a target counts as the target; weights make one number of all.
    @Test func targetsAndWeights() {
        func fitness(_ accuracy: Double, _ latency: Double, _ objectives: [Objective]) -> [Double] {
            Fitness(measured: [.accuracy: accuracy, .latencyMilliseconds: latency], objectives: objectives).objectives
        }
        let reached = [
            Objective(metric: .accuracy, goal: .maximize, target: 0.9),
            Objective(metric: .latencyMilliseconds, goal: .minimize, target: 20),
        ]
        #expect(fitness(0.95, 15, reached) == [-0.9, 20] && fitness(0.8, 30, reached) == [-0.8, 30])
        let weighed = [
            Objective(metric: .accuracy, goal: .maximize, noise: 0.03, weight: 2),
            Objective(metric: .latencyMilliseconds, goal: .minimize, noise: 8, target: 20, weight: 0.01),
        ]
        // -(2 x 0.75 - 0.01 x 30) and -(2 x 0.75 - 0.01 x 20).
        #expect(abs(fitness(0.75, 30, weighed)[0] + 1.2) < 1e-12 && abs(fitness(0.75, 5, weighed)[0] + 1.3) < 1e-12)
        #expect(weighed.axes == 1 && abs(weighed.noises[0] - 0.1) < 1e-12)
        #expect(Fitness(measured: [.accuracy: 1], objectives: weighed) == .failed)
    }

    @Test(arguments: [1, 2, 3, 4]) func fastSortingEqualsTheGeneralOne(dimension: Int) {
        for step in 0..<60 as Range<UInt64> {
            var generator = CounterGenerator(seed: 11, stream: .search, step: step)
            let values = step % 2 == 0 ? 5 : 1000
            let set = (0..<Int.random(in: 0...70, using: &generator)).map { _ in
                let point = (0..<dimension).map { _ in Double(Int.random(in: 0..<values, using: &generator)) }
                let kind = Int.random(in: 0..<10, using: &generator)
                return kind == 0 ? Fitness.failed : Fitness(objectives: point, violation: kind < 3 ? Double(kind) : 0)
            }
            let fronts = Self.peeled(set)
            #expect(NonDominatedSorting.fronts(of: set) == fronts)
            let best = (fronts.first ?? []).filter { set[$0].isFeasible }
            #expect(Front.indices(of: set) == best)
            // Some fronts are the first of all, as many as are asked for.
            let count = Int.random(in: 0...80, using: &generator)
            let some = NonDominatedSorting.fronts(of: set, holding: count)
            #expect(some == Array(fronts.prefix(some.count)))
            #expect(some.joined().count >= min(count, set.count))
            // A front that grows is that of everything, in the same order.
            let cut = Int.random(in: 0...set.count, using: &generator)
            let first = Front.adding(Array(set[..<cut]), to: [])
            let merged = first + set[cut...]
            #expect(Front.adding(Array(set[cut...]), to: first) == Front.indices(of: merged).map { merged[$0] })
            #expect(Set(Front.adding(Array(set[cut...]), to: first)) == Set(best.map { set[$0] }))
        }
    }

    /// With noise, domination is a strict partial order still, weaker than without, and fronts are those of peeling.
    @Test(arguments: [1, 2, 3]) func noiseIsAnOrder(dimension: Int) {
        for step in 0..<40 as Range<UInt64> {
            var generator = CounterGenerator(seed: 12, stream: .search, step: step)
            let noise = (0..<dimension).map { $0 == 0 ? 2.0 : 0 }
            let set = (0..<25).map { _ in
                Fitness(
                    objectives: (0..<dimension).map { _ in Double(Int.random(in: 0..<8, using: &generator)) },
                    violation: Int.random(in: 0..<9, using: &generator) == 0 ? 1 : 0, noise: noise)
            }
            for a in set {
                #expect(!a.dominates(a))
                for b in set where a.dominates(b) {
                    #expect(!b.dominates(a))
                    #expect(
                        Fitness(objectives: a.objectives, violation: a.violation)
                            .dominates(Fitness(objectives: b.objectives, violation: b.violation)))
                    for c in set where b.dominates(c) { #expect(a.dominates(c)) }
                }
            }
            let fronts = Self.peeled(set)
            #expect(NonDominatedSorting.fronts(of: set) == fronts)
            let best = (fronts.first ?? []).filter { set[$0].isFeasible }
            #expect(Front.indices(of: set) == best)
            let first = Front.adding(Array(set[..<10]), to: [])
            #expect(Set(Front.adding(Array(set[10...]), to: first)) == Set(best.map { set[$0] }))
        }
    }

    @Test func noiseByHand() throws {
        let objectives = [
            Objective(metric: .accuracy, goal: .maximize, noise: 0.002), Objective(metric: .params, goal: .minimize),
        ]
        func fitness(_ accuracy: Double, _ params: Double) -> Fitness {
            Fitness(measured: [.accuracy: accuracy, .params: params], objectives: objectives)
        }
        #expect(fitness(0.75, 10).dominates(fitness(0.5, 20)) && fitness(0.75, 10).dominates(fitness(0.5, 10)))
        // Within the noise either may be the better one; params alone are exact.
        #expect(!fitness(0.75, 10).dominates(fitness(0.7495, 20)) && !fitness(0.75, 10).dominates(fitness(0.75, 20)))
        #expect(fitness(0.75, 10).scalar.dominates(fitness(0.7495, 10).scalar))
        // States of searches keep it, and those without are as they were.
        let kept = try JSONDecoder().decode(Fitness.self, from: JSONEncoder().encode(fitness(0.75, 10)))
        #expect(kept == fitness(0.75, 10) && kept.noise == [0.002, 0])
        let plain = try JSONEncoder().encode(Fitness(objectives: [1], noise: [0]))
        #expect(!String(decoding: plain, as: UTF8.self).contains("noise"))
    }

    /// One objective and more candidates than there is memory for pairs of them.
    @Test func oneObjectiveOfMany() {
        let count = 100_000
        let set = (0..<count).map { Fitness(objectives: [Double($0 * 7919 % count / 2)]) }
        let best = set.indices.filter { set[$0].objectives == [0] }
        #expect(best.count == 2 && Front.indices(of: set) == best)
        #expect(Survival.byFrontAndCrowding(set, count: 2) == best)
        #expect(Survival.byFrontAndCrowding(set, count: 0) == [])
        #expect(NonDominatedSorting.fronts(of: set).count == count / 2)
        let deep = (0..<count).map { Fitness(objectives: [Double](repeating: Double($0 % 100), count: 3)) }
        #expect(Survival.byFrontAndCrowding(deep, count: count / 100) == Front.indices(of: deep))
    }

    @Test func survivalKeepsWholeFrontsThenTheLeastCrowded() {
        let points: [[Double]] = [[1, 5], [2, 3], [3, 2.5], [4, 1], [9, 9]]
        #expect(Survival.byFrontAndCrowding(fitness(points), count: 3) == [0, 1, 3])
        #expect(Survival.byFrontAndCrowding(fitness(points), count: 9) == [0, 1, 2, 3, 4])
        #expect(Survival.byFirstObjective(fitness(points), count: 2) == [0, 1])
        let mixed = [Fitness.failed, Fitness(objectives: [0], violation: 1), Fitness(objectives: [7])]
        #expect(Survival.byFirstObjective(mixed, count: 1) == [2])
        #expect(Survival.byFirstObjective(mixed, count: 2) == [1, 2])
    }
}
