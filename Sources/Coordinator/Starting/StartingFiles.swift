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
    ///   - watch: Who looks on while the data are read.
    /// - Throws: What keeps the data from being used: `DatasetError`, `CoordinatorError`, `RunError`.
    public init(
        _ name: String, for look: DataLook, seed: Int, minutes: Double, cache: String?, pool: WorkerPool,
        kernels: Kernels, watch: ReadingWatch = .nobody
    ) throws {
        let spaceName = Self.spaceName(of: name)
        func begin(isSmall: Bool) throws -> Begun {
            try Begun(
                StartingRun(name: name, space: spaceName, look: look, seed: seed),
                StartingSpace(name: spaceName, look: look, isSmall: isSmall), minutes: minutes, cache: cache,
                pool: pool, kernels: kernels, watch: watch)
        }
        var begun = try begin(isSmall: false)
        // Where networks of the usual size see too little of the data in that time, smaller ones see more.
        if begun.steps(within: minutes) < begun.run.steps(ofPasses: Self.fewPasses) { begun = try begin(isSmall: true) }
        space = begun.space
        warnings = begun.inputs.dataset?.review().map(\.description) ?? []
        trained = begun.run.trained
        steps = Self.round(min(begun.run.mostSteps, begun.steps(within: minutes)))
        (run, seconds) = try begun.work(steps)
    }

    private static let fewPasses = 20

    /// A run whose pace is measured.
    private struct Begun {
        var run: StartingRun
        let space: String
        let inputs: RunInputs
        /// Multiply-adds of a second.
        let pace: Double
        /// Seconds of a training step, and of all that is no step.
        private var stepSeconds = 0.0, otherSeconds = 0.0

        init(
            _ run: StartingRun, _ space: StartingSpace, minutes: Double, cache: String?, pool: WorkerPool,
            kernels: Kernels, watch: ReadingWatch
        ) throws {
            self.run = run
            self.space = space.yaml
            let searched = try SearchSpace.parse(yaml: self.space, file: run.space + ".yaml")
            let open = try RunSpecification.parse(yaml: run.yaml(.minutes(minutes)), file: run.name + ".yaml")
            inputs = try RunInputs(
                specification: open, space: searched, cache: cache, workers: pool.count, watch: watch)
            // Those that cannot be read are none.
            if let dataset = inputs.dataset { self.run.trained = dataset.split.train.count }
            guard let pace = try TrainingPace.measure(inputs, pool: pool, kernels: kernels, control: RunControl())
            else {
                throw CoordinatorError.openBudget
            }
            self.pace = pace
            try measure()
            // A search that leaves no time to train finds nothing worth having.
            if otherSeconds > minutes * 60 / 3 {
                let share = minutes * 60 / 3 / otherSeconds
                let fewer = Int(Double(StartingRun.mostEvaluations) * share) / 32 * 32
                self.run.evaluations = max(StartingRun.leastEvaluations, fewer)
                try measure()
            }
        }

        private mutating func measure() throws {
            let least = StartingRun.leastSteps
            let some = try work(least).seconds
            stepSeconds = max(1e-9, (try work(2 * least).seconds - some) / Double(least))
            otherSeconds = some - stepSeconds * Double(least)
        }

        /// The run file with so many steps, and how long it takes.
        func work(_ steps: Int) throws -> (text: String, seconds: Double) {
            let passes = Double(steps * run.batch) / Double(run.trained)
            let why =
                "\(ShortNumber.text((passes * 10).rounded() / 10)) passes over the \(run.trained) training examples; "
                + "budget: {minutes: 10} in its place goes by the clock"
            let text = run.yaml(.steps(steps, why))
            let specification = try RunSpecification.parse(yaml: text, file: run.name + ".yaml")
            return (text, RunWork(inputs.with(specification)).total / pace)
        }

        /// The steps that there is time for.
        func steps(within minutes: Double) -> Int {
            max(StartingRun.leastSteps, Int(min(1e9, (minutes * 60 - otherSeconds) / stepSeconds)))
        }
    }

    /// A number that a person would have chosen.
    private static func round(_ steps: Int) -> Int {
        let unit = steps < 1000 ? 50 : steps < 10_000 ? 100 : 1000
        return max(StartingRun.leastSteps, steps / unit * unit)
    }
}
