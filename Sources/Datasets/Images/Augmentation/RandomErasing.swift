internal import Foundation
internal import Tensors

/// Rows and columns of an image.
struct ImageRectangle: Equatable {
    let rows: Range<Int>
    let columns: Range<Int>

    /// Pixels in it.
    var area: Int { rows.count * columns.count }
}

extension Augmentation {
    /// The rectangle that an image of one place in the batch of one step loses; nil for none.
    ///
    /// Its area is 0.02 to 0.33 of the image's, its height over its width 0.3 to 1 / 0.3, evenly by the logarithm; of ten draws the
    /// first that fits into the image counts.
    ///
    /// Source: Zhong et al., "Random Erasing Data Augmentation" (2017), algorithm 1.
    func erased(_ random: CounterRandom, step: UInt64, index: Int, height: Int, width: Int) -> ImageRectangle? {
        guard erasing > 0 else { return nil }
        let place = UInt32(truncatingIfNeeded: index)
        guard random.block(step: step, index: place, lane: Lane.colour).w.unit < erasing else { return nil }
        for attempt in 0..<Self.mostAttempts {
            let words = random.block(step: step, index: place, lane: Lane.erasing + attempt)
            let area = Double(height * width) * (0.02 + 0.31 * Double(words.x.unit))
            let aspect = exp(log(0.3) * (1 - 2 * Double(words.y.unit)))
            let rows = Int((area * aspect).squareRoot().rounded()),
                columns = Int((area / aspect).squareRoot().rounded())
            guard (1..<height).contains(rows), (1..<width).contains(columns) else { continue }
            let top = words.z.below(height - rows + 1), left = words.w.below(width - columns + 1)
            return ImageRectangle(rows: top..<top + rows, columns: left..<left + columns)
        }
        return nil
    }

    private static let mostAttempts: UInt32 = 10
}
