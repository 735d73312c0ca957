internal import Foundation
public import Tensors

extension ViTSupernet {
    /// Fills a buffer with initial weights: N(0, 1 / (3 inputs)) for weights, N(0, 0.3^2) for positions, 1 for norm gains,
    /// 0 for biases, the class token and the head. A weight is a function of the seed and its position alone.
    ///
    /// Positions are as large as the embedded patches: with the usual 0.02 they drown, and short trainings lose by it
    /// (Documentation/evidence/foundation.md).
    public func initialize(_ values: FloatBuffer, seed: UInt64, on backend: any Backend) {
        let layout = trainedLayout
        precondition(values.count == layout.floatCount, "the buffer has the trained layout")
        let random = CounterRandom(seed: seed, stream: .initialization)
        for entry in layout.entries {
            let deviation = mixture?.deviation(of: entry) ?? Self.deviation(of: entry)
            let constant: Float = entry.name.hasSuffix("Norm.weight") ? 1 : 0
            guard deviation > 0 else {
                backend.fill(entry.view(of: values), with: constant)
                continue
            }
            backend.fill(entry.view(of: values)) { place in
                // Positions past 2^32 count on in even steps; odd ones are the generator's.
                let at = entry.offset + place
                let words = random.block(step: (UInt64(at) >> 32) << 1, index: UInt32(truncatingIfNeeded: at))
                return deviation * Self.gaussian(words)
            }
        }
        mixture?.copyExperts(in: values, on: backend)
    }

    private static let positionDeviation: Float = 0.3

    private static func deviation(of entry: ParameterLayout.Entry) -> Float {
        if entry.name == "positions" { return positionDeviation }
        guard entry.rows > 1, !entry.name.hasPrefix("head.") else { return 0 }
        return 1 / (3 * Float(entry.columns)).squareRoot()
    }

    /// A standard normal value from two words of a block, by Box and Muller.
    private static func gaussian(_ words: SIMD4<UInt32>) -> Float {
        let radius = (-2 * log((Double(words.x) + 0.5) * 0x1p-32)).squareRoot()
        return Float(radius * cos(2 * Double.pi * Double(words.y) * 0x1p-32))
    }
}
