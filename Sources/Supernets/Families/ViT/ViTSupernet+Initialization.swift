internal import Foundation
public import Tensors

extension ViTSupernet {
    /// Fills a buffer with initial weights: N(0, 0.02) for weights and positions, 1 for norm gains, 0 for biases, the
    /// class token and the head. A weight is a function of the seed and its position alone.
    public func initialize(_ values: FloatBuffer, seed: UInt64) {
        precondition(values.count == layout.floatCount, "the buffer has the network's layout")
        let random = CounterRandom(seed: seed, stream: .initialization)
        for entry in layout.entries {
            let isGain = entry.name.hasSuffix("Norm.weight")
            let isNormal = !isGain && !entry.name.hasPrefix("head.") && entry.rows > 1
            for index in 0..<entry.rows * entry.columns {
                let at = entry.offset + index
                values.base[at] =
                    isGain ? 1 : isNormal ? 0.02 * Self.gaussian(random.block(step: 0, index: UInt32(at))) : 0
            }
        }
    }

    /// A standard normal value from two words of a block, by Box and Muller.
    private static func gaussian(_ words: SIMD4<UInt32>) -> Float {
        let radius = (-2 * log((Double(words.x) + 0.5) * 0x1p-32)).squareRoot()
        return Float(radius * cos(2 * Double.pi * Double(words.y) * 0x1p-32))
    }
}
