import SearchSpaces
import TestSupport
import Testing

@testable import Tensors
@testable import Training

/// Bins of a number that somebody has measured, in a space that cannot count it.
@Suite struct MeasuredBinsTests {
    private static func space() throws -> SearchSpace {
        try SearchSpace.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: SearchSpace
                name: sizes
                family: external
                decisions:
                  - {name: depth, options: [1, 2, 3, 4]}
                  - {name: width, count: 4, options: [1, 2, 3], within: {decision: depth, groups: 1}}
                """, file: "s")
    }

    /// 10 and the sum of the widths of as many as the depth says: from 11 to 22.
    private static func number(_ genome: Genome, _ space: SearchSpace) -> Double {
        10 + (0...Int(genome.choices[0])).reduce(0) { $0 + Double(genome.choices[1 + $1]) + 1 }
    }

    @Test func whatIsDrawnIsInItsBin() throws {
        let space = try Self.space()
        let bins = MeasuredBins(space, count: 4, metric: .latencyMilliseconds, seed: 3) { Self.number($0, space) }
        // (22 - 11) / 4 each.
        #expect(bins.targets == [12.375, 15.125, 17.875, 20.625])
        var numbers = CounterGenerator(seed: 1, stream: .subnet, step: 0)
        for bin in 0..<4 {
            for _ in 0..<200 {
                let genome = try #require(bins.draw(bin, using: &numbers)), value = Self.number(genome, space)
                #expect(abs(value - bins.targets[bin]) <= 1.376 && bins.bins.bin(of: bins.cost(of: genome)) == bin)
            }
        }
    }

    /// Within a bin, draws have the shares that uniform draws have.
    @Test func sharesAreThoseOfUniformDraws() throws {
        let space = try Self.space()
        let bins = MeasuredBins(space, count: 4, metric: .latencyMilliseconds, seed: 3) { Self.number($0, space) }
        var numbers = CounterGenerator(seed: 2, stream: .subnet, step: 0)
        var counts: [Double: Double] = [:]
        for _ in 0..<20_000 {
            let genome = try #require(bins.draw(3, using: &numbers))
            counts[Self.number(genome, space), default: 0] += 1
        }
        // From 19.25 on, depth 4 alone: sums of four widths of 10, 11 and 12 have 10, 4 and 1 ways.
        for (value, ways) in [(20.0, 10.0), (21, 4), (22, 1)] {
            #expect(abs((counts[value] ?? 0) / 20_000 - ways / 15) < 0.03, "\(counts)")
        }
        #expect(counts.count == 3)
    }

    @Test func oddNumbersAreHeld() throws {
        let space = try Self.space()
        let same = MeasuredBins(space, count: 3, metric: .latencyMilliseconds, seed: 3) { _ in 5 }
        var numbers = CounterGenerator(seed: 1, stream: .subnet, step: 0)
        #expect(same.draw(0, using: &numbers) != nil && same.draw(1, using: &numbers) == nil)
        #expect(same.cost(of: space.largest) == 0 && same.targets == [5, 5, 5])
        // Of some nothing is known, which are never drawn.
        let some = MeasuredBins(space, count: 3, metric: .latencyMilliseconds, seed: 3) { genome in
            genome.choices[0] == 0 ? Self.number(genome, space) : nil
        }
        for bin in 0..<3 { #expect(try #require(some.draw(bin, using: &numbers)).choices[0] == 0) }
        #expect(some.cost(of: space.largest) == 0)
        let none = MeasuredBins(space, count: 3, metric: .latencyMilliseconds, seed: 3) { _ in nil }
        #expect(none.draw(0, using: &numbers) == nil)
    }
}
