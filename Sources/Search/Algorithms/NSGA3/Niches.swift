import SearchSpaces
import Tensors

/// Which reference direction each of some points is closest to, and how far it is from that line.
struct Niches {
    /// The direction of each point.
    let places: [Int]
    /// The perpendicular distance of each point, `|f - (f . r / |r|^2) r|`, from the line of its direction.
    let distances: [Double]

    /// - Parameter points: Scaled.
    init(of points: [[Double]], among directions: [[Double]]) {
        let lengths = directions.map { $0.reduce(0) { $0 + $1 * $1 } }
        var places: [Int] = [], distances: [Double] = []
        for point in points {
            var place = 0, least = Double.infinity
            for (index, direction) in directions.enumerated() {
                let square = ReferenceDirections.squaredDistance(
                    of: point, from: direction, squaredLength: lengths[index])
                if square < least { (place, least) = (index, square) }
            }
            places.append(place)
            distances.append(least.squareRoot())
        }
        (self.places, self.distances) = (places, distances)
    }

    /// `count` of some points, added to others so that directions have as equal numbers as may be.
    ///
    /// Again and again a direction with the fewest gets one of its points: the closest, where it has none yet, else any.
    func fill(
        _ count: Int, from open: [Int], beside taken: [Int], using generator: inout some RandomNumberGenerator
    ) -> [Int] {
        var counts: [Int: Int] = [:]
        for index in taken { counts[places[index], default: 0] += 1 }
        var left = Dictionary(grouping: open) { places[$0] }
        var chosen: [Int] = []
        while chosen.count < count {
            let fewest = left.keys.map { counts[$0, default: 0] }.min() ?? 0
            let niches = left.keys.filter { counts[$0, default: 0] == fewest }.sorted()
            guard let niche = niches.randomElement(using: &generator), var members = left[niche] else { break }
            let place =
                fewest == 0
                ? members.indices.min { (distances[members[$0]], $0) < (distances[members[$1]], $1) } ?? 0
                : Int.random(in: 0..<members.count, using: &generator)
            chosen.append(members.remove(at: place))
            counts[niche, default: 0] += 1
            left[niche] = members.isEmpty ? nil : members
        }
        return chosen
    }
}

/// What NSGA-III keeps between generations, and its survival.
struct NicheMemory: StrategyMemory {
    /// Ends of the front.
    var scale = ObjectiveScale()
    /// Where the random numbers of the next survival begin.
    var coin: UInt64 = 0

    /// The survivors among feasible points, as places: whole fronts while they fit, of the next one those whose directions are
    /// served least.
    ///
    /// - Parameter noise: That of each objective; nil for none.
    mutating func survivors(
        of points: [[Double]], noise: [Double]? = nil, count: Int, directions: [[Double]],
        using generator: inout some RandomNumberGenerator
    ) -> [Int] {
        let fitness = points.map { Fitness(objectives: $0, noise: noise) }
        let fronts = NonDominatedSorting.fronts(of: fitness, holding: count)
        scale.update(points, front: (fronts.first ?? []).map { points[$0] })
        return Survival.wholeFronts(fronts, count: count) { rank, taken in
            let niches = Niches(of: points.map(scale.scaled), among: directions)
            return niches.fill(count - taken.count, from: fronts[rank], beside: taken, using: &generator)
        }
    }
}
