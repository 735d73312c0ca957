internal import Foundation
public import SearchSpaces
internal import Supernets
internal import Synchronization
public import Tensors
internal import Training

/// What timing a network came to, beside a reference that was timed in turns with it.
public struct LatencyTiming: Sendable, Hashable {
    /// The trimmed median of the forward pass, in milliseconds.
    public let milliseconds: Double
    /// The median absolute deviation of those, in milliseconds.
    public let deviation: Double
    /// The trimmed median of the reference, in milliseconds.
    public let referenceMilliseconds: Double
    /// How many times as long as the reference the network took, by the fastest tenth of the passes of each.
    public let ratio: Double
    /// The median absolute deviation of the ratios of turns.
    public let ratioDeviation: Double
    /// The share of the passes that do not count, since the system took a processor away meanwhile.
    public let disturbed: Double
}

/// Times forward passes of networks of their own on this machine.
///
/// Threads stay on a processor each. After warm-ups, network and reference take turns of a pass that is not timed and some that are,
/// so that whatever else the machine does meanwhile slows both: the ratio of the two hardly changes with it. A pass during which a
/// thread had to wait for its processor is no pass of the network, and is made again, a bounded number of times. The lowest and the
/// highest tenth are dropped, medians and median absolute deviations told. Weights are initial ones, since a pass takes the same time
/// whatever their values; norms over examples are folded.
///
/// Source for the share that is dropped: Wang et al., "HAT: Hardware-aware transformers for efficient natural language processing"
/// (ACL 2020). Works on the calling thread, as worker 0, and is of one thread at a time.
public final class LatencyMeter {
    /// How it measures.
    public let settings: LatencySettings
    /// The device in words.
    public let device: String
    /// The architecture that all others are compared with.
    public let reference: Genome
    private let space: SearchSpace
    private let kernels: Kernels
    private let pool: WorkerPool
    private let processors: [Int32]
    private let referencePass: ForwardPass

    /// Makes the reference ready.
    ///
    /// - Parameters:
    ///   - space: A space whose networks are this program's.
    ///   - reference: Nil for the usual one; see ``LatencySample``.
    /// - Throws: `LatencyError.fewProcessors`, `notPinned` or `noNetworks`, or `ThreadError`.
    public init(
        _ space: SearchSpace, settings: LatencySettings, reference: Genome? = nil, kernels: Kernels
    ) throws {
        guard space.hasSupernet else { throw LatencyError.noNetworks(space: space.name) }
        let reference = space.canonical(reference ?? LatencySample.reference(of: space))
        self.space = space
        self.settings = settings
        self.kernels = kernels
        self.reference = reference
        device = LatencyDevice.here(kernels, settings: settings)
        let allowed = try ThreadAffinity.allowed()
        guard allowed.count >= settings.threads else {
            throw LatencyError.fewProcessors(threads: settings.threads, allowed: allowed.count)
        }
        // The first ones serve interrupts of most machines.
        let processors = Array(allowed.suffix(settings.threads).reversed())
        self.processors = processors
        let next = Atomic<Int>(1)
        let places = Shared(next)
        pool = try WorkerPool(count: settings.threads, kernels: kernels) {
            let place = places.next.add(1, ordering: .relaxed).oldValue
            // A thread that cannot be pinned is slower at worst, and the first one has told.
            try? ThreadAffinity.allow([processors[place]])
        }
        referencePass = ForwardPass(reference, in: space, settings, kernels)
    }

    /// Numbers for threads that start.
    private final class Shared: Sendable {
        let next: Atomic<Int>
        init(_ next: consuming Atomic<Int>) { self.next = next }
    }

    /// Times the network of a genome.
    ///
    /// - Parameter shouldStop: Asked between turns.
    /// - Returns: Nil when told to stop.
    /// - Throws: `LatencyError.notPinned`.
    public func measure(
        _ genome: Genome, shouldStop: () -> Bool = { false }
    ) throws(LatencyError) -> LatencyTiming? {
        let pass = ForwardPass(space.canonical(genome), in: space, settings, kernels)
        let before = try ThreadAffinity.allowed()
        try ThreadAffinity.allow([processors[0]])
        defer { try? ThreadAffinity.allow(before) }
        for _ in 0..<settings.warmUps {
            _ = referencePass.run(on: pool)
            _ = pass.run(on: pool)
        }
        var own = TimedPasses(), others = TimedPasses(), ratios: [Double] = []
        for turn in 0..<settings.turns {
            if shouldStop() { return nil }
            // Who comes first alternates.
            let order = turn % 2 == 1 ? [pass, referencePass] : [referencePass, pass]
            let found = order.map { TimedPasses($0, on: pool) }
            let (mine, reference) = turn % 2 == 1 ? (found[0], found[1]) : (found[1], found[0])
            own += mine
            others += reference
            ratios.append(
                TrimmedMedian(mine.milliseconds, trimmed: 0).value
                    / TrimmedMedian(reference.milliseconds, trimmed: 0).value)
        }
        let trimmed = LatencySettings.trimmed
        let median = TrimmedMedian(own.milliseconds, trimmed: trimmed)
        // What disturbs a pass makes it slower, never faster, and a virtual machine is not told when it has to wait.
        let fastest = Self.fastest(own.milliseconds) / Self.fastest(others.milliseconds)
        let ratio = TrimmedMedian(ratios, trimmed: trimmed)
        let passes = own.count + others.count
        return LatencyTiming(
            milliseconds: median.value, deviation: median.deviation,
            referenceMilliseconds: TrimmedMedian(others.milliseconds, trimmed: trimmed).value, ratio: fastest,
            ratioDeviation: ratio.deviation, disturbed: Double(own.disturbed + others.disturbed) / Double(passes))
    }
}

