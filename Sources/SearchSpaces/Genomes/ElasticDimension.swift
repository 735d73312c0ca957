/// In which way a decision makes networks smaller, for trainings that open one way after the other.
public enum ElasticDimension: String, Sendable, Hashable, CaseIterable {
    /// Sides of kernels.
    case kernel
    /// Numbers of layers.
    case depth
    /// Numbers of channels.
    case width
}

extension SearchSpace {
    /// The dimension of each decision in genome order; nil for one that is always open.
    public var dimensions: [ElasticDimension?] { decisions.map { type(of: family).dimension(of: $0) } }
}
