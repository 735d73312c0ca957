/// The independent streams of random numbers that a run draws from.
///
/// Two draws never share a number as long as they differ in seed, stream, step or index.
public enum RandomStream: UInt32, Sendable, CaseIterable {
    /// Initial weights.
    case initialization = 0
    /// Order of the training samples.
    case order = 1
    /// Shifts and flips of images.
    case augmentation = 2
    /// Which subnets a step trains.
    case subnet = 3
    /// Gumbel noise of differentiable choices.
    case gumbel = 4
    /// Dropout masks.
    case dropout = 5
    /// Search algorithms.
    case search = 6
    /// Splits of a data set.
    case split = 7
    /// The generated glyph images.
    case glyphs = 8
}

/// Counter-based random numbers: a value is a pure function of (seed, stream, step, index).
///
/// The generator is Philox 4x32 with 10 rounds. Nothing is ever saved or advanced, so a resumed run needs only its
/// step number, and workers may draw in any order.
///
/// Source: Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3" (SC 2011), section 3.3.
public struct CounterRandom: Sendable {
    private let key: SIMD2<UInt32>
    private let stream: UInt32

    /// Creates the numbers of one stream of one seed.
    public init(seed: UInt64, stream: RandomStream) {
        key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
        self.stream = stream.rawValue
    }

    /// The four 32-bit words of the block at (step, index); `lane` tells uses of one step apart.
    ///
    /// The stream and the upper bits of the step share one counter word: steps below 2^56 are distinct.
    @inlinable
    public func block(step: UInt64, index: UInt32, lane: UInt32 = 0) -> SIMD4<UInt32> {
        let low = UInt32(truncatingIfNeeded: step)
        let high = UInt32(truncatingIfNeeded: step >> 32) & 0x00FF_FFFF
        return philox(SIMD4(index, low, high | streamWord, lane))
    }

    /// A float in [0, 1) with 24 random bits.
    @inlinable
    public func uniform(step: UInt64, index: UInt32) -> Float {
        Float(block(step: step, index: index).x >> 8) * 0x1p-24
    }

    /// A generator that reads the numbers of one step in order.
    ///
    /// - Parameter lane: Tells uses of one step apart.
    public func generator(step: UInt64, lane: Int = 0) -> CounterGenerator {
        CounterGenerator(source: self, step: step, lane: UInt32(lane))
    }

    @usableFromInline
    var streamWord: UInt32 { stream << 24 }

    @usableFromInline
    func philox(_ input: SIMD4<UInt32>) -> SIMD4<UInt32> {
        var counter = input
        var roundKey = key
        for _ in 0..<10 {
            let first = UInt64(0xD251_1F53) * UInt64(counter.x)
            let second = UInt64(0xCD9E_8D57) * UInt64(counter.z)
            counter = SIMD4(
                UInt32(truncatingIfNeeded: second >> 32) ^ counter.y ^ roundKey.x,
                UInt32(truncatingIfNeeded: second),
                UInt32(truncatingIfNeeded: first >> 32) ^ counter.w ^ roundKey.y,
                UInt32(truncatingIfNeeded: first))
            roundKey = SIMD2(roundKey.x &+ 0x9E37_79B9, roundKey.y &+ 0xBB67_AE85)
        }
        return counter
    }
}

/// A standard generator over one (seed, stream, step); feeds `random(in:using:)` and `shuffled(using:)`.
public struct CounterGenerator: RandomNumberGenerator, Sendable {
    private let source: CounterRandom
    private let step: UInt64
    private let lane: UInt32
    private var index: UInt32 = 0
    private var spare: UInt64?

    init(source: CounterRandom, step: UInt64, lane: UInt32 = 0) {
        self.source = source
        self.step = step
        self.lane = lane
    }

    /// Creates a generator for one step of a stream.
    public init(seed: UInt64, stream: RandomStream, step: UInt64) {
        self.init(source: CounterRandom(seed: seed, stream: stream), step: step)
    }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 {
        if let value = spare {
            spare = nil
            return value
        }
        let words = source.block(step: step, index: index, lane: lane)
        index &+= 1
        spare = UInt64(words.z) | UInt64(words.w) << 32
        return UInt64(words.x) | UInt64(words.y) << 32
    }
}
