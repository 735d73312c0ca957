public import Tensors

/// Where the parameters of a network lie in one flat buffer: names, shapes and offsets.
///
/// Every parameter is a matrix (a vector has one row) at its largest size, starting at a multiple of 16 floats.
public struct ParameterLayout: Sendable, Equatable {
    /// One named parameter.
    public struct Entry: Sendable, Equatable {
        /// Dotted name, such as `blocks.3.query.weight`.
        public let name: String
        /// Rows; the outputs of a weight.
        public let rows: Int
        /// Columns; the inputs of a weight.
        public let columns: Int
        /// Position of the first float.
        public let offset: Int

        /// The parameter in a flat buffer of its layout.
        public func view(of buffer: FloatBuffer) -> MatrixView {
            buffer.matrix(offset: offset, rows: rows, columns: columns)
        }

        /// Whether other frameworks keep it as a vector: biases, gains and offsets.
        public var isVector: Bool { rows == 1 && (name.hasSuffix(".bias") || name.hasSuffix("Norm.weight")) }
    }

    /// The parameters in buffer order.
    public private(set) var entries: [Entry] = []
    /// Number of floats in the buffer, gaps for alignment included.
    public private(set) var floatCount = 0

    /// Creates an empty layout.
    public init() {}

    /// Adds a parameter at the end and returns its entry.
    public mutating func add(_ name: String, rows: Int = 1, columns: Int) -> Entry {
        let entry = Entry(name: name, rows: rows, columns: columns, offset: floatCount)
        entries.append(entry)
        floatCount += (rows * columns + 15) / 16 * 16
        return entry
    }
}

/// The leading rows and columns of a parameter that a subnet uses.
public struct ParameterSlice: Sendable, Equatable {
    /// The parameter.
    public let entry: ParameterLayout.Entry
    /// Rows of the slice.
    public let rows: Int
    /// Columns of the slice.
    public let columns: Int

    /// Creates a slice; it lies inside its parameter.
    public init(entry: ParameterLayout.Entry, rows: Int? = nil, columns: Int? = nil) {
        self.entry = entry
        self.rows = rows ?? entry.rows
        self.columns = columns ?? entry.columns
        precondition(self.rows <= entry.rows && self.columns <= entry.columns, "a slice lies inside its parameter")
    }

    /// The slice in a flat buffer of the parameter's layout, or where another layout has the parameter.
    public func view(of buffer: FloatBuffer, at offset: Int? = nil) -> MatrixView {
        buffer.matrix(offset: offset ?? entry.offset, rows: entry.rows, columns: entry.columns)
            .leading(rows: rows, columns: columns)
    }
}
