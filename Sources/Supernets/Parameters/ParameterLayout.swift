public import Tensors

/// Where the parameters of a network lie in one flat buffer: names, shapes and offsets.
///
/// Every parameter is a matrix (a vector has one row) at its largest size, starting at a multiple of 16 floats.
public struct ParameterLayout: Sendable, Equatable {
    /// One named parameter.
    public struct Entry: Sendable, Equatable {
        /// Dotted name, such as `blocks.3.query.weight`.
        public let name: String
        /// What it is in its network.
        public let role: Role
        /// The shape as files and other frameworks have it, of any rank: a weight as (out, in), a bias as (out).
        public let shape: [Int]
        /// How it begins.
        public let initial: Initial
        /// How files have the values.
        public let arrangement: TensorArrangement
        /// Rows of the matrix that is computed with: the first of the shape, 1 for a vector; of rings the taps.
        public let rows: Int
        /// Columns: all others of the shape together; of rings the channels.
        public let columns: Int
        /// Position of the first float.
        public let offset: Int

        /// The parameter in a flat buffer of its layout.
        public func view(of buffer: FloatBuffer) -> MatrixView {
            buffer.matrix(offset: offset, rows: rows, columns: columns)
        }

    }

    /// What a parameter is in its network.
    public enum Role: Sendable, Equatable {
        /// A factor of a product.
        case weight
        /// What is added.
        case bias
        /// A factor of a norm.
        case gain
        /// A learned input.
        case embedding
        /// Measured on data: neither trained nor decayed.
        case statistic
        /// What other parameters of a subnet come from, and no network that is cut out has.
        case transform
    }

    /// How a parameter begins.
    public enum Initial: Sendable, Equatable {
        /// All values alike.
        case constant(Float)
        /// 1 where the row is the column, 0 elsewhere.
        case identity
        /// Normal values around 0 of a deviation, a function of the seed, the parameter's name and the place in it.
        case normal(deviation: Float)
        /// Sums of such values under names of their own: what parameters have in common is drawn under one name.
        case sum([Draw])

        /// Normal values of variance 1 / (3 inputs).
        public static func scaled(inputs: Int) -> Initial { .normal(deviation: 1 / (3 * Float(inputs)).squareRoot()) }
    }

    /// Normal values around 0.
    public struct Draw: Sendable, Equatable {
        /// What they are a function of, beside the seed, the row and the column.
        public let name: String
        /// Their deviation; of a negative one the values have the opposite sign.
        public let deviation: Float

        /// Creates a draw.
        public init(_ name: String, deviation: Float) {
            self.name = name
            self.deviation = deviation
        }
    }

    /// The parameters in buffer order.
    public private(set) var entries: [Entry] = []
    /// Number of floats in the buffer, gaps for alignment included.
    public private(set) var floatCount = 0

    /// Creates an empty layout.
    public init() {}

    /// Adds a parameter at the end and returns its entry.
    ///
    /// - Parameter shape: At least one size.
    public mutating func add(
        _ name: String, _ role: Role, shape: [Int], arrangement: TensorArrangement = .rows,
        initial: Initial = .constant(0)
    ) -> Entry {
        precondition(!shape.isEmpty, "a parameter has a shape")
        var rows = shape.count == 1 ? 1 : shape[0], columns = shape.dropFirst(shape.count == 1 ? 0 : 1).reduce(1, *)
        if arrangement == .rings { (rows, columns) = (columns, rows) }
        let entry = Entry(
            name: name, role: role, shape: shape, initial: initial, arrangement: arrangement, rows: rows,
            columns: columns, offset: floatCount)
        entries.append(entry)
        floatCount += (rows * columns + 15) / 16 * 16
        return entry
    }

    /// Where the parameters of a role lie, in ascending order.
    public func ranges(of role: Role) -> [Range<Int>] {
        entries.filter { $0.role == role }.map { $0.offset..<$0.offset + $0.rows * $0.columns }
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
