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
        #expect(NonDominatedSorting.general(of: fitness(points)) == [[0, 1, 2, 6], [3, 4], [5]])
        #expect(NonDominatedSorting.ranks(of: fitness(points)) == [0, 0, 0, 1, 1, 2, 0])
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

    @Test(arguments: [1, 2, 3, 4]) func fastSortingEqualsTheGeneralOne(dimension: Int) {
        for step in 0..<60 as Range<UInt64> {
            var generator = CounterGenerator(seed: 11, stream: .search, step: step)
            let values = step % 2 == 0 ? 5 : 1000
            let set = (0..<Int.random(in: 0...70, using: &generator)).map { _ in
                let point = (0..<dimension).map { _ in Double(Int.random(in: 0..<values, using: &generator)) }
                let kind = Int.random(in: 0..<10, using: &generator)
                return kind == 0 ? Fitness.failed : Fitness(objectives: point, violation: kind < 3 ? Double(kind) : 0)
            }
            #expect(NonDominatedSorting.fronts(of: set) == NonDominatedSorting.general(of: set))
        }
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
