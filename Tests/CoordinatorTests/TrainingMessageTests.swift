import Foundation
import Runs
import SearchSpaces
import Store
import Tensors
import TestSupport
import Testing

@testable import Coordinator
@testable import Training

/// What is said of training to a worker, and what it answers, read without trust.
@Suite struct TrainingMessageTests {
    private func json(_ text: String) throws -> WorkerJSON { try #require(WorkerJSON(Array(text.utf8))) }

    private static let space = """
        apiVersion: nasd/v1
        kind: SearchSpace
        name: words
        family: external
        decisions:
          - {name: depth, options: [1, 2]}
          - {name: op, options: [skip, conv]}
        """

    private static func run(_ train: String) throws -> RunSpecification {
        try RunSpecification.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: Run
                name: r
                space: words
                commands: {mine: {argv: [python3]}}
                evaluator: {kind: command, name: mine, metrics: {accuracy: maximize}}
                train: {worker: mine, \(train)}
                """, file: "r")
    }

    /// By hand: the first half of the steps without a teacher, the sandwich's largest as one in the second.
    @Test func passesAreTold() throws {
        let space = try SearchSpace.parse(yaml: Self.space, file: "s")
        let run = try Self.run(
            "steps: 4, batch: 32, sampler: {kind: sandwich, random: 0}, distillation: {start: 0.5, weight: 0.25, temperature: 2}"
        )
        let settings = try #require(run.workerTraining)
        let sampler = try settings.sampler.sampler(
            in: space, steps: 4, shards: 8, seed: 0, kernels: Kernels())
        let drawn = DrawnPasses(sampler, settings.distillation, steps: 4)
        let text = EventData.object(
            WorkerMessage.train(
                [drawn.passes(of: 1), drawn.passes(of: 2)], from: 1, settings, seed: 9, rateFactor: 0.5, in: space))
        let large = #"{"genome":{"depth":2,"op":"conv"}"#, small = #"{"genome":{"depth":1,"op":"skip"}"#
        #expect(
            text == #"{"batch":32,"distillation":{"temperature":2.0,"weight":0.25},"from":1,"#
                + #""passes":[[\#(large)},\#(small)}],[\#(large),"teacher":true},\#(small),"taught":true}]],"#
                + #""rateFactor":0.5,"seed":9,"steps":4,"to":3,"type":"train"}"#)
        let several = DrawnPass(genomes: [space.smallest, space.largest])
        let other = EventData.object(
            WorkerMessage.train([[several]], from: 0, settings, seed: 9, rateFactor: 1, in: space))
        #expect(other.contains(#""passes":[[{"genomes":[{"depth":1,"op":"skip"},{"depth":2,"op":"conv"}]}]]"#))
        #expect(!other.contains("distillation"))
        #expect(
            EventData.object(WorkerMessage.load(HeldState(step: 0, name: nil), seed: 3))
                == #"{"seed":3,"step":0,"type":"load"}"#)
    }

    @Test func lossesAreReadOrRefused() throws {
        let one = DrawnPass(genomes: [Genome([0])]), teacher = DrawnPass(genomes: [Genome([0])], isForward: true)
        let asked = [[one], [teacher, one]]
        let told = try TrainedSteps(
            json(#"{"losses":[[1.5],[[1,2]]],"learningRates":[0.5,NaN],"metrics":{"b":2,"a":1,"c":"x"}}"#), of: asked)
        #expect(told.losses == [[1.5], [1.5]] && told.rates == [0.5, 0] && told.remark == "a 1.0, b 2.0")
        let diverged = try TrainedSteps(json(#"{"losses":[[NaN],[null]]}"#), of: asked)
        #expect(diverged.losses.joined().allSatisfy(\.isNaN) && diverged.rates == [0, 0])
        for text in [
            "{}", #"{"losses":[[1]]}"#, #"{"losses":[[1],[1,2]]}"#, #"{"losses":[[1],["1"]]}"#,
            #"{"losses":[[1],[[]]]}"#,
            #"{"losses":[1,2]}"#,
        ] {
            #expect(throws: TrainingSetback.self, "\(text)") { try TrainedSteps(json(text), of: asked) }
        }
        #expect(try ProbedLosses.read(json(#"{"losses":[1,2]}"#), of: 2) == [[1], [2]])
        #expect(try ProbedLosses.read(json(#"{"losses":[[1,2],[3,4]]}"#), of: 2) == [[1, 2], [3, 4]])
        for text in [#"{"losses":[1]}"#, #"{"losses":[[1,2],[3]]}"#, #"{"losses":["a",1]}"#, #"{"losses":[[],[]]}"#] {
            #expect(throws: TrainingSetback.self, "\(text)") { try ProbedLosses.read(json(text), of: 2) }
        }
    }

    @Test func aWorkerThatCannotTrainIsRefused() throws {
        let hello = try json(
            #"{"type":"hello","protocol":"nasd-worker/1","can":["evaluate","train"],"metrics":{"accuracy":{}}}"#)
        _ = try WorkerHello(hello, asking: [.accuracy], at: [.search], training: ["train"])
        let fault = #expect(throws: WorkerFault.self) {
            try WorkerHello(hello, asking: [.accuracy], at: [.search], training: ["train", "probe"])
        }
        #expect(fault == .hello("it cannot probe"))
    }

    /// Values of FIPS 180-4's own examples, and of every length around a block against the same bytes in pieces.
    @Test func sha256IsTheStandards() {
        func digest(_ bytes: [UInt8], pieces: Int = 1) -> String {
            let hash = SHA256()
            for start in stride(from: 0, to: max(1, bytes.count), by: max(1, bytes.count / pieces)) {
                let end = min(bytes.count, start + max(1, bytes.count / pieces))
                bytes[min(start, end)..<end].withUnsafeBytes { hash.update($0) }
            }
            return hash.finish()
        }
        #expect(digest([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(digest(Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            digest(Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8))
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
        #expect(
            digest([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000), pieces: 7)
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
        for count in 50...140 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
            #expect(digest(bytes) == digest(bytes, pieces: 9), "\(count)")
        }
    }

    @Test func keptStatesAreNotedAndHeldAgainstIt() throws {
        let folder = NSTemporaryDirectory() + "nasd-states-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let directory = try DataDirectory(owning: folder)
        var random = SystemRandomNumberGenerator()
        let states = KeptStates(RunID.random(using: &random), in: directory)
        try states.create()
        #expect(
            KeptStates.name(step: 40) == "step-000000040" && KeptStates.name(step: 1_234_567_890) == "step-1234567890")
        #expect(throws: TrainingSetback.self) { try states.keep("step-000000040") }
        for step in [10, 20, 30] {
            try Files.write(Array("abc".utf8), states.folder + "/" + KeptStates.name(step: step))
        }
        let kept = try states.keep("step-000000020")
        #expect(kept.bytes == 3 && kept.sha256.hasPrefix("ba7816bf"))
        try states.check(kept)
        try Files.write(Array("abd".utf8), states.folder + "/step-000000020")
        #expect(throws: TrainingError.self) { try states.check(kept) }
        states.remove(except: [10, 30])
        #expect(throws: TrainingError.self) { try states.check(kept) }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: states.folder).sorted() == [
                "step-000000010", "step-000000030",
            ])
        try FileManager.default.createSymbolicLink(
            atPath: states.folder + "/step-000000020", withDestinationPath: "step-000000010")
        #expect(throws: TrainingSetback.self) { try states.keep("step-000000020") }
        try Files.write([], states.folder + "/step-000000050")
        #expect(throws: TrainingSetback.self) { try states.keep("step-000000050") }
    }
}
