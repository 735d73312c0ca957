import Foundation
import Runs
import SearchSpaces
import Testing

@testable import Store

@Suite struct CandidateQueryTests {
    let scene = Scene()
    private let columns = CandidateColumn.all(.ofEarlierRuns)
    private let objectives = [
        Objective(metric: .accuracy, goal: .maximize), Objective(metric: .params, goal: .minimize),
    ]

    /// Five candidates; 4 has no measurement, 2 failed.
    private func fill() throws -> (RunStore, RunID, FrontIndex) {
        let store = try scene.open()
        let run = try scene.makeRun(store)
        let params = [50, 40, 30, 20, 10]
        try store.appendCandidates(run, (1...5).map { scene.candidate($0, params: params[$0 - 1]) })
        try store.recordMeasurements(
            run,
            [
                scene.accuracy(1, 0.9),
                CandidateMeasurement(candidate: 2, kind: MeasurementKind(.accuracy), value: .nan, samples: 1000),
                scene.accuracy(3, 0.95), scene.accuracy(5, 0.5),
            ], time: scene.at(77))
        return (store, run, FrontIndex(store))
    }

    private func numbers(_ change: (inout CandidateQuery) throws -> Void) throws -> [Int] {
        let (store, run, front) = try fill()
        var query = CandidateQuery(limit: 10)
        try change(&query)
        return try store.page(run, query, front: front, objectives: objectives, constraints: [])
            .map(\.result.candidate.number)
    }

    @Test func ordersAndFilters() throws {
        #expect(try numbers { _ in } == [1, 2, 3, 4, 5])
        #expect(try numbers { try $0.sort(by: "-accuracy", columns: columns) } == [3, 1, 5, 2, 4])
        #expect(try numbers { try $0.sort(by: "accuracy", columns: columns) } == [5, 1, 3, 2, 4])
        #expect(try numbers { try $0.sort(by: "params", columns: columns) } == [5, 4, 3, 2, 1])
        #expect(try numbers { $0.filter = try CandidateFilter("accuracy>=0.9,params<50", columns: columns) } == [3])
        #expect(try numbers { $0.filter = try CandidateFilter("state!=completed", columns: columns) } == [2, 4])
        #expect(try numbers { $0.filter = try CandidateFilter("state=failed: nonfinite", columns: columns) } == [2])
        // One that is measured counts, though one before it is pending.
        #expect(try numbers { $0.filter = try CandidateFilter("onFront=true", columns: columns) } == [3, 5])
        // Every failure, whatever its reason.
        #expect(try numbers { $0.filter = try CandidateFilter("state=failed", columns: columns) } == [2])
        #expect(try numbers { $0.filter = try CandidateFilter("state!=failed", columns: columns) } == [1, 3, 4, 5])
    }

