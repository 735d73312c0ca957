import Foundation

/// The shape of a first front, and how much its points and others are worth by it.
///
/// The front is moved so that its least values are 0, and scaled by where the hyperplane through its corners cuts the axes, or by
/// its greatest values where there is no such plane. It is taken for a part of the unit sphere of the norm L_p with
/// `p = ln M / ln(1 / mean(f))` for the point f that is closest to the diagonal, 1 where that is no number or at most 0.1, and at
/// most 20.
struct FrontGeometry {
    /// The norm.
    let power: Double
    /// The least of every objective.
    let ideal: [Double]
    /// What every objective is divided by.
    let ranges: [Double]
    private let corners: [Int]

    /// - Parameter front: At least one point.
    init(_ front: [[Double]]) {
        let axes = front[0].indices
        let ideal = axes.map { axis in front.reduce(.infinity) { min($0, $1[axis]) } }
        let moved = front.map { zip($0, ideal).map { $0 - $1 } }
        let corners = Self.corners(of: moved)
        let greatest = axes.map { axis in moved.reduce(0) { max($0, $1[axis]) } }
        var ranges = greatest
        if corners.count == axes.count,
            let plane = LinearSystem.solution(corners.map { moved[$0] }, axes.map { _ in 1 }),
            plane.allSatisfy({ $0 > 0 && (1 / $0).isFinite })
        {
            ranges = plane.map { 1 / $0 }
        }
        ranges = ranges.map { $0 == 0 ? 1 : $0 }
        (self.ideal, self.ranges, self.corners) = (ideal, ranges, corners)
        let scaled = moved.map { zip($0, ranges).map { $0 / $1 } }
        let middle = scaled.indices.filter { !corners.contains($0) }.map { (Self.fromDiagonal(scaled[$0]), $0) }
            .min { $0 < $1 }
        guard front.count > axes.count, let middle else {
            power = 1
            return
        }
        let mean = scaled[middle.1].reduce(0, +) / Double(axes.count)
        let estimate = log(Double(axes.count)) / log(1 / mean)
        power = estimate.isNaN || estimate <= 0.1 ? 1 : min(estimate, 20)
    }

    /// The scores of a front, the larger the better.
    ///
    /// Of the first front its corners have infinity, and the others, farthest first, the sum of the distances to the two
    /// closest of those before, divided by their own norm. Of a later front: 1 / norm.
    func scores(of front: [[Double]], isFirst: Bool) -> [Double] {
        let points = front.map { point in point.indices.map { (point[$0] - ideal[$0]) / ranges[$0] } }
        let norms = points.map { norm($0) }
        guard isFirst else { return norms.map { 1 / $0 } }
        var scores = [Double](repeating: .infinity, count: points.count)
        // Distances to the closest and the second closest of those before.
        var closest = [(Double, Double)](repeating: (.infinity, .infinity), count: points.count)
        var open = points.indices.filter { !corners.contains($0) }
        func add(_ chosen: Int) {
            for index in open {
                let distance = norm(zip(points[index], points[chosen]).map { $0 - $1 })
                if distance < closest[index].0 {
                    closest[index] = (distance, closest[index].0)
                } else if distance < closest[index].1 {
                    closest[index].1 = distance
                }
            }
        }
        for corner in corners { add(corner) }
        while !open.isEmpty {
            let worth = open.map { index in
                let (first, second) = closest[index]
                let sum = second.isFinite ? first + second : first
                return norms[index] > 0 ? sum / norms[index] : 0
            }
            guard let place = worth.indices.max(by: { worth[$0] < worth[$1] || worth[$0] == worth[$1] && $0 > $1 })
            else { break }
            let chosen = open.remove(at: place)
            scores[chosen] = worth[place]
            add(chosen)
        }
        return scores
    }

    private func norm(_ point: [Double]) -> Double {
        pow(point.reduce(0) { $0 + pow(abs($1), power) }, 1 / power)
    }

    /// For each axis the point that is closest to its line, none twice; all points where there are no more than axes.
    private static func corners(of points: [[Double]]) -> [Int] {
        let axes = points[0].indices
        guard points.count > axes.count else { return Array(points.indices) }
        var corners: [Int] = []
        for axis in axes {
            let line = axes.map { ($0 == axis ? 1 : 0) + 1e-6 }
            let rest = points.indices.filter { !corners.contains($0) }.map { (fromLine(points[$0], line), $0) }
            if let corner = rest.min(by: { $0 < $1 }) { corners.append(corner.1) }
        }
        return corners
    }

    private static func fromDiagonal(_ point: [Double]) -> Double { fromLine(point, point.map { _ in 1 }) }

    /// The squared distance of a point from a line through 0.
    private static func fromLine(_ point: [Double], _ line: [Double]) -> Double {
        ReferenceDirections.squaredDistance(of: point, from: line, squaredLength: line.reduce(0) { $0 + $1 * $1 })
    }
}
