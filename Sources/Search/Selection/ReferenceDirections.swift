import Foundation
import Synchronization

/// Directions of a space of objectives, spread evenly: points with parts of at least 0 that sum to 1.
enum ReferenceDirections {
    /// Directions whose energy is minimised at most, which takes a second.
    static let mostSpread = 128
    private static let kept = Mutex<[[Int]: [[Double]]]>([:])

    /// So many directions: a lattice where there is one of that size, otherwise as many that repel one another; of more than
    /// ``mostSpread`` the largest lattice that is no larger. Of fewer than dimensions, the middle alone. The same each time.
    ///
    /// - Parameter count: At least 1.
    static func spread(_ count: Int, dimensions: Int) -> [[Double]] {
        let partitions = partitions(atMost: count, dimensions: dimensions)
        if dimensions < 2 || count < dimensions { return lattice(partitions: 0, dimensions: max(dimensions, 1)) }
        if size(partitions: partitions, dimensions: dimensions) == count || count > mostSpread {
            return lattice(partitions: partitions, dimensions: dimensions)
        }
        if let known = kept.withLock({ $0[[count, dimensions]] }) { return known }
        let made = repelled(reduced(to: count, dimensions: dimensions))
        kept.withLock { kept in
            // A few searches at a time.
            if kept.count >= 16 { kept = [:] }
            kept[[count, dimensions]] = made
        }
        return made
    }

    /// How many directions a lattice has: `C(M + p - 1, p)` for M dimensions and p partitions; the greatest number beyond it.
    static func size(partitions: Int, dimensions: Int) -> Int {
        (0..<max(dimensions - 1, 0)).reduce(1) { size, place in
            let (product, isOver) = size.multipliedReportingOverflow(by: partitions + place + 1)
            return isOver ? .max : product / (place + 1)
        }
    }

    /// The most partitions whose lattice has at most so many directions.
    private static func partitions(atMost count: Int, dimensions: Int) -> Int {
        guard dimensions > 1 else { return 0 }
        var partitions = 0
        while size(partitions: partitions + 1, dimensions: dimensions) <= count { partitions += 1 }
        return partitions
    }

    /// All points whose parts are multiples of 1 / p, in lexicographic order; the middle alone for no partition.
    ///
    /// Source: Das and Dennis, "Normal-boundary intersection" (1998), section 6.
    static func lattice(partitions: Int, dimensions: Int) -> [[Double]] {
        guard partitions > 0 else { return [Array(repeating: 1 / Double(dimensions), count: dimensions)] }
        var points: [[Int]] = [[]]
        for place in 0..<dimensions {
            points = points.flatMap { point in
                let left = partitions - point.reduce(0, +)
                return (place == dimensions - 1 ? left...left : 0...left).map { point + [$0] }
            }
        }
        return points.map { $0.map { Double($0) / Double(partitions) } }
    }

    /// Points of a fine lattice, the corners first and then always the one that is farthest from all before.
    private static func reduced(to count: Int, dimensions: Int) -> [[Double]] {
        let fine = lattice(partitions: partitions(atMost: 24 * count, dimensions: dimensions), dimensions: dimensions)
        var chosen: [[Double]] = (0..<dimensions).map { corner in (0..<dimensions).map { $0 == corner ? 1 : 0 } }
        var nearest = fine.map { point in chosen.map { squared(point, $0) }.min() ?? 0 }
        while chosen.count < count, let farthest = nearest.indices.max(by: { nearest[$0] < nearest[$1] }) {
            chosen.append(fine[farthest])
            for index in fine.indices { nearest[index] = min(nearest[index], squared(fine[index], fine[farthest])) }
        }
        return chosen
    }

    /// The points moved down their energy, the sum over pairs of 1 / distance^s with s = 2 M; the corners stay.
    ///
    /// Source: Blank, Deb, Dhebar, Bandaru and Seada, "Generating well-spaced points on a unit simplex for evolutionary
    /// many-objective optimization" (2021).
    private static func repelled(_ start: [[Double]]) -> [[Double]] {
        let dimensions = start[0].count, power = 2 * dimensions
        var points = start, best = start, least = Double.infinity
        var length = 0.02
        for _ in 0..<1000 where length > 1e-6 {
            var energy = 0.0
            var forces = points.map { _ in [Double](repeating: 0, count: dimensions) }
            for first in points.indices {
                for second in 0..<first {
                    let square = max(squared(points[first], points[second]), 1e-12)
                    let share = 1 / (0..<dimensions).reduce(1) { product, _ in product * square }
                    energy += share
                    for axis in 0..<dimensions {
                        let force = Double(power) * share / square * (points[first][axis] - points[second][axis])
                        forces[first][axis] += force
                        forces[second][axis] -= force
                    }
                }
            }
            if energy <= least {
                (best, least) = (points, energy)
                length *= 1.05
            } else {
                length /= 2
                points = best
                continue
            }
            let flat = forces.map { force in
                let mean = force.reduce(0, +) / Double(dimensions)
                return force.map { $0 - mean }
            }
            let strongest = flat.map { $0.reduce(0) { $0 + $1 * $1 } }.max() ?? 0
            guard strongest > 0 else { break }
            for index in points.indices where !points[index].contains(1) {
                let moved = zip(points[index], flat[index]).map { $0 + length * $1 / strongest.squareRoot() }
                points[index] = onSimplex(moved)
            }
        }
        return best.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// The nearest point with parts of at least 0 that sum to 1.
    ///
    /// Source: Duchi et al., "Efficient projections onto the l1-ball for learning in high dimensions" (2008).
    private static func onSimplex(_ point: [Double]) -> [Double] {
        var sum = 0.0, shift = 0.0
        for (place, value) in point.sorted(by: >).enumerated() {
            sum += value
            let candidate = (sum - 1) / Double(place + 1)
            if value > candidate { shift = candidate }
        }
        return point.map { max($0 - shift, 0) }
    }

    /// The squared distance of a point from a line through 0: `|f - (f . r / |r|^2) r|^2`.
    static func squaredDistance(of point: [Double], from line: [Double], squaredLength: Double) -> Double {
        let share = zip(point, line).reduce(0) { $0 + $1.0 * $1.1 } / squaredLength
        return zip(point, line).reduce(0) { sum, pair in
            let away = pair.0 - share * pair.1
            return sum + away * away
        }
    }

    private static func squared(_ first: [Double], _ second: [Double]) -> Double {
        zip(first, second).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
}
