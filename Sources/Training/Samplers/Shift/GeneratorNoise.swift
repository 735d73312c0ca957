internal import Foundation
internal import Tensors

/// Gumbel noise for the choices of a step: a function of (seed, step, use, place) alone.
struct GeneratorNoise: Sendable {
    private let random: CounterRandom
    private let step: UInt64
    private let use: UInt32

    /// - Parameter use: Tells draws of one step apart.
    init(seed: UInt64, step: Int, use: Int) {
        random = CounterRandom(seed: seed, stream: .gumbel)
        self.step = UInt64(step)
        self.use = UInt32(use)
    }

    /// -log(-log(u)) of the uniform number at a place.
    subscript(place: Int) -> Float {
        let word = random.block(step: step, index: UInt32(place), lane: use).x
        return Float(-log(-log((Double(word) + 0.5) * 0x1p-32)))
    }
}
