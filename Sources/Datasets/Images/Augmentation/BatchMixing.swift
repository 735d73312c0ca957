internal import Foundation
internal import Tensors

/// How the images of a batch are mixed in pairs, the first with the last and so on.
enum BatchMixing: Equatable {
    /// Each is its own by this share, and the other by the rest.
    case blend(share: Float)
    /// Both exchange a rectangle.
    case exchange(ImageRectangle)

    /// The share of its own label that an image keeps.
    func share(height: Int, width: Int) -> Float {
        switch self {
        case .blend(let share): share
        case .exchange(let part): 1 - Float(part.area) / Float(height * width)
        }
    }

    /// Mixes a batch of images of (rows, columns, channels) in place.
    func apply(
        to images: UnsafeMutableBufferPointer<Float>, count: Int, width: Int, channels: Int
    ) {
        let size = images.count / max(1, count)
        for index in 0..<count / 2 {
            let first = index * size, second = (count - 1 - index) * size
            switch self {
            case .blend(let share):
                for at in 0..<size {
                    let (left, right) = (images[first + at], images[second + at])
                    images[first + at] = share * left + (1 - share) * right
                    images[second + at] = share * right + (1 - share) * left
                }
            case .exchange(let part):
                for row in part.rows {
                    let start = (row * width + part.columns.lowerBound) * channels
                    for at in start..<start + part.columns.count * channels { images.swapAt(first + at, second + at) }
                }
            }
        }
    }
}

extension Augmentation {
    /// How the batch of one step is mixed; nil for not at all. Where both ways are on, half of the steps take each.
    ///
    /// Sources: Zhang et al., "mixup: Beyond Empirical Risk Minimization" (2017), section 2; Yun et al., "CutMix" (2019),
    /// section 3.1.
    func mixing(_ random: CounterRandom, step: UInt64, height: Int, width: Int) -> BatchMixing? {
        guard mixup > 0 || cutmix > 0 else { return nil }
        // No image of a batch has that place.
        let place = UInt32.max
        let words = random.block(step: step, index: place)
        let isExchange = cutmix > 0 && (mixup == 0 || words.x >> 31 == 1)
        let share = Self.beta(isExchange ? cutmix : mixup) { random.block(step: step, index: place, lane: $0) }
        guard isExchange else { return .blend(share: Float(share)) }
        let side = (1 - share).squareRoot()
        func part(_ length: Int, _ centre: Int) -> Range<Int> {
            let half = Double(length) * side / 2
            let low = max(0, Int((Double(centre) - half).rounded())),
                high = min(length, Int((Double(centre) + half).rounded()))
            return low..<max(low, high)
        }
        return .exchange(
            ImageRectangle(rows: part(height, words.y.below(height)), columns: part(width, words.z.below(width))))
    }

    /// A draw of Beta(a, a) for a of at most 1, by the ratio of two powers of uniform numbers that add up to at most 1.
    ///
    /// Source: Jöhnk, "Erzeugung von betaverteilten und gammaverteilten Zufallszahlen" (1964).
    static func beta(_ parameter: Double, _ block: (_ lane: UInt32) -> SIMD4<UInt32>) -> Double {
        // Half of the draws at least are taken; the last counts whatever it is.
        for lane in 1...64 as ClosedRange<UInt32> {
            let words = block(lane)
            for (left, right) in [(words.x, words.y), (words.z, words.w)] {
                // Half a step from 0, whose logarithm has no value.
                let first = log(Double(left.unit) + 0x1p-25) / parameter,
                    second = log(Double(right.unit) + 0x1p-25) / parameter
                // Of small powers the ratio is told by their difference alone.
                let top = max(first, second)
                guard top + log1p(exp(min(first, second) - top)) <= 0 else { continue }
                return 1 / (1 + exp(second - first))
            }
        }
        return 0.5
    }
}
