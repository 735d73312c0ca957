/// The body of `PATCH /v1/runs/{id}`: what of a run may still be changed; keys that are absent stay as they are.
public struct RunLimits: Codable, Sendable, Hashable {
    /// Evaluations of the last round; possible until that round begins.
    public var evaluations: Int?
    /// Worker threads; the result does not depend on them.
    public var workers: Int?
    /// Larger is sooner in the queue.
    public var priority: Int?

    /// Creates limits.
    public init(evaluations: Int? = nil, workers: Int? = nil, priority: Int? = nil) {
        self.evaluations = evaluations
        self.workers = workers
        self.priority = priority
    }
}
