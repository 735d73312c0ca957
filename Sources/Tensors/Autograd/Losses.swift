/// Softmax cross-entropy of logits against class labels, blended with that against a teacher's logits.
///
/// loss = (1 - w) H(t, softmax(z)) + w T^2 H(softmax(u / T), softmax(z / T)), where t = (1 - s) onehot(label) +
/// s / classes, of mixed examples with a onehot(label) + (1 - a) onehot(other) for onehot(label), u are the teacher's logits, w the soft weight, T the temperature and s the label smoothing. Hence
/// dloss/dz = (1 - w)(softmax(z) - t) + w T (softmax(z / T) - softmax(u / T)).
///
/// Source: Hinton et al., "Distilling the Knowledge in a Neural Network" (2015), section 2.
public struct CrossEntropy: Sendable {
    /// Label smoothing, 0 to 1.
    public let smoothing: Float
    /// Weight of the teacher, 0 (labels only) to 1.
    public let softWeight: Float
    /// Softening of both distributions, above 0.
    public let temperature: Float

    /// Creates the loss.
    public init(smoothing: Float = 0, softWeight: Float = 0, temperature: Float = 1) {
        precondition((0...1).contains(smoothing) && (0...1).contains(softWeight), "smoothing and weight are 0 to 1")
        precondition(temperature > 0, "a temperature is positive")
        self.smoothing = smoothing
        self.softWeight = softWeight
        self.temperature = temperature
    }

    /// What the examples of a shard add up to.
    public struct Sums: Sendable, Equatable {
        /// Sum of the losses over the examples, not their mean.
        public var loss: Double = 0
        /// Examples whose largest logit is at the label; the first of equal ones counts.
        public var correct = 0

        /// Creates the sums of no examples.
        public init() {}
    }

    /// The summed loss and hits of a batch; the gradient too where it is wanted.
    ///
    /// Shapes: logits, teacher and gradient (batch, classes), labels and those mixed in (batch). The gradient is multiplied by
    /// `gradientScale`: 1 / batch gives the gradient of the mean over all shards.
    public func callAsFunction(
        on backend: any Backend, logits: MatrixView, labels: UnsafeBufferPointer<Int32>, mixed: MixedLabels? = nil,
        teacher: MatrixView? = nil, gradient: MatrixView? = nil, gradientScale: Float = 1
    ) -> Sums {
        precondition(labels.count == logits.rows && logits.columns > 0, "every example has a label")
        precondition(mixed.map { $0.labels.count == labels.count } ?? true, "every mixed example has two labels")
        precondition(softWeight == 0 || teacher != nil, "a weight on a teacher needs a teacher")
        return backend.crossEntropy(
            self, logits: logits, labels: labels, mixed: mixed, teacher: teacher, gradient: gradient,
            gradientScale: gradientScale)
    }
}

/// The second labels of examples that were made of two.
public struct MixedLabels {
    /// The labels of what was mixed in, one for each example.
    public let labels: UnsafeBufferPointer<Int32>
    /// The share of the first label, 0 to 1.
    public let share: Float

    /// Takes both.
    public init(labels: UnsafeBufferPointer<Int32>, share: Float) {
        self.labels = labels
        self.share = share
    }
}

extension CrossEntropy.Sums {
    /// What the examples of two shards add up to.
    public static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.loss += right.loss
        sum.correct += right.correct
        return sum
    }
}

/// Mean squared error of outputs against targets, blended with that against a teacher's outputs.
///
/// loss = (1 - w) mean_o (z_o - t_o)^2 + w mean_o (z_o - u_o)^2 over the outputs o of an example, where t are the targets,
/// u the teacher's outputs and w the soft weight. Hence dloss/dz_o = 2 / outputs (z_o - (1 - w) t_o - w u_o).
public struct SquaredError: Sendable {
    /// Weight of the teacher, 0 (targets only) to 1.
    public let softWeight: Float

    /// Creates the loss.
    public init(softWeight: Float = 0) {
        precondition((0...1).contains(softWeight), "a weight is 0 to 1")
        self.softWeight = softWeight
    }

    /// The summed loss of a batch; the gradient too where it is wanted.
    ///
    /// Shapes: outputs, targets, teacher and gradient (batch, outputs). The gradient is multiplied by `gradientScale`.
    public func callAsFunction(
        on backend: any Backend, outputs: MatrixView, targets: MatrixView, teacher: MatrixView? = nil,
        gradient: MatrixView? = nil, gradientScale: Float = 1
    ) -> Double {
        precondition(
            targets.rows == outputs.rows && targets.columns == outputs.columns && outputs.columns > 0,
            "every output has a target")
        precondition(softWeight == 0 || teacher != nil, "a weight on a teacher needs a teacher")
        return backend.squaredError(
            self, outputs: outputs, targets: targets, teacher: teacher, gradient: gradient, gradientScale: gradientScale
        )
    }
}

/// What the errors of one output add up to over some examples.
public struct ErrorSums: Sendable, Equatable {
    /// Sum of the targets.
    public var target = 0.0
    /// Sum of the squares of the targets.
    public var targetSquares = 0.0
    /// Sum of the squares of the differences.
    public var squares = 0.0
    /// Sum of the absolute differences.
    public var absolutes = 0.0

    /// Creates the sums of no examples.
    public init() {}
}
