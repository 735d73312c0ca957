internal import Foundation

/// Softmax cross-entropy of logits against class labels, soft targets, or a blend of both.
///
/// The target of an example is t = (1 - soft weight) ((1 - s) onehot(label) + s / classes) + soft weight * softTarget,
/// with s the label smoothing. loss = -sum_c t_c log softmax(z)_c, and dloss/dz = softmax(z) - t because t sums to 1.
public struct CrossEntropy: Sendable {
    /// Label smoothing, 0 to 1.
    public let smoothing: Float
    /// Weight of the soft targets, 0 (labels only) to 1.
    public let softWeight: Float

    /// Creates the loss.
    public init(smoothing: Float = 0, softWeight: Float = 0) {
        precondition((0...1).contains(smoothing) && (0...1).contains(softWeight), "smoothing and weight are 0 to 1")
        self.smoothing = smoothing
        self.softWeight = softWeight
    }

    /// What the examples of a shard add up to.
    public struct Sums: Sendable, Equatable {
        /// Sum of the losses over the examples, not their mean.
        public var loss: Double = 0
        /// Examples whose largest logit is at the label; the first of equal ones counts.
        public var correct = 0
    }

    /// The summed loss and hits of a batch; the gradient too where it is wanted.
    ///
    /// Shapes: logits, softTargets and gradient (batch, classes), labels (batch). The gradient is multiplied by
    /// `gradientScale`: 1 / batch gives the gradient of the mean over all shards.
    public func callAsFunction(
        logits: MatrixView, labels: UnsafeBufferPointer<Int32>, softTargets: MatrixView? = nil,
        gradient: MatrixView? = nil, gradientScale: Float = 1
    ) -> Sums {
        precondition(labels.count == logits.rows && logits.columns > 0, "every example has a label")
        precondition(softWeight == 0 || softTargets != nil, "a weight on soft targets needs soft targets")
        var sums = Sums()
        let classes = logits.columns
        for example in 0..<logits.rows {
            let z = logits.row(example)
            let label = Int(labels[example])
            precondition(label >= 0 && label < classes, "a label names a class")
            var best = 0
            for c in 1..<max(1, classes) where z[c] > z[best] { best = c }
            if best == label { sums.correct += 1 }
            var total = 0.0
            for c in 0..<classes { total += exp(Double(z[c] - z[best])) }
            let logTotal = log(total) + Double(z[best])
            var loss = 0.0
            for c in 0..<classes {
                var target = smoothing / Float(classes) + (c == label ? 1 - smoothing : 0)
                if softWeight > 0, let soft = softTargets {
                    target = (1 - softWeight) * target + softWeight * soft.row(example)[c]
                }
                let logProbability = Double(z[c]) - logTotal
                if target != 0 { loss -= Double(target) * logProbability }
                if let gradient {
                    gradient.row(example)[c] = (Float(exp(logProbability)) - target) * gradientScale
                }
            }
            sums.loss += loss
        }
        return sums
    }
}
