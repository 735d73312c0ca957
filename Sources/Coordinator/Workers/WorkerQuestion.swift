internal import SearchSpaces
internal import Store

/// What a worker is asked of an architecture.
struct WorkerQuestion {
    let space: SearchSpace
    let genome: Genome
    let stage: String
    /// Examples to measure on; 0 leaves it to the worker.
    let samples: Int
    /// The step of the weights that are measured; 0 where nobody trains, or nothing depends on them.
    let weightsStep: Int
    let metrics: [Metric]

    /// All that an answer depends on besides what the run is, under which the store has it.
    var text: String { "\(stage) \(samples) \(weightsStep) \(space.key(of: genome))" }

    /// The fields of the message.
    var request: [String: EventData] {
        [
            "type": .text("evaluate"), "genome": WorkerMessage.genome(genome, in: space),
            "key": .text(space.key(of: genome)), "stage": .text(stage), "samples": .number(samples),
            "weightsStep": .number(weightsStep), "metrics": .list(metrics.map { .text($0.name) }),
        ]
    }
}

extension WorkerMeans {
    /// The durable answers to questions, by their texts.
    func keptAnswers(to questions: [String]) throws -> [String: KeptAnswer] {
        var answers: [String: KeptAnswer] = [:]
        for (question, json) in try store.answers(run, to: questions) {
            guard let answer = try? KeptAnswer(json: json) else {
                throw StoreError.corrupt(
                    path: "answer to '\(question)' of run \(run.text)", detail: "the row cannot be read")
            }
            answers[question] = answer
        }
        return answers
    }
}
