import Runs
import Search
import SearchSpaces
import Testing

@testable import Coordinator

@Suite struct RoundPlanTests {
    private func plan(steps: Int, during: String) throws -> RoundPlan {
        let specification = try RunSpecification.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: Run
                name: r
                space: s
                data: {format: glyphs}
                train: {steps: \(steps)}
                search: {objectives: [{metric: accuracy}], evaluations: 100\(during)}
                """, file: "r.yaml")
        return RoundPlan(specification)
    }

    @Test func roundsFallOnTheirSteps() throws {
        let plan = try plan(steps: 10, during: ", during: {every: 4, evaluations: 60}")
        #expect((0...10).map(plan.round) == [nil, nil, nil, nil, 0, nil, nil, nil, 1, nil, 2])
        #expect((0...2).map(plan.evaluations) == [60, 60, 100] && plan.evaluations == 220)
    }

    /// A round that would fall on the last step is the last round.
    @Test func theLastStepBringsTheLastRound() throws {
        let plan = try plan(steps: 8, during: ", during: {every: 4}")
        #expect((0...8).map(plan.round) == [nil, nil, nil, nil, 0, nil, nil, nil, 1])
        #expect(plan.evaluations(of: 0) == 50)
        let without = try self.plan(steps: 3, during: "")
        #expect((0...3).map(without.round) == [nil, nil, nil, 0] && without.last == 0)
    }

    @Test func volumeByHand() throws {
        let space = try Scene.space.get()
        let largest = Double(space.cost(of: space.largest).multiplyAdds)
        let volume = FrontVolume(
            objectives: [.init(metric: .accuracy, goal: .maximize), .init(metric: .multiplyAdds, goal: .minimize)],
            space: space, measured: [])
        let fitness = { (accuracy: Double, cost: Double) in Fitness(objectives: [-accuracy, cost * largest]) }
        // 0.5 x 0.75 and beside it (0.8 - 0.5) x 0.5
        #expect(abs(volume.value(of: [fitness(0.5, 0.25), fitness(0.8, 0.5)]) - (0.375 + 0.15)) < 1e-12)
        #expect(volume.value(of: [.failed, Fitness(objectives: [-1, 0], violation: 1)]) == 0)
    }
}
