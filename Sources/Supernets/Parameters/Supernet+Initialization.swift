internal import Foundation
public import Tensors

extension Supernet {
    /// Fills a buffer of the ``trainedLayout`` with initial weights as the layout declares them: a function of the seed, the
    /// parameter's name, the row and the column alone.
    ///
    /// So networks that are compared begin with the same values wherever they have the same parameters, whatever else lies
    /// before these in their layouts and however large they are: common random numbers.
    public func initialize(_ values: FloatBuffer, seed: UInt64, on backend: any Backend) {
        let layout = trainedLayout
        precondition(values.count == layout.floatCount, "the buffer has the trained layout")
        let random = CounterRandom(seed: seed, stream: .initialization)
        for entry in layout.entries {
            let draws: [ParameterLayout.Draw]
            switch entry.initial {
            case .constant(let value):
                backend.fill(entry.view(of: values), with: value)
                continue
            case .identity:
                backend.fill(entry.view(of: values)) { $0 / entry.columns == $0 % entry.columns ? 1 : 0 }
                continue
            case .normal(let deviation):
                #if NASD_INITIAL_BY_PLACE
                    // By the place in the layout, as earlier versions drew them, for comparisons with these.
                    backend.fill(entry.view(of: values)) { place in
                        let at = entry.offset + place
                        let words = random.block(step: (UInt64(at) >> 32) << 1, index: UInt32(truncatingIfNeeded: at))
                        return deviation * Self.gaussian(words)
                    }
                    continue
                #else
                    draws = [.init(entry.name, deviation: deviation)]
                #endif
            case .sum(let terms): draws = terms
            }
            let terms = draws.map { (step: Self.step(of: $0.name), deviation: $0.deviation) }
            backend.fill(entry.view(of: values)) { place in
                let (row, column) = place.quotientAndRemainder(dividingBy: entry.columns)
                return terms.reduce(0) { sum, term in
                    let words = random.block(step: term.step, index: UInt32(column), lane: UInt32(row))
                    return sum + term.deviation * Self.gaussian(words)
                }
            }
        }
    }

    /// The step of the stream that a name stands for: 55 bits of its FNV-1a hash, as an even number. Odd ones are the
    /// generator's.
    private static func step(of name: String) -> UInt64 {
        let hash = name.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return (hash >> 9) << 1
    }

    /// A standard normal value from two words of a block, by Box and Muller.
    private static func gaussian(_ words: SIMD4<UInt32>) -> Float {
        let radius = (-2 * log((Double(words.x) + 0.5) * 0x1p-32)).squareRoot()
        return Float(radius * cos(2 * Double.pi * Double(words.y) * 0x1p-32))
    }
}
