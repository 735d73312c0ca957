import Foundation
import Runs
import SearchSpaces
import Store
import Tensors
import TestSupport
import Testing
import Training

@testable import Coordinator

/// A small run on generated images in a temporary data directory.
final class Scene {
    let path: String
    /// The scene whose data directory it is; nil for one of its own.
    private let owner: Scene?
    let inputs: RunInputs
    var control = RunControl()
    var progress: [RunProgress] = []
    /// What minutes are turned into steps by.
    var measure: TrainingPace.Measure = TrainingPace.measure

    static let space = Result { try SearchSpace.parse(yaml: TinySpace.yaml(), file: "tiny.yaml") }

    /// - Parameters:
    ///   - extent: How long training goes on.
    ///   - train: More of the section `train`, after a comma.
    ///   - search: More of the section `search`.
    ///   - data: What is held out.
    init(extent: String = "steps: 30", train: String = "", search: String = "", data: String = "validation: 100") throws
    {
        let specification = try RunSpecification.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: Run
                name: tiny
                seed: 3
                space: tiny
                data: {format: glyphs, count: 400, testCount: 100, holdOut: {\(data)}}
                train: {\(extent), batch: 16, shards: 4, checkpointEvery: 10\(train.isEmpty ? "" : ", " + train)}
                search:
                  objectives: [{metric: accuracy}, {metric: multiplyAdds}]
                  algorithm: nsga2
                  population: 6
                  evaluations: 18
                  samples: 100
                  during: {every: 10, evaluations: 6}
                  \(search)
                validate: {finalists: 3}
                """, file: "tiny.yaml")
        inputs = try RunInputs(specification: specification, space: try Self.space.get())
        path = Self.newPath
        owner = nil
    }

    private static var newPath: String { NSTemporaryDirectory() + "nasd-run-" + UUID().uuidString }

    /// A run with inputs of its own, in a new data directory or in another scene's.
    init(_ inputs: RunInputs, in owner: Scene? = nil) {
        self.inputs = inputs
        self.owner = owner
        path = owner?.path ?? Self.newPath
    }

    /// The run with some keys changed.
    func changed(in owner: Scene? = nil, _ overrides: (key: String, value: String)...) throws -> Scene {
        let specification = try RunSpecification.parse(
            yaml: inputs.specification.asHandedIn.resolvedYAML, file: "changed", overrides: overrides)
        return Scene(try RunInputs(specification: specification, space: inputs.space), in: owner)
    }

    /// A search of this scene's supernet, in a data directory of its own.
    func searchAgain(
        at place: String? = nil, space: SearchSpace? = nil, _ overrides: (key: String, value: String)...
    ) throws -> Scene {
        let specification = try RunSpecification.parse(
            yaml: inputs.specification.searchFile(of: place ?? path, name: "again"), file: "again", overrides: overrides
        )
        return Scene(try RunInputs(specification: specification, space: space ?? inputs.space))
    }

    deinit { if owner == nil { try? FileManager.default.removeItem(atPath: path) } }

    func session() throws -> RunSession { try RunSession(inputs, directory: path) }

    /// Runs or continues; `react` sees all progress as it comes.
    func execute(
        workers: Int = 2, kernels: Kernels? = nil, allowsNumericsChange: Bool = false,
        react: @escaping (RunProgress) -> Void = { _ in }
    ) throws -> RunOutcome {
        let session = try session()
        defer { try? session.store.close() }
        let pool = try WorkerPool(count: workers), kernels = try kernels ?? Kernels()
        let settled = try session.settled(inputs, pool: pool, kernels: kernels, control: control, measure: measure)
        guard let settled else { return .stopped(control.decide()) }
        return try session.execute(
            settled, pool: pool, kernels: kernels, control: control, allowsNumericsChange: allowsNumericsChange
        ) { [self] in
            progress.append($0)
            react($0)
        }
    }

    /// Runs until it is completed, with one to three workers in turn, stopped in each start at a piece of its progress.
    ///
    /// - Parameters:
    ///   - piece: At which piece of progress a start is stopped, counted from 1, as is the start.
    ///   - most: Starts within which it must be completed.
    ///   - react: Called after each start.
    /// - Returns: How many starts it took.
    func executeInPieces(
        stoppedAt piece: (_ start: Int) -> Int, most: Int = 100, after react: () -> Void = {}
    ) throws -> Int {
        for start in 1..<most {
            control = RunControl()
            var seen = 0
            let stop = piece(start)
            let outcome = try execute(workers: 1 + start % 3) { [self] _ in
                seen += 1
                if seen == stop { control.ask(.stop) }
            }
            react()
            if outcome == .completed { return start }
            #expect(outcome == .stopped(.stop))
        }
        Issue.record("not completed within \(most) starts")
        return most
    }

    /// What the store says, read only.
    func reader() throws -> (store: RunReader, run: StoredRun) {
        let reader = try RunReader(DataDirectory(reading: path))
        guard let run = try reader.storedRuns(limit: 1).first else { throw StoreError.noSuchRun("any") }
        return (reader, run)
    }

    /// What was recorded of training and is the same each time: step, loss and learning rate.
    func trained() throws -> [[Double]] {
        let (store, run) = try reader()
        return try store.trainingRecords(run.id).map { [Double($0.step), $0.loss, $0.learningRate] }
    }

    func csv() throws -> [UInt8] {
        let (store, run) = try reader()
        var bytes: [UInt8] = []
        let settings = inputs.specification
        try ResultsCSV(objectives: settings.objectives, constraints: settings.constraints)
            .stream(run.id, from: store) { bytes += $0 }
        return bytes
    }
}
