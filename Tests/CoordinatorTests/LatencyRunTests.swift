import Datasets
import Foundation
import Runs
import Search
import SearchSpaces
import Store
import Tensors
import TestSupport
import Testing
import Training

@testable import Coordinator

/// Latency as an objective and a bound of runs.
@Suite struct LatencyRunTests {
    private static let space = Result {
        try SearchSpace.parse(yaml: TinySpace.yaml(embed: "[16, 24, 32]"), file: "tiny.yaml")
    }

    /// A latency file of a space, by a law of its own.
    private static func write(_ path: String, device: String, reference: String? = nil, count: Int = 40) throws {
        let space = try space.get()
        let genomes = LatencySample.genomes(of: space, count: count, seed: 2)
        var lines = ["genome,milliseconds,ratio,reference,referenceMilliseconds,device"]
        for genome in genomes {
            let ratio = law(genome, in: space)
            let text = space.text(of: genome)
            lines.append(
                "\"\(text)\",\(2 * ratio),\(ratio),\"\(reference ?? text)\",2,\"\(device)\"")
        }
        try Files.write(Array((lines.joined(separator: "\n") + "\n").utf8), path)
    }

    private static func law(_ genome: Genome, in space: SearchSpace) -> Double {
        0.2 + 1e-6 * Double(space.cost(of: genome, by: .multiplyAdds)) * (genome.choices[0] == 1 ? 1.2 : 1)
    }

