import Tensors
import Testing

@testable import Search

@Suite struct IndicatorTests {
    @Test func hypervolumeMatchesTheReference() {
        let plain: [[Double]] = [[1, 4], [2, 2], [4, 1]]
        #expect(Hypervolume.value(of: plain, reference: [5, 5]) == 11)
        #expect(Hypervolume.value(of: plain + [[2, 2], [3, 3], [6, 0]], reference: [5, 5]) == 11)
        let three = [[1.0, 2, 3], [2, 1, 3], [3, 2, 1], [2, 3, 1], [1.5, 1.5, 2.5]]
        #expect(Hypervolume.value(of: three, reference: [4, 4, 4]) == 15.875)
        let four: [[Double]] = [[1, 2, 3, 4], [4, 3, 2, 1], [2, 2, 2, 2], [1, 4, 1, 4]]
        #expect(Hypervolume.value(of: four, reference: [5, 5, 5, 5]) == 98)
        let curve = (1...10).map { [Double($0) / 10, 1 - (Double($0) / 10).squareRoot()] }
        #expect(abs(Hypervolume.value(of: curve, reference: [1.1, 1.1]) - 0.810_509_341_706_817_7) < 1e-12)
        #expect(Hypervolume.value(of: [], reference: [1, 1]) == 0)
        #expect(Hypervolume.value(of: [[2], [3]], reference: [7]) == 5)
    }

    /// Any dimension: the sum over the points of what each adds to those after it.
    ///
    /// Source: While, Bradstreet and Barone, "A fast way of calculating exact hypervolumes" (2012).
    private static func recursive(_ points: [[Double]], reference: [Double]) -> Double {
        let inside = points.filter { zip($0, reference).allSatisfy { $0 < $1 } }
        guard let last = reference.indices.last, !inside.isEmpty else { return 0 }
        if last == 0 { return reference[0] - (inside.map { $0[0] }.min() ?? reference[0]) }
        let order = inside.sorted { $0[last] > $1[last] }, base = Array(reference.dropLast())
        return order.enumerated().reduce(0) { volume, entry in
            let point = entry.element
            let box = zip(base, point).reduce(1) { $0 * ($1.0 - $1.1) }
            let limited = order[(entry.offset + 1)...].map { other in (0..<last).map { max(point[$0], other[$0]) } }
            return volume + (reference[last] - point[last]) * (box - recursive(limited, reference: base))
        }
    }

    /// Any dimension, by inclusion and exclusion: boxes of every subset's componentwise maximum, added and subtracted.
    private static func included(_ points: [[Double]], reference: [Double]) -> Double {
        let inside = points.filter { zip($0, reference).allSatisfy { $0 < $1 } }
        return (1..<max(1 << inside.count, 1)).reduce(0) { volume, subset in
            let chosen = inside.indices.filter { subset >> $0 & 1 == 1 }.map { inside[$0] }
            let corner = reference.indices.map { axis in chosen.map { $0[axis] }.max() ?? 0 }
            let box = zip(reference, corner).reduce(1) { $0 * ($1.0 - $1.1) }
            return volume + (chosen.count % 2 == 1 ? box : -box)
        }
    }

    /// Beyond four dimensions, and what a point adds in any.
    @Test(arguments: 1...7) func volumesByInclusionAndExclusion(dimension: Int) {
        for step in 0..<20 as Range<UInt64> {
            var generator = CounterGenerator(seed: 6, stream: .search, step: step)
            let points = (0..<Int.random(in: 1...9, using: &generator)).map { _ in
                (0..<dimension).map { _ in
                    step % 2 == 0
                        ? Double(Int.random(in: 0...5, using: &generator)) / 4
                        : Double.random(in: 0...1.1, using: &generator)
                }
            }
            let reference = [Double](repeating: 1, count: dimension)
            let whole = Self.included(points, reference: reference)
            #expect(abs(Hypervolume.value(of: points, reference: reference) - whole) < 1e-12)
            let rest = Array(points.dropLast()), part = Self.included(rest, reference: reference)
            let gain = Hypervolume.gain(of: points[points.count - 1], beyond: rest, reference: reference)
            #expect(abs(gain - (whole - part)) < 1e-12 && gain >= 0)
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5]) func methodsAgree(dimension: Int) {
        for step in 0..<40 as Range<UInt64> {
            var generator = CounterGenerator(seed: 5, stream: .search, step: step)
            let grid = step % 2 == 0
            let points = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
                (0..<dimension).map { _ in
                    grid
                        ? Double(Int.random(in: 0...6, using: &generator)) / 5
                        : Double.random(in: 0...1.1, using: &generator)
                }
            }
            let reference = [Double](repeating: 1, count: dimension)
            let slow = Self.recursive(points, reference: reference)
            #expect(abs(Hypervolume.value(of: points, reference: reference) - slow) < 1e-12)
        }
    }

    @Test func invertedDistanceCountsOnlyWhatIsWorse() {
        let truth: [[Double]] = [[0, 1], [1, 0]]
        #expect(InvertedGenerationalDistance.plus(of: truth, truth: truth) == 0)
        #expect(InvertedGenerationalDistance.plus(of: [[0, 0]], truth: truth) == 0)
        #expect(InvertedGenerationalDistance.plus(of: [[3, 5]], truth: [[0, 1]]) == 5)
        #expect(InvertedGenerationalDistance.plus(of: [], truth: truth) == .infinity)
    }
}
