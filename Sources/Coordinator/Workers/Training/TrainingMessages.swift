internal import Runs
internal import SearchSpaces
internal import Training

/// The messages of training by a worker.
extension WorkerMessage {
    /// Asks for the passes of some steps.
    ///
    /// - Parameters:
    ///   - steps: The passes of each, the first of which is step `start`, counted from 0.
    ///   - rateFactor: What the worker's learning rate is to be multiplied by, after training had diverged.
    static func train(
        _ steps: [[DrawnPass]], from start: Int, _ settings: WorkerTraining, seed: Int, rateFactor: Double,
        in space: SearchSpace
    ) -> [String: EventData] {
        var fields: [String: EventData] = [
            "type": .text("train"), "from": .number(start), "to": .number(start + steps.count),
            "steps": .number(settings.steps), "batch": .number(settings.batch), "seed": .number(seed),
            "rateFactor": .real(rateFactor),
            "passes": .list(steps.map { passes in .list(passes.map { .fields(pass($0, in: space)) }) }),
        ]
        if let distillation = settings.distillation, steps.joined().contains(where: \.isTaught) {
            fields["distillation"] = .fields([
                "weight": .real(distillation.weight), "temperature": .real(distillation.temperature),
            ])
        }
        return fields
    }

    private static func pass(_ pass: DrawnPass, in space: SearchSpace) -> [String: EventData] {
        var fields: [String: EventData] = [:]
        if pass.genomes.count == 1 {
            fields["genome"] = genome(pass.genomes[0], in: space)
        } else {
            fields["genomes"] = .list(pass.genomes.map { genome($0, in: space) })
        }
        if pass.isTeacher { fields["teacher"] = .truth(true) }
        if pass.isTaught { fields["taught"] = .truth(true) }
        if pass.isForward { fields["forward"] = .truth(true) }
        return fields
    }

    /// Asks for held-out losses of architectures.
    ///
    /// - Parameter part: Which part of the held-out examples: the same one has the same examples.
    static func probe(
        _ genomes: [Genome], samples: Int, part: Int, seed: Int, in space: SearchSpace
    ) -> [String: EventData] {
        [
            "type": .text("probe"), "genomes": .list(genomes.map { genome($0, in: space) }),
            "samples": .number(samples),
            "part": .number(part), "seed": .number(seed),
        ]
    }

    /// Asks to keep what the next step depends on.
    static func save(step: Int, name: String) -> [String: EventData] {
        ["type": .text("save"), "step": .number(step), "name": .text(name)]
    }

    /// Asks to go on from what was kept, or to begin anew.
    static func load(_ state: HeldState, seed: Int) -> [String: EventData] {
        var fields: [String: EventData] = ["type": .text("load"), "step": .number(state.step), "seed": .number(seed)]
        if let name = state.name { fields["name"] = .text(name) }
        return fields
    }
}

/// What a worker tells of steps that it has trained.
struct TrainedSteps {
    /// Of each step the mean loss of each pass that trains; not finite where training diverged.
    let losses: [[Double]]
    /// Of each step its learning rate; 0 where the worker tells none.
    let rates: [Double]
    /// Other figures, for the log.
    let remark: String

    private static let mostMetrics = 16

    /// Reads an answer, and holds it against what was asked.
    ///
    /// - Throws: `TrainingSetback` where it is not the figures of these passes.
    init(_ answer: WorkerJSON, of steps: [[DrawnPass]]) throws(TrainingSetback) {
        guard case .list(let told)? = answer["losses"], told.count == steps.count else {
            throw TrainingSetback("its answer to train has no losses of \(steps.count) steps")
        }
        var losses: [[Double]] = []
        for (step, passes) in zip(told, steps) {
            guard case .list(let values) = step, values.count == passes.count(where: { !$0.isForward }) else {
                throw TrainingSetback("its answer to train has not one loss for each pass of a step")
            }
            losses.append(try values.map { value throws(TrainingSetback) in try Self.loss(value) })
        }
        self.losses = losses
        if case .list(let values)? = answer["learningRates"], values.count == steps.count {
            rates = values.map { value in value.number.map { $0.isFinite ? max($0, 0) : 0 } ?? 0 }
        } else {
            rates = steps.map { _ in 0 }
        }
        if case .object(let metrics)? = answer["metrics"] {
            remark = WorkerMessage.told(
                metrics.sorted { $0.key < $1.key }.prefix(Self.mostMetrics).compactMap { name, value in
                    value.number.map { "\(name) \($0)" }
                }.joined(separator: ", "))
        } else {
            remark = ""
        }
    }

    /// A loss, or the mean of those of shards; null is one that is not finite.
    private static func loss(_ value: WorkerJSON) throws(TrainingSetback) -> Double {
        switch value {
        case .number(let loss): return loss
        case .null: return .nan
        case .list(let shards) where !shards.isEmpty:
            var sum = 0.0
            for shard in shards { sum += try loss(shard) }
            return sum / Double(shards.count)
        default: throw TrainingSetback("its answer to train has a loss that is no number")
        }
    }
}

/// What a worker tells of held-out examples.
enum ProbedLosses {
    /// Of each architecture its mean loss, or those of chunks of the examples.
    ///
    /// - Throws: `TrainingSetback` where the answer is not that.
    static func read(_ answer: WorkerJSON, of count: Int) throws(TrainingSetback) -> [[Double]] {
        guard case .list(let told)? = answer["losses"], told.count == count else {
            throw TrainingSetback("its answer to probe has no losses of \(count) architectures")
        }
        var chunks: Int?
        var losses: [[Double]] = []
        for value in told {
            let items: [WorkerJSON] = if case .list(let items) = value { items } else { [value] }
            let numbers = items.map { $0 == .null ? .nan : $0.number }
            guard !items.isEmpty, chunks ?? items.count == items.count, numbers.allSatisfy({ $0 != nil }) else {
                throw TrainingSetback("its answer to probe has losses that are no numbers, or not as many of each")
            }
            chunks = items.count
            losses.append(numbers.compactMap(\.self))
        }
        return losses
    }
}
