import Foundation
import Runs
import SearchSpaces
import Testing

@testable import Store

@Suite struct CSVTests {
    let scene = Scene()

    @Test func fieldsAreQuotedAndGuarded() {
        let writer = CSVWriter()
        let record = writer.record([
            .symbol("a,b"), .symbol("say \"hi\""), .symbol("x\r\ny"), .text("=1+2"), .symbol("-x"), .text("a=b"),
            .empty, .integer(-3), .number(1), .number(0.1), .number(.nan), .number(.infinity), .boolean(true),
            .number(1e300), .text("é"),
        ])
        let expected = "\"a,b\",\"say \"\"hi\"\"\",\"x\r\ny\",'=1+2,-x,a=b,,-3,1,0.1,,,true,1e+300,é\r\n"
        #expect(String(decoding: record, as: UTF8.self) == expected)
    }

    @Test func numbersReadBackTheSame() {
        var state: UInt64 = 7
        let writer = CSVWriter()
        for _ in 0..<100_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let value = Double(bitPattern: state)
            guard value.isFinite else { continue }
            #expect(Double(writer.field(.number(value)))?.bitPattern == value.bitPattern)
        }
    }

    @Test func exportRunsBesideAnOpenWriter() throws {
        let store = try scene.open()
        let run = try scene.makeRun(store)
        try store.appendCandidates(
            run, [scene.candidate(1, params: 10), scene.candidate(2, params: 20), scene.candidate(3, params: 90)])
        try store.recordMeasurements(
            run,
            [
                scene.accuracy(1, 0.5), scene.accuracy(2, 0.4), scene.accuracy(3, .nan),
                CandidateMeasurement(candidate: 1, kind: MeasurementKind(.accuracy, .test), value: 1, samples: 10),
            ])
        let reader = try RunReader(DataDirectory(reading: scene.path))
        let csv = ResultsCSV(
            objectives: [
                Objective(metric: .accuracy, goal: .maximize), Objective(metric: .params, goal: .minimize),
            ], constraints: [Constraint(metric: .params, atMost: 45)])
        let path = scene.path + "/results.csv"
        try csv.write(run, from: reader, to: path)
        let text = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
        #expect(
            text == """
                candidate,key,genome,origin,round,weightsStep,state,feasible,violation,accuracy,loss,samples,params,\
                multiplyAdds,latencyMilliseconds,latencyKind,onFront,validationAccuracy,testAccuracy\r
                1,k1,"embed=96;heads=3,2",random,0,0,completed,true,0,0.5,,1000,10,7,,,true,,1\r
                2,k2,"embed=96;heads=3,2",random,0,0,completed,true,0,0.4,,1000,20,7,,,false,,\r
                3,k3,"embed=96;heads=3,2",random,0,0,failed: nonfinite,false,1,,,1000,90,7,,,false,,\r

                """)
        try store.appendCandidates(run, [scene.candidate(4)])
        #expect(try reader.candidates(run).count == 4)
        let front = try reader.front(
            run, weightsStep: 0, objectives: csv.objectives, constraints: csv.constraints)
        #expect(front.map(\.candidate.number) == [1])
    }

    /// Further columns are those that the run declares, whatever rows there are, in the order of their names; a fixed column
    /// without a metric stays, empty, and a metric that is called like one fills it.
    @Test func columnsAreThoseThatTheRunDeclares() throws {
        func lines(_ store: RunStore, _ run: RunID) throws -> [String] {
            var bytes: [UInt8] = []
            try ResultsCSV(objectives: []).stream(run, from: store) { bytes += $0 }
            return String(decoding: bytes, as: UTF8.self).split(separator: "\r\n").map(String.init)
        }
        let fixed = """
            candidate,key,genome,origin,round,weightsStep,state,feasible,violation,accuracy,loss,samples,params,\
            multiplyAdds,latencyMilliseconds,latencyKind,onFront,validationAccuracy,testAccuracy
            """
        let store = try scene.open()
        let table = try scene.makeRun(store, space: Scene.regression, objectives: "[{metric: rmse}]")
        #expect(try lines(store, table) == [fixed + ",activationBytes,mae,r2,rmse,testRmse,validationRmse"])
        try store.appendCandidates(table, [scene.candidate(1, bytes: 96)])
        let values: [(MeasurementKind, Double)] = [
            (.init(.loss), 2), (.init(.mae), 0.75), (.init(.r2), -0.5), (.init(.rmse), 1.25),
            (.init(.rmse, .validation), 1.5), (.init(.rmse, .test), 1.75),
        ]
        try store.recordMeasurements(
            table, values.map { CandidateMeasurement(candidate: 1, kind: $0.0, value: $0.1, samples: 9) })
        #expect(
            try lines(store, table).last
                == "1,k1,\"embed=96;heads=3,2\",random,0,0,completed,true,0,,2,9,10,7,,,false,,,96,0.75,-0.5,1.25,1.75,1.5"
        )
        #expect(try store.finalists(table, by: .rmse).count == 1 && store.finalists(table, by: .accuracy).isEmpty)
        // Networks that live elsewhere: costs are absent, not 0.
        let elsewhere = try scene.makeRun(store, space: Scene.elsewhere, objectives: "[{metric: loss}]")
        var candidate = scene.candidate(1)
        candidate.cost = ArchitectureCost([], [])
        try store.appendCandidates(elsewhere, [candidate])
        try store.recordMeasurements(
            elsewhere,
            [CandidateMeasurement(candidate: 1, kind: MeasurementKind(rawValue: "energy"), value: 3, samples: 0)])
        #expect(try lines(store, elsewhere).first?.hasPrefix(fixed + ",energy,error") == true)
        #expect(try lines(store, elsewhere).last?.contains(",0,,,0,,,,,false,,,3,") == true)
        #expect(try store.candidates(elsewhere).first?.candidate == candidate)
    }

    @Test func failureLeavesNoPartOfAFile() throws {
        let store = try scene.open()
        let path = scene.path + "/results.csv"
        let missing = try #require(RunID("aaaaaaaaaaaa"))
        #expect(storeError { try ResultsCSV(objectives: []).write(missing, from: store, to: path) } != nil)
        let left = try FileManager.default.contentsOfDirectory(atPath: scene.path).filter { $0.contains("results") }
        #expect(left.isEmpty)
    }
}
