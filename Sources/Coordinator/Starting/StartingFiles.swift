public import Datasets
internal import Documents
internal import Foundation
internal import Runs
internal import SearchSpaces
public import Tensors
public import Training

/// A space file and a run file for data that somebody has, and what the run will take on this machine.
public struct StartingFiles: Sendable {
    /// The space file.
    public let space: String
    /// The run file.
    public let run: String
    /// Training steps.
    public let steps: Int
    /// Seconds of the whole run, by steps that were measured.
    public let seconds: Double
    /// Examples that are trained on.
    public let trained: Int
    /// What about the data is probably not meant.
    public let warnings: [String]

    /// The name of the space of a run.
    public static func spaceName(of name: String) -> String { name + "-space" }

    /// Writes both for data that were looked at; trains for some seconds to learn how fast this machine is.
    ///
    /// - Parameters:
    ///   - name: The name of the run.
    ///   - minutes: How long the whole run is to take, about.
    ///   - cache: Where what is made of data is kept.
    /// - Throws: What keeps the data from being used: `DatasetError`, `CoordinatorError`, `RunError`.
    public init(
        _ name: String, for look: DataLook, seed: Int, minutes: Double, cache: String?, pool: WorkerPool,
        kernels: Kernels
    ) throws {
        let spaceName = Self.spaceName(of: name)
        space = StartingSpace(name: spaceName, look: look).yaml
        let searched = try SearchSpace.parse(yaml: space, file: spaceName + ".yaml")
        let starting = StartingRun(name: name, space: spaceName, look: look, seed: seed)
        let open = try RunSpecification.parse(yaml: starting.yaml(.minutes(minutes)), file: name + ".yaml")
        let inputs = try RunInputs(specification: open, space: searched, cache: cache, workers: pool.count)
        warnings = inputs.dataset?.review().map(\.description) ?? []
        trained = inputs.dataset?.split.train.count ?? 0
        guard let pace = try TrainingPace.measure(inputs, pool: pool, kernels: kernels, control: RunControl()) else {
            throw CoordinatorError.openBudget
        }
        func work(_ steps: Int) throws -> (text: String, seconds: Double) {
            let text = starting.yaml(.steps(steps, Self.reason(steps, starting, pace: pace)))
            let specification = try RunSpecification.parse(yaml: text, file: name + ".yaml")
            return (text, RunWork(inputs.with(specification)).total / pace)
        }
        // What a search takes is the same for any number of steps, so that the rest of the time is that of training.
        let some = try work(StartingRun.leastSteps), more = try work(2 * StartingRun.leastSteps)
        let each = (more.seconds - some.seconds) / Double(StartingRun.leastSteps)
        let fitting =
            StartingRun.leastSteps + Int(max(0, (minutes * 60 - some.seconds) / max(each, 1e-9)).rounded(.down))
        steps = Self.round(min(starting.mostSteps, max(StartingRun.leastSteps, fitting)))
        (run, seconds) = try work(steps)
    }

    /// A number that a person would have chosen.
    private static func round(_ steps: Int) -> Int {
        let unit = steps < 1000 ? 50 : steps < 10_000 ? 100 : 1000
        return max(StartingRun.leastSteps, steps / unit * unit)
    }

    private static func reason(_ steps: Int, _ run: StartingRun, pace: Double) -> String {
        let passes = Double(steps * run.batch) / Double(run.trained)
        return "\(ShortNumber.text((passes * 10).rounded() / 10)) passes over the \(run.trained) training examples; "
            + "budget: {minutes: 10} in its place goes by the clock"
    }
}
