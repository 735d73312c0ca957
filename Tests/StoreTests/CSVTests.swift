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
                CandidateMeasurement(candidate: 1, kind: MeasurementKind(rawValue: "bleu"), value: 30.5, samples: 2),
                CandidateMeasurement(candidate: 1, kind: .testAccuracy, value: 1, samples: 10),
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
                multiplyAdds,latencyMilliseconds,latencyKind,onFront,validationAccuracy,testAccuracy,bleu\r
                1,k1,"embed=96;heads=3,2",random,0,0,completed,true,0,0.5,,1000,10,7,,,true,,1,30.5\r
                2,k2,"embed=96;heads=3,2",random,0,0,completed,true,0,0.4,,1000,20,7,,,false,,,\r
                3,k3,"embed=96;heads=3,2",random,0,0,failed: nonfinite,false,1,,,1000,90,7,,,false,,,\r

                """)
        try store.appendCandidates(run, [scene.candidate(4)])
        #expect(try reader.candidates(run).count == 4)
        let front = try reader.front(
            run, weightsStep: 0, objectives: csv.objectives, constraints: csv.constraints)
        #expect(front.map(\.candidate.number) == [1])
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
