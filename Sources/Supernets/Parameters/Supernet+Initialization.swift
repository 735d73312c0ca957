internal import Foundation
public import Tensors

extension Supernet {
    /// Fills a buffer of the ``trainedLayout`` with initial weights as the layout declares them: a function of the seed and
    /// the position alone.
    public func initialize(_ values: FloatBuffer, seed: UInt64, on backend: any Backend) {
        let layout = trainedLayout
        precondition(values.count == layout.floatCount, "the buffer has the trained layout")
        let random = CounterRandom(seed: seed, stream: .initialization)
        for entry in layout.entries {
            switch entry.initial {
            case .constant(let value): backend.fill(entry.view(of: values), with: value)
            case .normal(let deviation):
                backend.fill(entry.view(of: values)) { place in
                    // Positions past 2^32 count on in even steps; odd ones are the generator's.
                    let at = entry.offset + place
                    let words = random.block(step: (UInt64(at) >> 32) << 1, index: UInt32(truncatingIfNeeded: at))
                    return deviation * Self.gaussian(words)
                }
            }
        }
        mixture?.copyExperts(in: values, on: backend)
    }

    /// A standard normal value from two words of a block, by Box and Muller.
    private static func gaussian(_ words: SIMD4<UInt32>) -> Float {
        let radius = (-2 * log((Double(words.x) + 0.5) * 0x1p-32)).squareRoot()
        return Float(radius * cos(2 * Double.pi * Double(words.y) * 0x1p-32))
    }
}
