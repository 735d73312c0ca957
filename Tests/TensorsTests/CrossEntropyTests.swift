import Foundation
import TestSupport
import Testing

@testable import Tensors

@Suite struct CrossEntropyTests {
    let kernels: Kernels

    init() throws { kernels = try Kernels() }

    /// By hand: logits (0, ln 3) give probabilities (1/4, 3/4).
    @Test func handComputed() {
        let logits = buffer([0, Float(log(3.0))]).matrix(rows: 1, columns: 2)
        let labels: [Int32] = [1]
        let sums = labels.withUnsafeBufferPointer { CrossEntropy()(on: kernels, logits: logits, labels: $0) }
        #expect(abs(sums.loss - log(4.0 / 3)) < 1e-6)
        #expect(sums.correct == 1)
        // Smoothing 0.2 over two classes: target (0.1, 0.9).
        let smooth = labels.withUnsafeBufferPointer {
            CrossEntropy(smoothing: 0.2)(on: kernels, logits: logits, labels: $0)
        }
        #expect(abs(smooth.loss - (0.1 * log(4.0) + 0.9 * log(4.0 / 3))) < 1e-6)
    }

    /// A teacher that agrees with the student: the soft part is the entropy, its gradient 0.
    @Test func teacherOfTheSameLogits() {
        let logits = buffer([0, Float(log(3.0))]).matrix(rows: 1, columns: 2)
        let gradient = zeros(2).matrix(rows: 1, columns: 2)
        let labels: [Int32] = [0]
        let sums = labels.withUnsafeBufferPointer {
            CrossEntropy(softWeight: 1)(on: kernels, logits: logits, labels: $0, teacher: logits, gradient: gradient)
        }
        #expect(abs(sums.loss - (0.25 * log(4.0) + 0.75 * log(4.0 / 3))) < 1e-6)
        expectClose([gradient.base[0], gradient.base[1]], [0, 0], tolerance: 1e-7)
    }

    @Test(
        arguments: [(0, 0, 1), (0.1, 0, 1), (0, 0.5, 1), (0.1, 1, 1), (0.1, 0.5, 3)] as [(Float, Float, Float)])
    func gradientIsThatOfTheLoss(smoothing: Float, softWeight: Float, temperature: Float) {
        var random = SeededGenerator(1)
        let (batch, classes) = (4, 5)
        let values = random.floats(batch * classes, in: -2...2)
        let soft = buffer(random.floats(batch * classes, in: -2...2)).matrix(rows: batch, columns: classes)
        let labels: [Int32] = [0, 4, 2, 2]
        let loss = CrossEntropy(smoothing: smoothing, softWeight: softWeight, temperature: temperature)
        let logits = buffer(values).matrix(rows: batch, columns: classes)
        let gradient = zeros(values.count).matrix(rows: batch, columns: classes)
        labels.withUnsafeBufferPointer { labels in
            _ = loss(
                on: kernels, logits: logits, labels: labels, teacher: soft, gradient: gradient, gradientScale: 0.25)
            var numeric: [Double] = []
            for index in values.indices {
                logits.base[index] = values[index] + 1.0 / 512
                let above = loss(on: kernels, logits: logits, labels: labels, teacher: soft).loss
                logits.base[index] = values[index] - 1.0 / 512
                numeric.append(
                    0.25 * (above - loss(on: kernels, logits: logits, labels: labels, teacher: soft).loss) * 256)
                logits.base[index] = values[index]
            }
            expectClose((0..<values.count).map { gradient.base[$0] }, numeric, tolerance: 1e-4)
        }
    }

    /// The loss of mixed examples is that of both labels by their shares, and so is its gradient.
    @Test(arguments: [(0, 0), (0.1, 0), (0.1, 0.5)] as [(Float, Float)])
    func mixedExamples(smoothing: Float, softWeight: Float) {
        var random = SeededGenerator(2)
        let logits = buffer(random.floats(15, in: -2...2)).matrix(rows: 3, columns: 5)
        let soft = buffer(random.floats(15, in: -2...2)).matrix(rows: 3, columns: 5)
        let loss = CrossEntropy(smoothing: smoothing, softWeight: softWeight)
        let labels: [Int32] = [0, 4, 2], others: [Int32] = [1, 4, 0]
        func computed(_ labels: [Int32], _ others: [Int32]? = nil) -> (CrossEntropy.Sums, [Double]) {
            let gradient = zeros(15).matrix(rows: 3, columns: 5)
            let sums = labels.withUnsafeBufferPointer { labels in
                (others ?? []).withUnsafeBufferPointer { other in
                    loss(
                        on: kernels, logits: logits, labels: labels,
                        mixed: others == nil ? nil : MixedLabels(labels: other, share: 0.75), teacher: soft,
                        gradient: gradient)
                }
            }
            return (sums, (0..<15).map { Double(gradient.base[$0]) })
        }
        let (first, firstGradient) = computed(labels), (second, secondGradient) = computed(others)
        let (mixed, gradient) = computed(labels, others)
        #expect(abs(mixed.loss - 0.75 * first.loss - 0.25 * second.loss) < 1e-6 && mixed.correct == first.correct)
        expectClose(
            gradient.map { Float($0) }, zip(firstGradient, secondGradient).map { 0.75 * $0 + 0.25 * $1 },
            tolerance: 1e-6)
    }

    @Test func extremeLogitsStayFinite() {
        let logits = buffer([1e30, -1e30, 0, 3e4, -3e4, 0]).matrix(rows: 2, columns: 3)
        let gradient = zeros(6).matrix(rows: 2, columns: 3)
        let labels: [Int32] = [0, 0]
        let sums = labels.withUnsafeBufferPointer {
            CrossEntropy()(on: kernels, logits: logits, labels: $0, gradient: gradient)
        }
        #expect(sums.loss == 0 && sums.correct == 2)
        expectClose((0..<6).map { gradient.base[$0] }, [0, 0, 0, 0, 0, 0])
    }
}
