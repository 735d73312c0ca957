/// Subnets of the supernet that the run trains, on its held-out data: what a run file means that names no evaluator.
public struct SupernetEvaluatorSettings: EvaluatorSettings {
    /// `supernet`.
    public var kind: String { "supernet" }
    /// It measures what is trained.
    public var needsTraining: Bool { true }
}
