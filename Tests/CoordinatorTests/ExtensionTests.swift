import Foundation
import Runs
import SearchSpaces
import Store
import Tensors
import TestSupport
import Testing
import Training

@testable import Coordinator

/// Completed runs that are asked for with more steps or evaluations.
@Suite struct ExtensionTests {
    private func constant(steps: Int, evaluations: Int = 18) throws -> Scene {
        try Scene(
            extent: "steps: \(steps)",
            train: "optimizer: {schedule: constant, warmup: 0}, sampler: {kind: multi, lean: 1}"
        )
        .changed(("search.evaluations", "\(evaluations)"))
    }

    private func statistics(_ scene: Scene) throws -> [Store.SamplerStatistic] {
        let (store, run) = try scene.reader()
        return try store.samplerStatistics(run.id)
    }

    private func networks(_ scene: Scene) throws -> [String: Data] {
        let folder = "\(scene.path)/runs/\(try scene.reader().run.id)/models"
        return try FileManager.default.contentsOfDirectory(atPath: folder).reduce(into: [:]) {
            $0[$1] = FileManager.default.contents(atPath: "\(folder)/\($1)")
        }
    }

    /// With a constant rate an extended run is the one that was asked for at once: at a round and a checkpoint, between two, with
    /// more evaluations, and with both.
    @Test(arguments: [(20, 18), (25, 18), (7, 18), (30, 12), (30, 10), (13, 8)])
    func anExtendedRunIsTheLongerOne(steps: Int, evaluations: Int) throws {
        let whole = try constant(steps: 30)
        #expect(try whole.execute(workers: 1) == .completed)
        let short = try constant(steps: steps, evaluations: evaluations)
        #expect(try short.execute() == .completed)
        let id = try short.reader().run.id
        let extended = try whole.changed(in: short)
        #expect(try extended.execute() == .completed)
        let (store, run) = try extended.reader()
        #expect(run.id == id && run.state == .completed && run.step == 30)
        #expect(try extended.csv() == whole.csv())
        #expect(try extended.trained() == whole.trained() && statistics(extended) == statistics(whole))
        #expect(try networks(extended) == networks(whole))
        #expect(try store.checkpoints(id).first?.step == 30)
        let events = try store.events(id, limit: 1000)
        #expect(events.map(\.sequence) == Array(1...events.count))
        let resumed = events.filter { $0.content.type == .runResumed }.map(\.content.data)
        #expect(resumed == [#"{"evaluations":18,"steps":30}"#])
        #expect(events.filter { $0.content.type == .runCompleted }.count == 2)
        let rounds = events.filter { $0.content.type == .searchRound }.map(\.content.data)
        #expect(
            rounds.last?.contains(#""evaluations":18"#) == true && rounds.last?.contains(#""weightsStep":30"#) == true)
        // Once more it is what it is, and in any case no shorter run.
        #expect(try extended.execute() == .completed && store.events(id, limit: 1000).count == events.count)
        let error = #expect(throws: CoordinatorError.self) { try RunSession(short.inputs, directory: short.path) }
        guard case .otherRun = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    /// Stopped everywhere on its further way, it comes to the same.
    @Test func stoppedAfterItWasExtended() throws {
        let whole = try constant(steps: 30)
        #expect(try whole.execute() == .completed)
        let short = try constant(steps: 13)
        #expect(try short.execute() == .completed)
        let extended = try whole.changed(in: short)
        var starts = 0
        while true {
            starts += 1
            extended.control = RunControl()
            var seen = 0
            let outcome = try extended.execute(workers: 1 + starts % 3) { _ in
                seen += 1
                if seen == 3 + starts % 4 { extended.control.ask(.stop) }
            }
            if outcome == .completed { break }
            #expect(outcome == .stopped(.stop) && starts < 100)
        }
        #expect(starts > 3)
        #expect(try extended.reader().store.extensions(extended.reader().run.id) == 1)
        #expect(try extended.csv() == whole.csv() && extended.trained() == whole.trained())
        #expect(try statistics(extended) == statistics(whole) && networks(extended) == networks(whole))
    }

    /// Twice, with a rate that falls or a sampler whose draws lean less and less: what was measured before the end stays, and
    /// both go on along the longer course.
    @Test(arguments: [20, 25], ["cosine", "constant"])
    func coursesGoOnAlongTheLongerOne(steps end: Int, course: String) throws {
        let short = try Scene(extent: "steps: \(end)", train: "optimizer: {schedule: \(course), warmup: 0}")
        #expect(try short.execute() == .completed)
        func early() throws -> [CandidateResult] {
            let (store, run) = try short.reader()
            return try store.candidates(run.id, weightsStep: 10)
        }
        let before = try early(), records = try short.trained()[..<20]
        for steps in [30, 40] {
            let longer = try short.changed(in: short, ("train.steps", "\(steps)"))
            #expect(try longer.execute() == .completed)
            let trained = try longer.trained(), rate = LearningRate(peak: 0.001, steps: steps)
            #expect(trained.count == steps && trained[..<20].elementsEqual(records))
            for record in trained[(steps - 10)...] {
                #expect(record[2] == (course == "constant" ? 0.001 : rate.rate(at: Int(record[0]) - 1)))
            }
            let (store, run) = try longer.reader()
            #expect(try store.rounds(run.id).map(\.weightsStep) == Array(stride(from: 10, through: steps, by: 10)))
        }
        #expect(try early() == before && !before.isEmpty)
        let (store, run) = try short.reader()
        #expect(try store.extensions(run.id) == 2)
    }

    /// A warm-up that is a share of the steps grows with them, also over a stop in between and twice.
    @Test func sharesGrow() throws {
        let short = try Scene(extent: "steps: 20", train: "optimizer: {warmup: 0.25}")
        #expect(try short.execute() == .completed)
        for steps in [40, 60] {
            let other = try Scene(extent: "steps: \(steps)", train: "optimizer: {warmup: 0.25}")
            let longer = Scene(other.inputs, in: short), control = longer.control
            #expect(
                try longer.execute { if case .trained(steps - 5, _, _) = $0 { control.ask(.stop) } } == .stopped(.stop))
            longer.control = RunControl()
            #expect(try longer.execute() == .completed)
            #expect(try longer.reader().run.specification().train?.optimizer.warmup == steps / 4)
        }
    }

    /// What a run has is not given away for more that it cannot have here.
    @Test func otherNumericsExtendNothing() throws {
        let short = try constant(steps: 20)
        #expect(try short.execute() == .completed)
        let results = try short.csv(), longer = try short.changed(in: short, ("train.steps", "30"))
        let error = #expect(throws: CoordinatorError.self) {
            try RunSession(
                longer.inputs, directory: short.path, kernels: Kernels(path: .plain, products: .vector))
        }
        guard case .otherNumerics = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try short.reader().run.state == .completed && short.csv() == results)
        try RunSession(longer.inputs, directory: short.path, kernels: Kernels()).store.close()
        #expect(try short.reader().run.state == .preparing)
    }

    @Test func whatIsNoExtension() throws {
        let short = try constant(steps: 20)
        // One that has not completed is no run to extend.
        let control = short.control
        #expect(try short.execute { if case .trained(5, _, _) = $0 { control.ask(.stop) } } == .stopped(.stop))
        func keys(_ overrides: (key: String, value: String)...) throws -> [String] {
            let specification = try RunSpecification.parse(
                yaml: short.inputs.specification.resolvedYAML, file: "r", overrides: overrides)
            let inputs = try RunInputs(specification: specification, space: short.inputs.space)
            do {
                try RunSession(inputs, directory: short.path).store.close()
                return []
            } catch CoordinatorError.otherRun(_, _, let keys) {
                return keys
            }
        }
        #expect(try keys(("train.steps", "30")) == ["train.steps"])
        short.control = RunControl()
        #expect(try short.execute() == .completed)
        let before = try short.csv()
        #expect(try keys(("train.steps", "19")) == ["train.steps"])
        #expect(try keys(("search.evaluations", "17")) == ["search.evaluations"])
        #expect(try keys(("train.steps", "30"), ("search.evaluations", "17")) == ["train.steps", "search.evaluations"])
        #expect(try keys(("train.steps", "30"), ("train.batch", "8")) == ["train.steps", "train.batch"])
        #expect(try keys(("search.samples", "90")) == ["search.samples"])
        #expect(try short.csv() == before && short.reader().run.state == .completed)
        let other = #expect(throws: CoordinatorError.self) {
            try short.changed(in: short, ("train.steps", "30"), ("data.count", "500")).execute()
        }
        guard case .otherRun(_, _, ["data.count", "train.steps"]) = other else {
            Issue.record("\(String(describing: other))")
            return
        }
    }

    /// A search without training has evaluations alone to grow.
    @Test func aSearchOfASupernetGoesOn() throws {
        let source = try Scene()
        #expect(try source.execute() == .completed)
        let few = try source.searchAgain(("search.evaluations", "8")), many = try source.searchAgain()
        #expect(try few.execute() == .completed && many.execute() == .completed)
        let extended = try many.changed(in: few)
        try FileManager.default.removeItem(atPath: source.path)
        #expect(try extended.execute() == .completed)
        #expect(try extended.csv() == many.csv() && networks(extended) == networks(many))
    }
}
