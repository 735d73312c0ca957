public import Tensors

/// The values and the gradients of a network's parameters, as an op takes them.
///
/// Two flat buffers of one layout. During a pass each shard brings a gradient buffer of its own beside the shared values.
public struct ParameterStore {
    /// The values.
    public let values: FloatBuffer
    /// The gradients; ops add to them.
    public let gradients: FloatBuffer
    /// What stands for some parameters, by their offsets.
    private var standIns: [Int: Parameter] = [:]

    /// Creates a store over two buffers of one size.
    public init(values: FloatBuffer, gradients: FloatBuffer) {
        precondition(values.count == gradients.count, "values and gradients have one layout")
        self.values = values
        self.gradients = gradients
    }

    /// The leading rows and columns of a parameter, in place.
    func slice(_ entry: ParameterLayout.Entry, rows: Int? = nil, columns: Int? = nil) -> Parameter {
        let whole =
            standIns[entry.offset]
            ?? Parameter(value: entry.view(of: values), gradient: entry.view(of: gradients))
        return whole.leading(rows: rows ?? entry.rows, columns: columns ?? entry.columns)
    }

    /// Has ops of a pass take what it made of a parameter in place of that.
    mutating func replace(_ entry: ParameterLayout.Entry, with made: Parameter) {
        precondition(
            made.value.rows == entry.rows && made.value.columns == entry.columns, "a stand-in has its parameter's shape"
        )
        standIns[entry.offset] = made
    }
}
