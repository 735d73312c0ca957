import Foundation
import Runs
import SearchSpaces
import Testing

@testable import Search

/// Whole searches of the problems of the literature against pymoo's with the same operators, by distribution: medians of the
/// hypervolume of the last population over 30 seeds.
@Suite struct DistributionTests {
    /// Variables of 0 to 1 in hundredths.
    private static let space = ListSpace([Int](repeating: 101, count: 10))

    /// Source: Zitzler, Deb and Thiele, "Comparison of multiobjective evolutionary algorithms: Empirical results" (2000); Deb,
    /// Thiele, Laumanns and Zitzler, "Scalable test problems for evolutionary multiobjective optimization" (2005).
    private static func objectives(_ problem: String, _ genome: Genome) -> [Double] {
        let x = genome.choices.map { Double($0) / 100 }
        if problem == "dtlz2" {
            let g = x[2...].reduce(0) { $0 + ($1 - 0.5) * ($1 - 0.5) }
            let (first, second) = (x[0] * .pi / 2, x[1] * .pi / 2)
            return [cos(first) * cos(second), cos(first) * sin(second), sin(first)].map { (1 + g) * $0 }
        }
        let g = 1 + 9 * x[1...].reduce(0, +) / 9
        let ratio = x[0] / g
        let shape =
            switch problem {
            case "zdt1": 1 - ratio.squareRoot()
            case "zdt2": 1 - ratio * ratio
            default: 1 - ratio.squareRoot() - ratio * sin(10 * .pi * x[0])
            }
        return [x[0], g * shape]
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }

    @Test(arguments: 0..<8) func mediansAreThoseOfPymoo(place: Int) throws {
        let known = try PymooValues.read().distributions[place]
        let dimensions = known.problem == "dtlz2" ? 3 : 2, population = dimensions == 3 ? 45 : 40
        let volumes = try (0..<30).map { seed in
            var search = try Search(
                try #require(SearchAlgorithm(kind: known.algorithm)), in: Self.space,
                parameters: SearchParameters(
                    population: population, evaluations: 100 * population, objectives: dimensions, seed: UInt64(seed)))
            while case let batch = search.ask(), !batch.isEmpty {
                try search.tell(
                    batch.map {
                        SearchMember(
                            genome: $0.genome, fitness: Fitness(objectives: Self.objectives(known.problem, $0.genome)))
                    })
            }
            return Hypervolume.value(
                of: search.state.population.map(\.fitness.objectives),
                reference: [Double](repeating: 1.1, count: dimensions))
        }
        let (ours, theirs) = (Self.median(volumes), Self.median(known.volumes))
        print("\(known.problem) \(known.algorithm): \(ours), pymoo \(theirs)")
        #expect(abs(ours - theirs) < 0.01 * theirs)
    }
}
