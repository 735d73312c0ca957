internal import Foundation

/// Softmax cross-entropy of logits against class labels, blended with that against a teacher's logits.
///
/// loss = (1 - w) H(t, softmax(z)) + w T^2 H(softmax(u / T), softmax(z / T)), where t = (1 - s) onehot(label) +
/// s / classes, u are the teacher's logits, w the soft weight, T the temperature and s the label smoothing. Hence
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
    /// Shapes: logits, teacher and gradient (batch, classes), labels (batch). The gradient is multiplied by
    /// `gradientScale`: 1 / batch gives the gradient of the mean over all shards.
    public func callAsFunction(
        logits: MatrixView, labels: UnsafeBufferPointer<Int32>, teacher: MatrixView? = nil,
        gradient: MatrixView? = nil, gradientScale: Float = 1
    ) -> Sums {
        precondition(labels.count == logits.rows && logits.columns > 0, "every example has a label")
        precondition(softWeight == 0 || teacher != nil, "a weight on a teacher needs a teacher")
        var sums = Sums()
        let classes = logits.columns
        let hard = Double(1 - softWeight), soft = Double(softWeight), warmth = Double(temperature)
        for example in 0..<logits.rows {
            let z = logits.row(example)
            let label = Int(labels[example])
            precondition(label >= 0 && label < classes, "a label names a class")
            if Self.indexOfLargest(z) == label { sums.correct += 1 }
            let total = Self.logSum(z, 1)
            let softTotal = soft > 0 ? Self.logSum(z, warmth) : 0
            let teacherLogits = soft > 0 ? teacher?.row(example) : nil
            let teacherTotal = teacherLogits.map { Self.logSum($0, warmth) } ?? 0
            for c in 0..<classes {
                let target = Double(smoothing) / Double(classes) + (c == label ? Double(1 - smoothing) : 0)
                let logProbability = Double(z[c]) - total
                var slope = hard * (exp(logProbability) - target)
                // 0 times an infinite logarithm is 0 here.
                if target != 0, hard != 0 { sums.loss -= hard * target * logProbability }
                if let teacherLogits {
                    let softTarget = exp(Double(teacherLogits[c]) / warmth - teacherTotal)
                    let softLog = Double(z[c]) / warmth - softTotal
                    if softTarget != 0 { sums.loss -= soft * warmth * warmth * softTarget * softLog }
                    slope += soft * warmth * (exp(softLog) - softTarget)
                }
                if let gradient { gradient.row(example)[c] = Float(slope) * gradientScale }
            }
        }
        return sums
    }

    private static func indexOfLargest(_ values: UnsafeMutableBufferPointer<Float>) -> Int {
        var best = 0
        for c in values.indices where values[c] > values[best] { best = c }
        return best
    }

    /// log(sum_c exp(z_c / temperature)), shifted by the largest so that nothing overflows.
    private static func logSum(_ z: UnsafeMutableBufferPointer<Float>, _ temperature: Double) -> Double {
        let largest = Double(z[indexOfLargest(z)]) / temperature
        var total = 0.0
        for value in z { total += exp(Double(value) / temperature - largest) }
        return log(total) + largest
    }
}
