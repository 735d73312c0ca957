internal import Foundation

/// The learning rate as a pure function of the step: a linear warm-up, then half a cosine down to 0 or a constant.
///
/// rate(step) = peak (step + 1) / warmup for step < warmup; after that
/// peak (1 + cos(pi (step - warmup) / (steps - warmup))) / 2, or peak.
public struct LearningRate: Sendable, Equatable {
    /// The course after the warm-up.
    public enum Course: Sendable, Equatable {
        /// Falls to 0 along half a cosine.
        case cosine
        /// Stays at the peak.
        case constant
    }

    /// The greatest rate.
    public let peak: Double
    /// Steps over which the rate rises.
    public let warmup: Int
    /// Steps in all.
    public let steps: Int
    /// The course after the warm-up.
    public let course: Course

    /// Creates a schedule; the warm-up is no longer than the whole.
    public init(peak: Double, warmup: Int = 0, steps: Int, course: Course = .cosine) {
        precondition(warmup >= 0 && warmup <= steps, "a warm-up is part of the training")
        self.peak = peak
        self.warmup = warmup
        self.steps = steps
        self.course = course
    }

    /// The rate of a step, counted from 0.
    public func rate(at step: Int) -> Double {
        if step < warmup { return peak * Double(step + 1) / Double(warmup) }
        guard course == .cosine, steps > warmup else { return peak }
        let share = min(1, Double(step - warmup) / Double(steps - warmup))
        return peak * 0.5 * (1 + cos(Double.pi * share))
    }
}
