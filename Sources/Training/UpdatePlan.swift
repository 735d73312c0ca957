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
    }

    /// In ascending order, without gaps.
    let pieces: [Piece]

    /// Floats of a piece at most.
    private static let longest = 1 << 15

    /// Cuts the weights of a supernet; routers of a mixture have a rate of their own.
    init(_ supernet: any Supernet) {
        let rate = Float(supernet.mixture?.settings.rate ?? 1)
        self.init(
            count: supernet.trainedLayout.floatCount, exceptions: rate == 1 ? [] : supernet.mixture?.routerRanges ?? [],
            rate: rate)
    }

    /// - Parameters:
    ///   - exceptions: Ranges in ascending order whose rate differs.
    ///   - rate: That rate.
    init(count: Int, exceptions: [Range<Int>], rate: Float) {
        var pieces: [Piece] = []
        func cut(_ range: Range<Int>, _ rate: Float) {
            for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.longest) {
                pieces.append(Piece(range: start..<min(start + Self.longest, range.upperBound), rate: rate))
            }
        }
        var reached = 0
        for exception in exceptions {
            cut(reached..<exception.lowerBound, 1)
            cut(exception, rate)
            reached = exception.upperBound
        }
        cut(reached..<count, 1)
        self.pieces = pieces
    }
}
