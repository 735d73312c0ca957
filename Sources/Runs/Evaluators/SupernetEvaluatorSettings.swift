/// Subnets of the supernet that the run trains, on its held-out data: what a run file means that names no evaluator.
public struct SupernetEvaluatorSettings: EvaluatorSettings {
    public var kind: String { "supernet" }
    public var needsTraining: Bool { true }
}
