/// Where the front of a search begins and ends, as far as it is known: objectives are scaled by it.
///
/// The ideal point is the least of every objective ever seen. The nadir point is where the hyperplane through the extreme points,
/// one for each objective, cuts the axes: `M a = 1` for their distances M from the ideal point, with intercepts 1 / a. Where there
/// is no such plane, or it cuts within 1e-6, the worst of the front stands in; beyond the worst ever seen it ends there;
/// an objective that is left without a range has the worst of the population.
///
/// Source: Deb and Jain, "An evolutionary many-objective optimization algorithm using reference-point-based nondominated
/// sorting approach, part I" (2014), section IV-C; extreme points are kept, and the nadir point ends at the worst seen, as
/// in Blank, Deb and Roy, "Investigating the normalization procedure of NSGA-III" (2019).
struct ObjectiveScale: Sendable, Hashable, Codable {
    /// The least of every objective; empty before the first update.
    private(set) var ideal: [Double] = []
    /// The greatest of every objective.
    private(set) var worst: [Double] = []
    /// For each objective the point whose others are least.
    private(set) var extremes: [[Double]] = []
    /// The end of the front.
    private(set) var nadir: [Double] = []

    /// Takes points, at least one, and the front among them.
    mutating func update(_ points: [[Double]], front: [[Double]]) {
        let axes = points[0].indices
        ideal = axes.map { axis in min(ideal.isEmpty ? .infinity : ideal[axis], Self.least(points, axis)) }
        worst = axes.map { axis in max(worst.isEmpty ? -.infinity : worst[axis], Self.greatest(points, axis)) }
        let known = extremes + front
        extremes = axes.compactMap { axis in
            let places = known.indices.map { (achievement(known[$0], along: axis), $0) }
            return places.min { $0 < $1 }.map { known[$0.1] }
        }
        nadir = plane() ?? axes.map { Self.greatest(front, $0) }
        for axis in axes where nadir[axis] - ideal[axis] <= 1e-6 { nadir[axis] = Self.greatest(points, axis) }
    }

    /// A point with the ideal point at 0 and the nadir point at 1.
    func scaled(_ point: [Double]) -> [Double] {
        point.indices.map { axis in
            let range = nadir[axis] - ideal[axis]
            return (point[axis] - ideal[axis]) / (range == 0 ? 1e-12 : range)
        }
    }

    /// The greatest difference to the ideal point, where those beside an axis count a million times.
    private func achievement(_ point: [Double], along axis: Int) -> Double {
        point.indices.map { other in
            let difference = point[other] - ideal[other]
            return (difference < 1e-3 ? 0 : difference) * (other == axis ? 1 : 1e6)
        }.max() ?? 0
    }

    private func plane() -> [Double]? {
        let rows = extremes.map { zip($0, ideal).map { $0 - $1 } }
        guard let solution = LinearSystem.solution(rows, [Double](repeating: 1, count: rows.count)) else { return nil }
        let intercepts = solution.map { 1 / $0 }
        guard intercepts.allSatisfy({ $0 > 1e-6 && $0.isFinite }) else { return nil }
        return ideal.indices.map { min(ideal[$0] + intercepts[$0], worst[$0]) }
    }

    private static func least(_ points: [[Double]], _ axis: Int) -> Double {
        points.reduce(.infinity) { min($0, $1[axis]) }
    }

    private static func greatest(_ points: [[Double]], _ axis: Int) -> Double {
        points.reduce(-.infinity) { max($0, $1[axis]) }
    }
}

/// As many linear equations as unknowns, a few of them.
enum LinearSystem {
    /// The solution by elimination with row pivots; nil where there is none, or none that keeps its digits. O(n^3).
    static func solution(_ matrix: [[Double]], _ values: [Double]) -> [Double]? {
        var rows = zip(matrix, values).map { $0 + [$1] }
        let count = rows.count
        guard rows.allSatisfy({ $0.count == count + 1 }) else { return nil }
        let scale = matrix.flatMap { $0 }.reduce(0) { max($0, abs($1)) }
        for column in 0..<count {
            guard
                let pivot = (column..<count).max(by: { abs(rows[$0][column]) < abs(rows[$1][column]) }),
                abs(rows[pivot][column]) > 1e-14 * scale
            else { return nil }
            rows.swapAt(column, pivot)
            for row in (column + 1)..<max(count, column + 1) {
                let factor = rows[row][column] / rows[column][column]
                for place in column...count { rows[row][place] -= factor * rows[column][place] }
            }
        }
        var solution = [Double](repeating: 0, count: count)
        for row in (0..<count).reversed() {
            let rest = ((row + 1)..<max(count, row + 1)).reduce(rows[row][count]) { $0 - rows[row][$1] * solution[$1] }
            solution[row] = rest / rows[row][row]
        }
        return solution.allSatisfy(\.isFinite) ? solution : nil
    }
}
