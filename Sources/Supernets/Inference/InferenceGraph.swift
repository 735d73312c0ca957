public import Tensors

/// What a network computes of one example, as a list of few operations over its parameters: what files of other formats are
/// made of, whatever the family.
///
/// Values are matrices of rows and columns: the places of a map by channels, tokens by their width, or a single row. Parameters are
/// named by their entries in the network's layout; their values are not part of the graph.
public struct InferenceGraph: Sendable {
    /// What a value is.
    public enum Shape: Sendable, Hashable {
        /// One row.
        case row(columns: Int)
        /// So many tokens.
        case tokens(count: Int, columns: Int)
        /// A map of so many places from top to bottom and from left to right, row by row.
        case map(height: Int, width: Int, columns: Int)

        /// Rows of the matrix.
        public var rows: Int {
            switch self {
            case .row: 1
            case .tokens(let count, _): count
            case .map(let height, let width, _): height * width
            }
        }
        /// Columns of the matrix.
        public var columns: Int {
            switch self {
            case .row(let columns), .tokens(_, let columns), .map(_, _, let columns): columns
            }
        }
        /// Numbers of the value.
        public var count: Int { rows * columns }

        /// The same rows with other columns.
        func with(columns: Int) -> Shape {
            switch self {
            case .row: .row(columns: columns)
            case .tokens(let count, _): .tokens(count: count, columns: columns)
            case .map(let height, let width, _): .map(height: height, width: width, columns: columns)
            }
        }
    }

    /// A value of the graph, by its number: 0 is the input, n what step n - 1 leaves.
    public struct Value: Sendable, Hashable {
        /// The number.
        public let index: Int
    }

    /// A weight (out, in), or of a convolution, and what is added behind it.
    public struct Weights: Sendable {
        /// The factor.
        public let weight: ParameterLayout.Entry
        /// What is added to each row; nil for nothing.
        public let bias: ParameterLayout.Entry?

        /// Names the parameters.
        public init(_ weight: ParameterLayout.Entry, bias: ParameterLayout.Entry?) {
            self.weight = weight
            self.bias = bias
        }
    }

    /// What follows a weight and its bias.
    public enum Function: Sendable, Hashable {
        /// Nothing.
        case identity
        /// x Phi(x), exact erf form.
        case gelu
        /// One of those of maps.
        case map(MapActivation)

        /// One of maps, or nothing.
        public init(_ activation: MapActivation) { self = activation == .none ? .identity : .map(activation) }
    }

    /// What a step computes.
    public enum Operation: Sendable {
        /// y = x W^T + b, row by row.
        case linear(Weights)
        /// A convolution over all channels of a map, padded with kernel / 2 zeros on each side.
        case convolution(Weights, MapWindow)
        /// A convolution of each channel by itself; see ``ImageOperations/depthwise(_:weights:_:into:)``.
        case depthwise(Weights, MapWindow)
        /// Layer norm over the columns, epsilon ``InferenceGraph/epsilon``.
        case layerNorm(gain: ParameterLayout.Entry, offset: ParameterLayout.Entry)
        /// The patches of an image, each in the order (row, column, channel).
        case patches(PatchGrid)
        /// y[0] = classToken + positions[0]; y[t] = x[t - 1] + positions[t].
        case tokens(classToken: ParameterLayout.Entry, positions: ParameterLayout.Entry)
        /// The first token.
        case first
        /// Of queries, keys and values: softmax(Q K^T / sqrt(headWidth)) V, head by head.
        case attention(headWidth: Int)
        /// The mean row.
        case mean
        /// x[p, c] hardSigmoid(g[c]) of a map and gates.
        case gate
        /// The mean over step x step places of a map, at the far ends over those that are there.
        case meanPool(MapWindow)
        /// The maximum over the kernel's places around every step-th place of a map, of those that are there.
        case maxPool(MapWindow)
    }

    /// One operation with what it reads and what it leaves: closing(function(operation(inputs)) + added).
    public struct Step: Sendable {
        /// What is computed.
        public let operation: Operation
        /// What is read.
        public let inputs: [Value]
        /// What follows a weight and its bias.
        public let function: Function
        /// What is added then, of the output's shape; nil for nothing.
        public let added: Value?
        /// What follows the sum.
        public let closing: Function
        /// What comes out.
        public let output: Value
    }

    /// What layer norms add to variances.
    public static let epsilon: Float = 1e-5

    /// The steps in the order of computing.
    public private(set) var steps: [Step] = []
    /// The shapes of values by their numbers.
    public private(set) var shapes: [Shape]

    /// Begins a graph over an input.
    public init(input: Shape) { shapes = [input] }

    /// What is read first.
    public var input: Value { Value(index: 0) }
    /// What comes out in the end.
    public var output: Value { Value(index: shapes.count - 1) }

    /// The shape of a value.
    public subscript(value: Value) -> Shape { shapes[value.index] }

    /// Adds a step.
    @discardableResult public mutating func add(
        _ operation: Operation, _ inputs: Value..., function: Function = .identity, adding added: Value? = nil,
        closing: Function = .identity
    ) -> Value {
        let shape = Self.shape(of: operation, self[inputs[0]])
        precondition(added != nil || closing == .identity, "what closes follows a sum")
        precondition(added.map { self[$0] == shape } ?? true, "what is added has the output's shape")
        shapes.append(shape)
        steps.append(
            Step(
                operation: operation, inputs: inputs, function: function, added: added, closing: closing, output: output
            ))
        return output
    }

    private static func shape(of operation: Operation, _ x: Shape) -> Shape {
        switch operation {
        case .linear(let weights): return x.with(columns: weights.weight.rows)
        case .convolution(let weights, let window):
            return .map(height: window.outHeight, width: window.outWidth, columns: weights.weight.rows)
        case .depthwise(_, let window), .meanPool(let window), .maxPool(let window):
            return .map(height: window.outHeight, width: window.outWidth, columns: x.columns)
        case .layerNorm, .attention, .gate: return x
        case .patches(let grid): return .tokens(count: grid.count, columns: grid.values)
        case .tokens: return .tokens(count: x.rows + 1, columns: x.columns)
        case .first, .mean: return .row(columns: x.columns)
        }
    }
}

extension InferenceGraph {
    /// Adds a linear layer.
    mutating func add(
        _ layer: LinearLayer, _ x: Value, function: Function = .identity, adding added: Value? = nil
    ) -> Value {
        add(.linear(Weights(layer.weight, bias: layer.bias)), x, function: function, adding: added)
    }

    /// Adds a layer norm.
    mutating func add(_ layer: NormLayer, _ x: Value) -> Value {
        add(.layerNorm(gain: layer.gain, offset: layer.offset), x)
    }
}