    private func scene(
        _ latency: String, search: String, folder: String, space: SearchSpace? = nil,
        data: String = "glyphs, count: 400, testCount: 100"
    ) throws -> Scene {
        let specification = try RunSpecification.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: Run
                name: timed
                seed: 3
                space: tiny
                data: {format: \(data), directory: "\(folder)", holdOut: {validation: 100}}
                train: {steps: 12, batch: 16, shards: 4, checkpointEvery: 6}
                latency: \(latency)
                search:
                  samples: 100
                  population: 6
                  evaluations: 24
                  \(search)
                validate: {finalists: 3}
                """, file: "timed.yaml")
        return Scene(
            try RunInputs(
                specification: specification, space: try space ?? Self.space.get(), folder: DataFolder(folder)))
    }

    private func results(_ scene: Scene) throws -> (all: [CandidateResult], csv: Data) {
        let session = try scene.session()
        defer { try? session.store.close() }
        let paths = try session.results(scene.inputs.specification).writeCSV()
        return (
            try session.store.bulk.candidates(session.run.id, weightsStep: 12),
            try Data(contentsOf: URL(filePath: paths.results))
        )
    }

    private func front(_ scene: Scene) throws -> [CandidateResult] {
        let session = try scene.session()
        defer { try? session.store.close() }
        return try session.results(scene.inputs.specification).front()
    }

    private static let bounded = """
        algorithm: linas
          objectives: [{metric: accuracy}, {metric: latencyMilliseconds}]
          constraints: [{metric: latencyMilliseconds, atMost: 0.62}]
        """

    /// The same bytes at any number of workers and after stops; values are the predictor's; the bound holds; nobody predicts them
    /// again; another device's finalists are not timed.
    @Test func predictedLatenciesAreKnownBeforehand() throws {
        try withDirectory { folder in
            try Self.write(folder + "/l.csv", device: "phone")
            let latency = "{kind: predicted, file: l.csv}"
            let one = try scene(latency, search: Self.bounded, folder: folder)
            #expect(try one.execute(workers: 1) == .completed)
            let other = try scene(latency, search: Self.bounded, folder: folder)
            _ = try other.executeInPieces(stoppedAt: { 3 + $0 })
            let (all, csv) = try results(one)
            #expect(try results(other).csv == csv)
            let known = try #require(one.inputs.latencies)
            #expect(all.count == 24 && all.allSatisfy { $0.latencyKind == "predicted" })
            for result in all {
                let value = try #require(result.value(of: .latencyMilliseconds))
                #expect(value == known.milliseconds(of: result.candidate.genome))
                let truth = 2 * Self.law(result.candidate.genome, in: one.inputs.space)
                #expect(abs(value / truth - 1) < 0.1)
            }
            // The bound holds exactly, and by it the front.
            let front = try self.front(one)
            #expect(!front.isEmpty && front.allSatisfy { ($0.value(of: .latencyMilliseconds) ?? 9) <= 0.62 })
            #expect(all.count { ($0.value(of: .latencyMilliseconds) ?? 9) <= 0.62 } >= 12)
            let session = try one.session()
            defer { try? session.store.close() }
            let stored = try session.store.run(session.run.id)
            #expect(stored.draft.numerics.hasSuffix("latency predicted for 'phone'"))
            for result in all {
                let reason = try session.store.reason(session.run.id, candidate: result.candidate.number)
                let predicted = reason?.predictions.map(\.metric) ?? []
                #expect(!predicted.contains("latencyMilliseconds"))
            }
            #expect(
                one.progress.contains {
                    if case .notice(let text) = $0 { text.contains("are not timed") } else { false }
                })
            #expect(try session.results(one.inputs.specification).latencyCheck(one.inputs) == nil)
        }
    }

    /// A predictor of this machine: finalists are timed once, which changes nothing of what was searched.
    @Test func finalistsAreTimedWhereTheyWerePredictedFor() throws {
        try withDirectory { folder in
            let space = try Self.space.get(), kernels = try Kernels()
            let settings = LatencySettings(batch: 1, threads: 1, turns: 3)
            let meter = try LatencyMeter(space, settings: settings, kernels: kernels)
            var collection = try LatencyCollection(meter, of: space, called: "tiny", to: folder + "/l.csv")
            #expect(try collection.measure(LatencySample.genomes(of: space, count: 30, seed: 0)))
            let scene = try scene(
                "{kind: predicted, file: l.csv, turns: 3}",
                search: "objectives: [{metric: accuracy}, {metric: latencyMilliseconds}]", folder: folder)
            #expect(try scene.execute() == .completed)
            let (all, csv) = try results(scene)
            let timed = all.filter { $0.measurement(.latency("measured")) != nil }
            #expect(timed.count == 3 && timed.allSatisfy { $0.latencyKind == "predicted" })
            #expect(!String(decoding: csv, as: UTF8.self).contains("measured"))
            let session = try scene.session()
            defer { try? session.store.close() }
            let results = session.results(scene.inputs.specification)
            let check = try #require(try results.latencyCheck(scene.inputs))
            #expect(check.rows.count == 3 && (0...3).contains(check.inside))
            #expect(check.rows.allSatisfy { $0.measured > 0 && $0.interval.contains($0.predicted) })
            let written = try String(contentsOfFile: results.latencyPath, encoding: .utf8)
            #expect(written.hasPrefix("candidate,genome,predicted,low,high,measured,inside\r\n"))
            #expect(written.split(separator: "\r\n").count == 4)
            let events = try session.store.events(session.run.id, after: 0, limit: 1000)
            #expect(
                events.last?.content.data.contains("\"latenciesInside\":\(check.inside),\"latenciesTimed\":3") == true)
        }
    }

    /// An architecture is timed once, whatever stops come; another device does not go on by itself.
    @Test func measuredLatencies() throws {
        try withDirectory { folder in
            let scene = try scene(
                "{kind: measured, turns: 2}",
                search: "algorithm: nsga2\n  objectives: [{metric: accuracy}, {metric: latencyMilliseconds}]\n"
                    + "  during: {every: 6, evaluations: 8}", folder: folder)
            _ = try scene.executeInPieces(stoppedAt: { 4 + 2 * $0 })
            let (all, _) = try results(scene)
            #expect(all.count == 24 && all.allSatisfy { $0.latencyKind == "measured" && $0.stateText == "completed" })
            let session = try scene.session()
            defer { try? session.store.close() }
            let run = session.run.id
            #expect(try session.store.run(run).draft.numerics.contains("latency measured for '"))
            let path = session.store.directory.runDirectory(run) + "/latency.csv"
            let file = try LatencyFile(path, of: scene.inputs.space, in: DataFolder("."))
            let first = try #require(file.records.first?.comparison?.milliseconds)
            let values = Dictionary(
                uniqueKeysWithValues: file.records.map { ($0.genome, $0.milliseconds(whereReferenceTakes: first)) })
            for result in try session.store.candidates(run, after: 0, limit: 1000) {
                #expect(result.value(of: .latencyMilliseconds) == values[result.candidate.genome])
            }
        }
    }

    /// A race goes by latencies that are known beforehand, and finds the same front.
    @Test func racesKnowLatencies() throws {
        try withDirectory { folder in
            try Self.write(folder + "/l.csv", device: "phone")
            let search = "algorithm: nsga2\n  objectives: [{metric: accuracy}, {metric: latencyMilliseconds}]"
            let whole = try scene("{kind: predicted, file: l.csv}", search: search, folder: folder)
            let raced = try scene(
                "{kind: predicted, file: l.csv}", search: search + "\n  racing: {bound: exact}", folder: folder)
            #expect(try whole.execute() == .completed && raced.execute() == .completed)
            let all = try results(whole).all, some = try results(raced).all
            #expect(all.map(\.candidate.genome) == some.map(\.candidate.genome))
            #expect(some.allSatisfy { $0.value(of: .latencyMilliseconds) != nil })
            #expect(try front(whole).map(\.candidate.number) == front(raced).map(\.candidate.number))
        }
    }

    @Test func aTableOfNetworksFailsWhatItLacks() throws {
        try withDirectory { folder in
            try Self.write(folder + "/l.csv", device: "phone", count: 12)
            let scene = try scene(
                "{kind: table, file: l.csv}",
                search: "algorithm: random\n  objectives: [{metric: accuracy}, {metric: latencyMilliseconds}]",
                folder: folder)
            #expect(try scene.execute() == .completed)
            let all = try results(scene).all, known = try #require(scene.inputs.latencies)
            for result in all {
                let value = known.milliseconds(of: result.candidate.genome)
                #expect(result.stateText == (value == nil ? "failed: missing latency" : "completed"))
                #expect(result.value(of: .latencyMilliseconds) == value)
            }
            #expect(all.contains { $0.failureReason != nil } && all.contains { $0.failureReason == nil })
            // A bound that no entry keeps is told at once.
            let error = #expect(throws: RunError.self) {
                _ = try self.scene(
                    "{kind: table, file: l.csv}",
                    search:
                        "objectives: [{metric: accuracy}]\n  constraints: [{metric: latencyMilliseconds, atMost: 0.001}]",
                    folder: folder)
            }
            #expect("\(try #require(error))".contains("latencyMilliseconds"))
        }
    }
}
