internal import SearchSpaces
internal import Supernets

/// The trained weights cut into pieces that workers update one by one, each at one rate.
///
/// Pieces depend on the weights alone, never on the number of workers, so sums over them in order have the same bits.
struct UpdatePlan: Sendable {
    /// Some weights and their rate.
    struct Piece: Sendable, Equatable {
        /// Which weights.
        let range: Range<Int>
        /// Their learning rate in units of the schedule's.
        let rate: Float
        /// Whether they decay.
        let isDecayed: Bool
    }

    /// In ascending order, with gaps only where nothing is updated.
    let pieces: [Piece]

    /// Floats of a piece at most.
    private static let longest = 1 << 15

    /// Cuts the weights of a supernet; routers of a mixture have a rate of their own.
    init(_ supernet: any Supernet) {
        let rate = Float(supernet.mixture?.settings.rate ?? 1)
        let routers = rate == 1 ? [] : supernet.mixture?.routerRanges ?? []
        // What is measured on data is no optimiser's.
        let statistics = supernet.trainedLayout.ranges(of: .statistic)
        let fixed = [ParameterLayout.Role.bias, .gain, .transform].filter { !supernet.isDecayed($0) }
            .flatMap { supernet.trainedLayout.ranges(of: $0) }
        // A router's bias is both.
        let exceptions =
            routers.map { Exception(range: $0, rate: rate, isDecayed: !fixed.contains($0)) }
            + statistics.map { Exception(range: $0, rate: nil) }
            + fixed.filter { !routers.contains($0) }.map { Exception(range: $0, rate: 1, isDecayed: false) }
        self.init(
            count: supernet.trainedLayout.floatCount,
            exceptions: exceptions.sorted { $0.range.lowerBound < $1.range.lowerBound })
    }

    /// A range with a rate of its own, nil for what is not updated at all.
    struct Exception {
        let range: Range<Int>
        let rate: Float?
        var isDecayed = true
    }

    /// - Parameter exceptions: In ascending order, none over another.
    init(count: Int, exceptions: [Exception]) {
        var pieces: [Piece] = []
        func cut(_ range: Range<Int>, _ rate: Float, isDecayed: Bool = true) {
            for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.longest) {
                pieces.append(
                    Piece(
                        range: start..<min(start + Self.longest, range.upperBound), rate: rate,
                        isDecayed: isDecayed))
            }
        }
        var reached = 0
        for exception in exceptions {
            cut(reached..<exception.range.lowerBound, 1)
            if let rate = exception.rate { cut(exception.range, rate, isDecayed: exception.isDecayed) }
            reached = exception.range.upperBound
        }
        cut(reached..<count, 1)
        self.pieces = pieces
    }
}

/// What a training step came to.
public struct StepResult: Sendable, Equatable {
    /// Mean loss of each pass over the batch, in the order of the sampler.
    public let losses: [Double]
    /// The norm of the gradient before clipping; nil where nothing clips.
    public let gradientNorm: Double?
    /// The learning rate of the step, lowered where training had diverged.
    public let learningRate: Double

    /// Creates the result of a step.
    package init(losses: [Double], gradientNorm: Double?, learningRate: Double) {
        self.losses = losses
        self.gradientNorm = gradientNorm
        self.learningRate = learningRate
    }

    /// Mean over the passes.
    public var loss: Double { losses.isEmpty ? 0 : losses.reduce(0, +) / Double(losses.count) }

    /// Whether every number is finite; training that is not has diverged.
    public var isFinite: Bool { losses.allSatisfy(\.isFinite) && loss.isFinite && (gradientNorm?.isFinite ?? true) }
}
