import Testing

@testable import Search

/// Sorting, crowding, directions and survival against pymoo.
@Suite struct SelectionOracleTests {
    /// Where there is a choice, the first: a multiple of the choices below 2^64.
    /// Has a value, for the thread sanitizer follows the address of a generator, and an empty one has none.
    private struct First: RandomNumberGenerator {
        var value: UInt64 = 1
        func next() -> UInt64 { value }
    }

    private func expectClose(_ found: [Double], _ expected: [Double], _ tolerance: Double = 1e-9) {
        #expect(found.count == expected.count)
        for (left, right) in zip(found, expected) {
            let isClose = right >= 1e30 ? left == .infinity : abs(left - right) <= tolerance * max(1, abs(right))
            #expect(isClose, "\(left) \(right)")
        }
    }

    @Test func frontsAndCrowding() throws {
        for known in try PymooValues.read().sorting {
            #expect(NonDominatedSorting.fronts(of: known.points.map { Fitness(objectives: $0) }) == known.fronts)
            guard let crowding = known.crowding else { continue }
            expectClose(CrowdingDistance.distances(of: known.fronts[0].map { known.points[$0] }), crowding)
        }
    }

    @Test func lattices() throws {
        for known in try PymooValues.read().directions {
            let (dimensions, partitions) = (known.dimensions, known.partitions)
            let found = ReferenceDirections.lattice(partitions: partitions, dimensions: dimensions)
            #expect(ReferenceDirections.size(partitions: partitions, dimensions: dimensions) == found.count)
            #expect(found.count == known.directions.count)
            for (left, right) in zip(found, known.directions) { expectClose(left, right, 1e-12) }
            #expect(ReferenceDirections.spread(found.count, dimensions: dimensions) == found)
        }
        #expect(ReferenceDirections.lattice(partitions: 99, dimensions: 2).count == 100)
        #expect(ReferenceDirections.size(partitions: 1 << 40, dimensions: 9) == .max)
    }

    /// Points that repel one another are about as far apart as pymoo's.
    @Test func spreadDirections() throws {
        for known in try PymooValues.read().spread {
            let found = ReferenceDirections.spread(known.count, dimensions: known.dimensions)
            #expect(found.count == known.count)
            #expect(found.allSatisfy { abs($0.reduce(0, +) - 1) < 1e-9 && $0.allSatisfy { $0 >= 0 } })
            for axis in 0..<known.dimensions { #expect(found.contains { $0[axis] == 1 }) }
            var closest = Double.infinity
            for first in found.indices {
                for second in 0..<first {
                    let square = zip(found[first], found[second]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
                    closest = min(closest, square.squareRoot())
                }
            }
            print("closest of \(known.count) in \(known.dimensions): \(closest), pymoo \(known.closest)")
            #expect(closest > 0.85 * known.closest)
        }
        #expect(ReferenceDirections.spread(7, dimensions: 1) == [[1]])
        #expect(ReferenceDirections.spread(2, dimensions: 4) == [[0.25, 0.25, 0.25, 0.25]])
        // Of many, the largest lattice that fits.
        #expect(ReferenceDirections.spread(300, dimensions: 3).count == 300)
        #expect(ReferenceDirections.spread(299, dimensions: 3).count == 276)
    }

    @Test func nichesOfSeveralGenerations() throws {
        for known in try PymooValues.read().nsga3 {
            let dimensions = known.generations[0].ideal.count
            let directions = ReferenceDirections.lattice(partitions: known.partitions, dimensions: dimensions)
            var memory = NicheMemory()
            for generation in known.generations {
                var first = First()
                let found = memory.survivors(
                    of: generation.points, count: known.keep, directions: directions, using: &first)
                #expect(found.sorted() == generation.survivors)
                expectClose(memory.scale.ideal, generation.ideal)
                expectClose(memory.scale.nadir, generation.nadir)
                for (left, right) in zip(memory.scale.extremes, generation.extremes) { expectClose(left, right) }
                let niches = Niches(
                    of: generation.order.map { memory.scale.scaled(generation.points[$0]) }, among: directions)
                #expect(niches.places == generation.niches)
                expectClose(niches.distances, generation.distances)
            }
        }
    }

    @Test func shapesOfFronts() throws {
        for known in try PymooValues.read().agemoea {
            let front = known.front.map { known.points[$0] }
            let geometry = FrontGeometry(front)
            #expect(abs(geometry.power - known.power) < 1e-9)
            expectClose(geometry.ranges, known.ranges)
            expectClose(geometry.scores(of: front, isFirst: true), known.scores, 1e-8)
            #expect(AGEMOEA.survivors(of: known.points, count: known.keep).sorted() == known.survivors)
        }
    }

    @Test func fewOrEqualPointsHaveAShape() {
        for front in [[[1.0, 2]], [[1, 2], [2, 1]], [[3, 3], [3, 3], [3, 3]], [[0, 1], [1, 0], [0.5, 0.5]]] {
            let geometry = FrontGeometry(front)
            #expect(geometry.scores(of: front, isFirst: true).allSatisfy { !$0.isNaN })
            #expect(geometry.power >= 0.1 && geometry.power <= 20)
        }
        #expect(AGEMOEA.survivors(of: [[1, 1], [1, 1], [1, 1]], count: 2).count == 2)
        var memory = NicheMemory(), generator = First()
        let same = memory.survivors(
            of: [[1, 1], [1, 1], [1, 1]], count: 2, directions: [[0, 1], [1, 0]], using: &generator)
        #expect(same.count == 2)
    }

    /// Feasible ones first, then by violation, then the failed ones.
    @Test func infeasibleOnesFillWhatIsLeft() {
        let set = [
            Fitness.failed, Fitness(objectives: [0], violation: 2), Fitness(objectives: [5]),
            Fitness(objectives: [0], violation: 1), Fitness(objectives: [4]),
        ]
        let first: ([[Double]], Int) -> [Int] = { points, count in Array(points.indices.prefix(count)) }
        #expect(Survival.feasibleFirst(set, count: 1, choose: first) == [2])
        #expect(Survival.feasibleFirst(set, count: 3, choose: first) == [2, 3, 4])
        #expect(Survival.feasibleFirst(set, count: 4, choose: first) == [1, 2, 3, 4])
        #expect(Survival.feasibleFirst(set, count: 9, choose: first) == [0, 1, 2, 3, 4])
    }

    @Test func equationsOfAFewUnknowns() throws {
        let found = try #require(LinearSystem.solution([[0, 2, 1], [1, 1, 0], [3, 0, -1]], [7, 3, 0]))
        expectClose(found, [1, 2, 3])
        #expect(LinearSystem.solution([[1, 2], [2, 4]], [1, 1]) == nil)
        #expect(LinearSystem.solution([[0]], [1]) == nil)
    }
}
