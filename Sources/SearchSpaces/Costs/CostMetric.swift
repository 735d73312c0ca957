/// A cost that a genome alone determines.
public enum CostMetric: String, Sendable, Hashable, CaseIterable {
    /// Multiply-adds of one forward pass of one example.
    case multiplyAdds
    /// Trainable scalars.
    case params
}

extension ArchitectureCost {
    /// The cost by a metric.
    public subscript(metric: CostMetric) -> Int {
        switch metric {
        case .multiplyAdds: multiplyAdds
        case .params: params
        }
    }
}
