import Runs
import Search
import SearchSpaces
import TestSupport
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
            space: space, measured: [], task: .classification)
        let fitness = { (accuracy: Double, cost: Double) in Fitness(objectives: [-accuracy, cost * largest]) }
        // 0.5 x 0.75 and beside it (0.8 - 0.5) x 0.5
        let share = try #require(volume.value(of: [fitness(0.5, 0.25), fitness(0.8, 0.5)]))
        #expect(abs(share - (0.375 + 0.15)) < 1e-12 && volume.runningValue(of: [fitness(0.5, 0)]) == 0.5)
        #expect(volume.value(ofAll: [.failed, Fitness(objectives: [-1, 0], violation: 1)]) == 0)
    }

    private static func metric(_ name: String, _ range: ClosedRange<Double>) -> Metric {
        Metric(name: name, kind: .quality, goal: .minimize, range: range)
    }

    /// What was measured says its own ends; a task's worst loss is that of networks.
    @Test func endsOfTheObjectives() throws {
        func volume(_ metric: Metric, _ task: TaskKind? = nil) throws -> FrontVolume {
            FrontVolume(
                objectives: [Objective(metric: metric, goal: .minimize)], space: try Scene.space.get(),
                measured: [metric], task: task)
        }
        let two = [Fitness(objectives: [2])]
        #expect(try volume(Self.metric("loss", 0...20)).value(of: two) == 0.9)
        #expect(try volume(Self.metric("loss", 1...5)).value(of: two) == 0.75)
        // Ten classes: a loss of 10 is the worst.
        #expect(try volume(.loss, .classification).value(of: two) == 0.8)
        #expect(try abs((volume(.loss).value(of: two) ?? 0) - 1.0 / 3) < 1e-15)
        // A column of zeros is as good as it gets.
        #expect(try volume(Self.metric("zero", 0...0)).value(of: [Fitness(objectives: [0])]) == 1)
    }

    /// Four objectives and more have a volume where the front is small, while a round goes on only where it is quickly told;
    /// nine have none.
    @Test func manyObjectives() throws {
        func volume(_ count: Int) throws -> FrontVolume {
            let metrics = (0..<count).map { Self.metric("m\($0)", 0...1) }
            return FrontVolume(
                objectives: metrics.map { Objective(metric: $0, goal: .minimize) }, space: try Scene.space.get(),
                measured: metrics, task: nil)
        }
        let point = { (count: Int) in Fitness(objectives: Array(repeating: 0.5, count: count)) }
        #expect(try volume(4).value(of: [point(4)]) == 0.0625 && volume(4).runningValue(of: [point(4)]) == 0.0625)
        let many = Array(repeating: point(4), count: FrontVolume.mostWhileRunning + 1)
        #expect(try volume(4).runningValue(of: many) == nil && volume(4).value(of: many) == 0.0625)
        // Nobody waits for the volume of a front of any size.
        let most = Array(repeating: point(4), count: FrontVolume.most), beyond = most + [point(4)]
        #expect(try volume(4).value(of: most) == 0.0625 && volume(4).value(of: beyond) == nil)
        #expect(try volume(4).value(ofAll: beyond) == nil && volume(3).value(of: beyond.map { _ in point(3) }) == 0.125)
        // What is dominated is no part of the front.
        let dominated = Array(repeating: Fitness(objectives: [0.5, 0.5, 0.5, 0.75]), count: FrontVolume.most)
        #expect(try volume(4).value(ofAll: [point(4), .failed] + dominated) == 0.0625)
        let some = Array(repeating: point(5), count: 3000), more = some + [point(5)]
        #expect(try volume(5).value(of: some) == 0.03125 && volume(5).value(of: more) == nil)
        #expect(
            try volume(5).runningValue(of: Array(some[..<400])) == 0.03125 && volume(5).runningValue(of: some) == nil)
        #expect(try volume(8).value(of: [point(8)]) == 0.003_906_25)
        #expect(try volume(9).value(of: [point(9)]) == nil && volume(9).runningValue(of: [point(9)]) == nil)
    }

    /// The curve of any number of objectives ends where the front of all has its volume, and never falls.
    @Test(arguments: 1...6) func curvesByVolumes(count: Int) throws {
        let metrics = (0..<count).map { Self.metric("m\($0)", 0...1) }
        let volume = FrontVolume(
            objectives: metrics.map { Objective(metric: $0, goal: .minimize) }, space: try Scene.space.get(),
            measured: metrics, task: nil)
        var random = SeededGenerator(UInt64(count))
        let all = (0..<40).map { place in
            if place % 9 == 4 { return Fitness.failed }
            return Fitness(
                objectives: (0..<count).map { _ in Double.random(in: 0...1.1, using: &random) },
                violation: place % 7 == 3 ? 1 : 0)
        }
        let before = Front.adding(Array(all[..<10]), to: [])
        let curve = volume.curve(of: Array(all[10...]), after: before, volume.value(of: before))
        #expect(curve.count == 30)
        for (place, value) in curve.enumerated() {
            let whole = try #require(volume.value(ofAll: Array(all[...(10 + place)])))
            #expect(abs((value ?? -1) - whole) < 1e-12)
        }
        #expect(curve.compactMap(\.self) == curve.compactMap(\.self).sorted())
    }
}
