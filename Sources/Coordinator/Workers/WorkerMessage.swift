internal import Documents
internal import Runs
internal import SearchSpaces

/// The messages of `nasd-worker/1`, one JSON object a line: Documentation/workers.md and its schema say them in full.
enum WorkerMessage {
    static let protocolName = "nasd-worker/1"
    /// The longest line of a worker, in bytes, its end apart.
    static let mostLineBytes = 1 << 20
    /// The most requests that a worker may take at a time.
    static let mostCapacity = 1024
    /// The longest text of a worker that is told on.
    static let mostTextCharacters = 200

    /// Text of a worker as it is told: of one line, short, with nothing that a terminal obeys.
    static func told(_ text: String) -> String {
        TerminalText.escaped(String(text.prefix(mostTextCharacters)), keepsLines: false)
    }

    /// - Parameter states: The folder in which training keeps its states; nil where nothing is trained.
    static func hello(
        _ space: SearchSpace, run: String, seed: Int, slot: Int, metrics: [Metric], folder: String,
        states: String? = nil
    ) -> String {
        let decisions = space.decisions.map { decision in
            EventData.fields([
                "name": .text(decision.fullName),
                "options": .list(decision.options.indices.map { value(of: decision, option: $0) }),
            ])
        }
        var fields: [String: EventData] = [
            "type": .text("hello"), "protocol": .text(protocolName), "run": .text(run), "seed": .number(seed),
            "slot": .number(slot), "folder": .text(folder), "metrics": .list(metrics.map { .text($0.name) }),
            "space": .fields(["name": .text(space.name), "decisions": .list(decisions)]),
        ]
        fields["states"] = states.map { .text($0) }
        return EventData.object(fields)
    }

    static func connected(command: String, slot: Int) -> String {
        EventData.object(["type": .text("connected"), "command": .text(command), "slot": .number(slot)])
    }

    static func refused(_ message: String) -> String {
        EventData.object(["type": .text("refused"), "message": .text(message)])
    }

    static let bye = EventData.object(["type": .text("bye")])

    static func cancel(_ id: Int) -> String { EventData.object(["type": .text("cancel"), "id": .number(id)]) }

    /// The decisions of a genome that count, by name, with the values of their options.
    static func genome(_ genome: Genome, in space: SearchSpace) -> EventData {
        var fields: [String: EventData] = [:]
        for (index, decision) in space.decisions.enumerated() where space.isActive(index, in: genome) {
            fields[decision.fullName] = value(of: decision, option: Int(genome.choices[index]))
        }
        return .fields(fields)
    }

    private static func value(of decision: Decision, option: Int) -> EventData {
        if let words = decision.words { return .text(words[option]) }
        let number = decision.options[option]
        return Int(exactly: number).map { .number($0) } ?? .real(number)
    }
}

/// What a worker says of itself at its start.
struct WorkerHello: Hashable {
    let name: String
    /// Requests that it takes at a time.
    let capacity: Int
    /// Whether the same question has the same answer, to the bit, whenever and wherever it is asked.
    let isDeterministic: Bool
    /// Seconds within which it says something while it works; nil where it promises none.
    let heartbeat: Double?
    /// Device and versions, for the log.
    let remark: String

    /// Reads a hello, and holds it against what a run asks.
    ///
    /// - Parameters:
    ///   - further: Stages that no candidate is measured at.
    ///   - training: What it has to be able to do beside measuring.
    init(
        _ message: WorkerJSON, asking metrics: [Metric], at stages: [MeasurementStage], further: [String] = [],
        training: [String] = []
    ) throws(WorkerFault) {
        guard message["protocol"]?.text == WorkerMessage.protocolName else {
            throw .hello("expected the protocol \(WorkerMessage.protocolName)")
        }
        guard let can = message["can"]?.texts else { throw .hello("expected can, a list of texts") }
        for verb in ["evaluate"] + training where !can.contains(verb) { throw .hello("it cannot \(verb)") }
        guard case .object(let declared)? = message["metrics"] else { throw .hello("expected metrics, an object") }
        for metric in metrics {
            guard let own = declared[metric.name] else { throw .hello("it measures no \(metric.name)") }
            if let goal = own["goal"]?.text, goal != metric.goal.rawValue {
                throw .hello(
                    "its goal of \(metric.name) is to \(WorkerMessage.told(goal)), the run's to \(metric.goal.rawValue)"
                )
            }
        }
        if let known = message["stages"] {
            guard let known = known.texts else { throw .hello("expected stages, a list of texts") }
            if let stage = (stages.map(\.rawValue) + further).first(where: { !known.contains($0) }) {
                throw .hello("it measures nothing at the stage \(stage)")
            }
        }
        let capacity = message["capacity"] ?? .number(1)
        guard let count = capacity.integer, (1...WorkerMessage.mostCapacity).contains(count) else {
            throw .hello("expected capacity, a whole number from 1 to \(WorkerMessage.mostCapacity)")
        }
        self.capacity = count
        switch message["heartbeat"] {
        case nil, .null?: heartbeat = nil
        case .number(let seconds)? where (0.1...3600).contains(seconds): heartbeat = seconds
        default: throw .hello("expected heartbeat, a number of seconds from 0.1 to 3600")
        }
        isDeterministic = message["deterministic"] == .truth(true)
        name = WorkerMessage.told(message["name"]?.text ?? "worker")
        var remark = [message["device"]?.text].compactMap(\.self)
        if case .object(let versions)? = message["versions"] {
            remark += versions.sorted { $0.key < $1.key }.prefix(16).compactMap { key, value in
                value.text.map { "\(key) \($0)" }
            }
        }
        self.remark = WorkerMessage.told(remark.joined(separator: ", "))
    }
}

/// What a worker answers.
enum WorkerReply {
    /// The answer to a request.
    case result(id: Int, WorkerJSON)
    /// A request that came to nothing; another try may come to something.
    case error(id: Int, message: String, mayRetry: Bool)
    /// A sign of life.
    case progress

    /// Reads a line.
    init(_ line: some Collection<UInt8>) throws(WorkerFault) {
        guard let message = WorkerJSON(line), case .object = message else {
            throw .garbage(WorkerMessage.told(String(decoding: line.prefix(80), as: UTF8.self)))
        }
        switch message["type"]?.text {
        case "result":
            guard let id = message["id"]?.integer else { throw .garbage("a result without an id") }
            self = .result(id: id, message)
        case "error":
            guard let id = message["id"]?.integer else { throw .garbage("an error without an id") }
            self = .error(
                id: id, message: WorkerMessage.told(message["message"]?.text ?? "error"),
                mayRetry: message["retry"] == .truth(true))
        case "progress": self = .progress
        case let type: throw .garbage("the type '\(WorkerMessage.told(type ?? ""))'")
        }
    }
}
