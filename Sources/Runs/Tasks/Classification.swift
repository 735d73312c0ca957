public import SearchSpaces

extension TaskKind {
    /// Telling classes apart.
    public static let classification = TaskKind(
        name: "classification", metrics: [.accuracy, .loss], counted: .accuracy, worstLoss: { Double($0) }
    ) {
        if case .classes = $0 { true } else { false }
    }
}

extension Metric {
    /// The share of examples whose greatest output is that of their class.
    public static let accuracy = Metric(name: "accuracy", kind: .quality, goal: .maximize, range: 0...1)
}