extension LatencyMeter {
    /// The slowest of the fastest tenth of some values, of which there is one at least.
    static func fastest(_ values: [Double]) -> Double { values.sorted()[(values.count - 1) / 10] }
}

/// Passes of one network that were timed.
private struct TimedPasses {
    /// Milliseconds of those that count.
    private(set) var milliseconds: [Double] = []
    /// All of them, and those that do not count.
    private(set) var count = 0
    private(set) var disturbed = 0

    /// How many passes are made at most for each that is to count.
    private static let tries = 8

    init() {}

    /// A turn: one pass that is not timed, then some that are. Where the processor was taken away from all, all count.
    init(_ pass: ForwardPass, on pool: WorkerPool) {
        _ = pass.run(on: pool)
        var all: [Double] = []
        while milliseconds.count < LatencySettings.runs, count < Self.tries * LatencySettings.runs {
            let start = ContinuousClock.now
            let isUndisturbed = pass.run(on: pool)
            all.append(start.duration(to: .now).seconds * 1e3)
            count += 1
            if isUndisturbed { milliseconds.append(all[count - 1]) } else { disturbed += 1 }
        }
        if milliseconds.isEmpty { milliseconds = all }
    }

    static func += (left: inout TimedPasses, right: TimedPasses) {
        left.milliseconds += right.milliseconds
        left.count += right.count
        left.disturbed += right.disturbed
    }
}

/// The median of some values without the lowest and the highest, and how far these lie from it.
struct TrimmedMedian: Equatable {
    /// The median.
    let value: Double
    /// The median absolute deviation.
    let deviation: Double

    /// - Parameters:
    ///   - values: At least one.
    ///   - share: What is left out at each end, below a half.
    init(_ values: [Double], trimmed share: Double) {
        let left = Int(Double(values.count) * share)
        let kept = values.sorted().dropFirst(left).dropLast(left)
        let median = Self.median(Array(kept))
        value = median
        deviation = Self.median(kept.map { abs($0 - median) }.sorted())
    }

    private static func median(_ sorted: [Double]) -> Double {
        precondition(!sorted.isEmpty, "a median is of something")
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
}

/// A network of its own with all that a forward pass of it takes.
private final class ForwardPass {
    private let network: any Supernet
    private let genome: Genome
    private let store: ParameterStore
    /// Examples of each thread, with the memory that they are computed in.
    private let parts: [(inputs: MatrixView, tape: Tape)]
    /// What the views of inputs are of.
    private let inputs: FloatBuffer

    init(_ genome: Genome, in space: SearchSpace, _ settings: LatencySettings, _ kernels: Kernels) {
        self.genome = genome
        let whole = space.standalone(genome)
        var values = FloatBuffer(count: whole.layout.floatCount)
        whole.initialize(values, seed: 0, on: kernels)
        if let calibrated = whole as? any CalibratedSupernet {
            network = calibrated.folded
            let folded = FloatBuffer(count: network.layout.floatCount)
            calibrated.fold(values, into: folded, on: kernels)
            values = folded
        } else {
            network = whole
        }
        store = ParameterStore(values: values, gradients: values)
        let size = space.signature.inputCount
        inputs = FloatBuffer(count: settings.batch * size)
        let random = CounterRandom(seed: 0, stream: .order)
        let all = inputs.matrix(rows: settings.batch, columns: size)
        kernels.fill(all) { random.uniform(step: 0, index: UInt32(truncatingIfNeeded: $0)) }
        let (network, threads) = (network, settings.threads)
        parts = (0..<threads).map { part in
            let rows = settings.batch * part / threads..<settings.batch * (part + 1) / threads
            let arena = Arena(floats: network.arenaFloats(batch: rows.count, for: .evaluation))
            return (
                all.block(row: rows.lowerBound, column: 0, rows: rows.count, columns: size),
                Tape(backend: kernels, arena: arena)
            )
        }
    }

    /// Whether every thread had its processor all the time.
    func run(on pool: WorkerPool) -> Bool {
        let isUndisturbed = Atomic<Bool>(true)
        pool.run(parts.count) { _, part in
            let start = ContinuousClock.now, worked = Benchmarking.threadSeconds
            network.evaluate(parts[part].inputs, as: [genome], with: store, on: parts[part].tape) { _, _ in }
            let took = start.duration(to: .now).seconds, waited = took - (Benchmarking.threadSeconds - worked)
            if waited > max(Self.leastWait, Self.waitShare * took) { isUndisturbed.store(false, ordering: .relaxed) }
        }
        return isUndisturbed.load(ordering: .relaxed)
    }

    /// Seconds, and the share of a pass, that a thread waits when it has to: two clocks are read one after the other.
    private static let leastWait = 2e-5, waitShare = 0.02
}
