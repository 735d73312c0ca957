public import Tensors

/// The values and the gradients of a network's parameters, as an op takes them.
///
/// Two flat buffers of one layout. During a pass each shard brings a gradient buffer of its own beside the shared values.
public struct ParameterStore: Sendable {
    /// The values.
    public let values: FloatBuffer
    /// The gradients; ops add to them.
    public let gradients: FloatBuffer

    /// Creates a store over two buffers of one size.
    public init(values: FloatBuffer, gradients: FloatBuffer) {
        precondition(values.count == gradients.count, "values and gradients have one layout")
        self.values = values
        self.gradients = gradients
    }

    /// The leading rows and columns of a parameter, in place.
    func slice(_ entry: ParameterLayout.Entry, rows: Int? = nil, columns: Int? = nil) -> Parameter {
        Parameter(
            value: entry.view(of: values), gradient: entry.view(of: gradients)
        ).leading(rows: rows ?? entry.rows, columns: columns ?? entry.columns)
    }
}