    /// The description of the API permits what is read, and no words that no cell holds.
    @Test func thePatternIsWhatIsRead() throws {
        let pattern = try Regex(CandidateFilter.pattern)
        for text in ["accuracy>=0.9,state=failed", "onFront!=false", "genome=a=1", "origin=elite,feasible=true"] {
            #expect(try pattern.wholeMatch(in: text) != nil)
            _ = try CandidateFilter(text, columns: columns)
        }
        for text in ["feasible=yes", "state=done", "onFront>true"] { #expect(try pattern.wholeMatch(in: text) == nil) }
    }

    @Test func pagesFollowOneAnother() throws {
        let (store, run, front) = try fill()
        let orders = [
            ("candidate", [1, 2, 3, 4, 5]), ("-candidate", [5, 4, 3, 2, 1]), ("-accuracy", [3, 1, 5, 2, 4]),
            ("params", [5, 4, 3, 2, 1]), ("origin", [1, 2, 3, 4, 5]),
        ]
        for (text, wanted) in orders {
            var query = CandidateQuery(limit: 2)
            try query.sort(by: text, columns: columns)
            let whole = try store.order(run, query, front: front, objectives: objectives, constraints: [])
            for order in [nil, whole] {
                var seen: [Int] = []
                query.after = 0
                while true {
                    let page = try store.page(
                        run, query, order: order, front: front, objectives: objectives, constraints: [])
                    guard let last = page.last else { break }
                    seen += page.map(\.result.candidate.number)
                    query.after = last.result.candidate.number
                }
                #expect(seen == wanted, "\(text)")
            }
        }
    }

    /// The place of a candidate that the filter leaves out, as when it changed since the page before.
    @Test func aPageBeginsBehindWhatTheFilterLeavesOut() throws {
        let (store, run, front) = try fill()
        var query = CandidateQuery(limit: 10)
        try query.sort(by: "params", columns: columns)
        query.filter = try CandidateFilter("state=completed", columns: columns)
        for (after, wanted) in [(0, [5, 3, 1]), (4, [3, 1]), (2, [1]), (1, [])] {
            query.after = after
            let page = try store.page(run, query, front: front, objectives: objectives, constraints: [])
            #expect(page.map(\.result.candidate.number) == wanted, "\(after)")
        }
    }

    @Test(arguments: [
        "accuracy", "speed>=1", "accuracy>=fast", "state>completed", ">=1", "feasible=yes", "state=done", "onFront=",
    ])
    func senselessFiltersAreRefused(text: String) {
        #expect(storeError { _ = try CandidateFilter(text, columns: columns) }?.place == "filter")
    }

    /// Filters and orders take any metric that the run declares, and say which there are where it declares another.
    @Test func metricsOfTheRunAreColumns() throws {
        let store = try scene.open()
        let run = try scene.makeRun(
            store, space: Scene.regression, objectives: "[{metric: rmse}, {metric: activationBytes}]")
        let columns = CandidateColumn.all(try store.run(run).metrics())
        #expect(
            columns.map(\.name).suffix(6) == ["activationBytes", "mae", "r2", "rmse", "testRmse", "validationRmse"])
        try store.appendCandidates(run, (1...3).map { scene.candidate($0, bytes: 40 - $0) })
        try store.recordMeasurements(
            run,
            (1...3).map {
                CandidateMeasurement(candidate: $0, kind: MeasurementKind(.rmse), value: Double($0), samples: 5)
            })
        var query = CandidateQuery(limit: 10)
        try query.sort(by: "activationBytes", columns: columns)
        query.filter = try CandidateFilter("rmse>=2,activationBytes<=38", columns: columns)
        let found = try store.page(
            run, query, front: FrontIndex(store), objectives: [.init(metric: .rmse, goal: .minimize)], constraints: [])
        #expect(found.map(\.result.candidate.number) == [3, 2])
        for text in ["accurracy>=1", "bleu=2"] {
            let error = storeError { _ = try CandidateFilter(text, columns: columns) }
            #expect(error?.description.contains("validationRmse") == true, "\(text)")
        }
        #expect(storeError { try query.sort(by: "-bleu", columns: columns) }?.description.contains("rmse") == true)
        // No metric can take the place of what tables say beside metrics.
        let other = columns.map(\.name).filter { name in
            CandidateColumn.all(.ofEarlierRuns).contains { $0.name == name } && !name.contains("ccuracy")
                && !["loss", "params", "multiplyAdds", "latencyMilliseconds"].contains(name)
        }
        for name in other { #expect(!Metric.isName(name), "\(name)") }
    }

    /// The front that is kept up to date is the one that is computed anew, whatever came in which order.
    @Test func theIndexFollowsTheStore() throws {
        let store = try scene.open()
        let run = try scene.makeRun(store)
        let index = FrontIndex(store)
        var number = 0
        for _ in 0..<30 {
            let batch = (1...7).map {
                scene.candidate(number + $0, params: Int.random(in: 1...40, using: &scene.generator))
            }
            try store.appendCandidates(run, batch)
            // Asked for and not yet measured.
            _ = try index.members(run, weightsStep: 0, objectives: objectives, constraints: [])
            try store.recordMeasurements(
                run,
                batch.map { scene.accuracy($0.number, Double(Int.random(in: 0...20, using: &scene.generator)) / 20) })
            number += batch.count
            let expected = Set(
                try store.front(run, weightsStep: 0, objectives: objectives).map(\.candidate.number))
            #expect(try index.members(run, weightsStep: 0, objectives: objectives, constraints: []) == expected)
            #expect(!expected.isEmpty)
        }
    }
}
