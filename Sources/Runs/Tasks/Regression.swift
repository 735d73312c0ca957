public import SearchSpaces

extension TaskKind {
    /// Telling numbers.
    public static let regression = TaskKind(
        name: "regression", metrics: [.rmse, .loss, .r2, .mae], worstLoss: { _ in 1 }
    ) {
        if case .values = $0 { true } else { false }
    }
}

extension Metric {
    /// The root of the mean squared error, in units of the target; over several targets the root of their mean.
    public static let rmse = Metric(
        name: "rmse", kind: .quality, goal: .minimize, range: 0...Double.greatestFiniteMagnitude)
    /// The share of the target's variance over the measured examples that is told; the mean over several targets.
    public static let r2 = Metric(
        name: "r2", kind: .quality, goal: .maximize, range: -Double.greatestFiniteMagnitude...1)
    /// The mean absolute error, in units of the target; over several targets their mean.
    public static let mae = Metric(
        name: "mae", kind: .quality, goal: .minimize, range: 0...Double.greatestFiniteMagnitude)
}
