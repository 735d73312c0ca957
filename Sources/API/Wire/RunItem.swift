public import Foundation

/// A run as lists and the status show it.
public struct RunItem: Codable, Sendable, Hashable {
    /// 12 lower-case base32 characters.
    public var id: String
    /// Its name.
    public var name: String
    /// `queued`, `preparing`, `training`, `searching`, `validating`, `paused`, `completed`, `failed` or `cancelled`.
    public var state: String
    /// What was asked for and acts at the end of the step: `running`, `paused` or `cancelled`.
    public var desired: String
    /// Larger is sooner; 0 unless asked for.
    public var priority: Int
    /// When it was handed in.
    public var created: Date
    /// When its row last changed.
    public var updated: Date
    /// The name of its space.
    public var space: String
    /// Training steps done.
    public var step: Int
    /// Training steps in all.
    public var steps: Int
    /// The loss of the last step; nil before the first, and after a restart until the next.
    public var loss: Double?
    /// The newest round; nil before the first.
    public var round: Int?
    /// Evaluations of the newest round.
    public var evaluations: Int
    /// Evaluations that the newest round will have; of the last round before any has begun.
    public var evaluationsPlanned: Int
    /// Candidates asked for in all rounds.
    public var candidates: Int
    /// The hypervolume of the newest finished round, when known.
    public var hypervolume: Double?
    /// Estimated seconds to the end, while it computes.
    public var secondsLeft: Double?
    /// Worker threads that it computes on, while it computes.
    public var workers: Int?
    /// Its place in the queue from 1, while it waits.
    public var queuePosition: Int?
    /// The sequence number of its newest event.
    public var lastEvent: Int
    /// Why it failed, when it did.
    public var failure: String?

    /// Creates an item.
    public init(
        id: String, name: String, state: String, desired: String, priority: Int, created: Date, updated: Date,
        space: String, step: Int, steps: Int, loss: Double? = nil, round: Int? = nil, evaluations: Int,
        evaluationsPlanned: Int, candidates: Int, hypervolume: Double? = nil, secondsLeft: Double? = nil,
        workers: Int? = nil, queuePosition: Int? = nil, lastEvent: Int, failure: String? = nil
    ) {
        self.id = id
        self.name = name
        self.state = state
        self.desired = desired
        self.priority = priority
        self.created = created
        self.updated = updated
        self.space = space
        self.step = step
        self.steps = steps
        self.loss = loss
        self.round = round
        self.evaluations = evaluations
        self.evaluationsPlanned = evaluationsPlanned
        self.candidates = candidates
        self.hypervolume = hypervolume
        self.secondsLeft = secondsLeft
        self.workers = workers
        self.queuePosition = queuePosition
        self.lastEvent = lastEvent
        self.failure = failure
    }
}

/// `GET /v1/runs`.
public struct RunList: Codable, Sendable, Hashable {
    /// `nasd/v1`.
    public var apiVersion = WireFormat.apiVersion
    /// `RunList`.
    public var kind = "RunList"
    /// The runs.
    public var runs: [RunItem]
    /// The cursor of the next page; nil on the last.
    public var next: String?

    /// Creates a list.
    public init(runs: [RunItem], next: String? = nil) {
        self.runs = runs
        self.next = next
    }
}
