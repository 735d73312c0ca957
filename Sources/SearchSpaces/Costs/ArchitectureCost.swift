/// The exact costs of an architecture, from its genome alone: a whole number for each cost that its family declares.
public struct ArchitectureCost: Sendable, Hashable {
    /// The costs, in the family's order.
    public let metrics: [Metric]
    /// Their values, in the same order.
    public let values: [Int]

    /// Creates costs; `values` has one for each metric.
    public init(_ metrics: [Metric], _ values: [Int]) {
        precondition(metrics.count == values.count, "a cost has a value")
        self.metrics = metrics
        self.values = values
    }

    /// Creates the costs of a family that declares these two alone.
    public init(params: Int, multiplyAdds: Int) { self.init([.params, .multiplyAdds], [params, multiplyAdds]) }

    /// The value of a cost; nil where the family does not declare it.
    public subscript(metric: Metric) -> Int? {
        // There are a few, and the usual ones come first.
        for (index, known) in metrics.enumerated() where known.name == metric.name { return values[index] }
        return nil
    }

    /// Trainable scalars; 0 where the family does not declare them.
    public var params: Int { self[.params] ?? 0 }

    /// Multiply-adds of one forward pass of one example; 0 where the family does not declare them.
    public var multiplyAdds: Int { self[.multiplyAdds] ?? 0 }
}
