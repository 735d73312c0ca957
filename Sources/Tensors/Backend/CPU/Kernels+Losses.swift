internal import Foundation

// What each method does is said at `Backend`.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Kernels {
    public func crossEntropy(
        _ loss: CrossEntropy, logits: MatrixView, labels: UnsafeBufferPointer<Int32>, mixed: MixedLabels?,
        teacher: MatrixView?, gradient: MatrixView?, gradientScale: Float
    ) -> CrossEntropy.Sums {
        var sums = CrossEntropy.Sums()
        let classes = logits.columns
        let hard = Double(1 - loss.softWeight), soft = Double(loss.softWeight)
        let warmth = Double(loss.temperature)
        for example in 0..<logits.rows {
            let z = logits.row(example)
            let label = Int(labels[example])
            precondition(label >= 0 && label < classes, "a label names a class")
            let other = mixed.map { Int($0.labels[example]) } ?? label
            precondition(other >= 0 && other < classes, "a label names a class")
            let rest = Double(1 - loss.smoothing)
            let own = mixed.map { rest * Double($0.share) } ?? rest
            if Self.indexOfLargest(z) == label { sums.correct += 1 }
            let total = Self.logSum(z, 1)
            let softTotal = soft > 0 ? Self.logSum(z, warmth) : 0
            let teacherLogits = soft > 0 ? teacher?.row(example) : nil
            let teacherTotal = teacherLogits.map { Self.logSum($0, warmth) } ?? 0
            for c in 0..<classes {
                var target = Double(loss.smoothing) / Double(classes) + (c == label ? own : 0)
                if mixed != nil, c == other { target += rest - own }
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

    public func shortfalls(logits: MatrixView, labels: UnsafeBufferPointer<Int32>) -> [Float] {
        (0..<logits.rows).map { example in
            let z = logits.row(example), label = Int(labels[example])
            var other = -Float.infinity, magnitude: Float = 0, isFinite = true
            for c in z.indices {
                isFinite = isFinite && z[c].isFinite
                magnitude = max(magnitude, abs(z[c]))
                if c != label { other = max(other, z[c]) }
            }
            guard isFinite else { return -.infinity }
            return magnitude > 0 ? (other - z[label]) / magnitude : 0
        }
    }

    public func squaredError(
        _ loss: SquaredError, outputs: MatrixView, targets: MatrixView, teacher: MatrixView?, gradient: MatrixView?,
        gradientScale: Float
    ) -> Double {
        let soft = Double(loss.softWeight), hard = 1 - soft, share = 1 / Double(outputs.columns)
        var sum = 0.0
        for example in 0..<outputs.rows {
            let z = outputs.row(example), t = targets.row(example)
            let u = soft > 0 ? teacher?.row(example) : nil
            for o in 0..<outputs.columns {
                let away = Double(z[o]) - Double(t[o])
                var slope = hard * away
                if hard != 0 { sum += hard * share * away * away }
                if let u {
                    let awayFromTeacher = Double(z[o]) - Double(u[o])
                    sum += soft * share * awayFromTeacher * awayFromTeacher
                    slope += soft * awayFromTeacher
                }
                if let gradient { gradient.row(example)[o] = Float(2 * share * slope) * gradientScale }
            }
        }
        return sum
    }

    public func errorSums(outputs: MatrixView, targets: MatrixView) -> [ErrorSums] {
        var sums = [ErrorSums](repeating: ErrorSums(), count: outputs.columns)
        for example in 0..<outputs.rows {
            let z = outputs.row(example), t = targets.row(example)
            for o in 0..<outputs.columns {
                let target = Double(t[o]), away = Double(z[o]) - target
                sums[o].target += target
                sums[o].targetSquares += target * target
                sums[o].squares += away * away
                sums[o].absolutes += abs(away)
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
