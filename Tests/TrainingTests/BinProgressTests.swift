import Foundation
import Tensors
import Testing

@testable import Training

@Suite struct BinProgressTests {
    /// Runs whose steps on bin j at cost c_j make the weighted loss fall by given gains, and whose measurements swing by a
    /// normal deviation in units of what the loss falls in a window; costs from 1 to 4.
    private struct Simulation {
        let gains: [Double]
        let swing: Double
        var bins: Int { gains.count }

        static func costs(_ bins: Int) -> [Int] { (0..<bins).map { 1000 + 3000 * $0 / (bins - 1) } }

        func run(seed: UInt64, updates: Int = 50, steps: Int = 32) -> (found: BinDistribution, progress: BinProgress) {
            var numbers = CounterGenerator(seed: seed, stream: .search, step: 1)
            func normal() -> Double {
                let (u, v) = (
                    Double.random(in: 0x1p-40..<1, using: &numbers), Double.random(in: 0..<1, using: &numbers)
                )
                return (-2 * log(u)).squareRoot() * cos(2 * Double.pi * v)
            }
            let costs = Self.costs(bins)
            let deviation = swing * gains.reduce(0, +) / Double(bins) * Double(steps)
            var found = BinDistribution(bins: bins), progress = BinProgress(bins: bins), before = 0.0
            for number in 0..<(updates + BinProgress.leastWindows - 1) {
                let p = found.probabilities
                progress.open = BinProgress.Window(number: number, probabilities: p)
                let drawn = BinProgress.contrasted(p, by: 0.5, number: number, seed: seed)
                var fall = 0.0
                for _ in 0..<steps {
                    let bin = BinDistribution.bin(at: Double.random(in: 0..<1, using: &numbers), of: drawn)
                    progress.note(bin, multiplyAdds: costs[bin])
                    fall += gains[bin]
                }
                // A swing at the end of a window is there at the beginning of the next.
                let after = deviation * normal()
                let isTold = progress.close(fall: fall + before - after, memory: 64)
                #expect(isTold)
                before = after
                _ = progress.update(&found, rate: 0.06, floor: 0.2, seed: seed)
            }
            #expect(found.updates == updates)
            return (found, progress)
        }
    }

    /// Where a multiply-add does as much in every bin, or a step does and swings are as large as measured in real runs, what is
    /// learned after 50 updates is what chance does: below 0.1 in 95 % of the seeds.
    @Test(arguments: [true, false])
    func binsThatLearnAlikeStayEqual(perMultiplyAdd: Bool) {
        let costs = Simulation.costs(8)
        let simulation = Simulation(
            gains: costs.map { perMultiplyAdd ? 1e-5 * Double($0) : 0.01 }, swing: perMultiplyAdd ? 1 : 20)
        let seeds = 100
        let runs = (0..<seeds).map { simulation.run(seed: UInt64($0)) }
        let variations = runs.map(\.found.totalVariation).sorted()
        #expect(variations[seeds * 95 / 100 - 1] < 0.1, "\(variations)")
        // Chance passes it in about a twentieth of the runs.
        let within = runs.count { $0.found.totalVariation <= $0.progress.chance.most }
        #expect(within >= seeds * 88 / 100, "\(within)")
        let medians = runs.map(\.progress.chance.median).sorted()
        #expect(abs(medians[seeds / 2] - variations[seeds / 2]) < 0.02)
    }

    /// Bins whose multiply-adds do more are found, the cheap as well as the dear.
    @Test(arguments: [0.0, 2.0])
    func binsThatDifferAreFound(power: Double) {
        let simulation = Simulation(
            gains: Simulation.costs(8).map { 0.01 * pow(Double($0) / 1000, power) }, swing: 0.1)
        let seeds = 20
        let runs = (0..<seeds).map { simulation.run(seed: UInt64($0)) }
        #expect(runs.count { $0.found.totalVariation > $0.progress.chance.most } >= seeds * 3 / 4)
        let means = (0..<8).map { bin in runs.map { $0.found.probabilities[bin] }.reduce(0, +) / Double(seeds) }
        let (cheap, dear) = (means[0] + means[1], means[6] + means[7])
        #expect(power == 0 ? cheap > 1.4 * dear : dear > 1.4 * cheap, "\(means)")
        let least = runs.flatMap(\.found.probabilities).min() ?? 0
        #expect(least > 0.2 / 8 - 1e-12)
    }

    /// Without swings the advantages are those that were put in.
    @Test func advantagesAreTheirs() throws {
        // Per multiply-add of 1000, 2000 and 4000: 3, 2 and 1 millionths.
        let (costs, gains) = ([1000.0, 2000, 4000], [0.003, 0.004, 0.004])
        var progress = BinProgress(bins: 3), found = BinDistribution(bins: 3)
        var numbers = CounterGenerator(seed: 3, stream: .search, step: 0)
        for number in 0..<400 {
            progress.open = BinProgress.Window(number: number, probabilities: [1 / 3.0, 1 / 3.0, 1 / 3.0])
            var fall = 0.0
            for _ in 0..<30 {
                let bin = Int.random(in: 0..<3, using: &numbers)
                progress.note(bin, multiplyAdds: Int(costs[bin]))
                fall += gains[bin]
            }
            _ = progress.close(fall: fall, memory: 1000)
        }
        let told = progress.update(&found, rate: 0.06, floor: 0, seed: 1)
        let estimates = try #require(told)
        // Of all 7000 multiply-adds of three steps 0.011.
        for (bin, estimate) in estimates.enumerated() {
            let expected = gains[bin] / costs[bin] - 0.011 / 7000
            #expect(abs(estimate.advantage - expected) < 2e-7, "\(bin): \(estimate.advantage), \(expected)")
        }
        #expect(abs(progress.meanCost - 7000 / 3.0) < 50)
    }

    @Test func contrastsAreEvenOnAverage() {
        let equal = BinProgress.contrasted([0.25, 0.25, 0.25, 0.25], by: 0.5, number: 3, seed: 1)
        #expect(equal.sorted() == [0.125, 0.125, 0.375, 0.375])
        let p = [0.5, 0.3, 0.2]
        var mean = [0.0, 0, 0]
        for number in 0..<6000 {
            let drawn = BinProgress.contrasted(p, by: 0.5, number: number, seed: 1)
            #expect(abs(drawn.reduce(0, +) - 1) < 1e-12 && drawn.allSatisfy { $0 >= 0 })
            for bin in p.indices { mean[bin] += drawn[bin] / 6000 }
        }
        for (found, expected) in zip(mean, p) { #expect(abs(found - expected) < 0.01) }
        #expect(BinProgress.contrasted(p, by: 0, number: 0, seed: 1) == p)
        #expect(BinProgress.contrasted([1], by: 0.5, number: 0, seed: 1) == [1])
    }

    /// By hand: e^(0.5 ln 3) to e^(-0.5 ln 3) is 3 to 1; a floor of 0.6 of 1/2 lifts 0.25 to 0.3.
    @Test func stepsAreOfKnownSize() {
        var bins = BinDistribution(bins: 2)
        bins.move(by: [1, -1], rate: 0.5 * log(3), keeping: 0.8, floor: 0)
        #expect(abs(bins.probabilities[0] - 0.75) < 1e-12)
        bins = BinDistribution(bins: 2)
        bins.move(by: [1, -1], rate: 0.5 * log(3), keeping: 0.8, floor: 0.6)
        #expect(abs(bins.probabilities[0] - 0.7) < 1e-12)
        // A score that stays moves a logit to rate / 0.2 and no further.
        bins = BinDistribution(bins: 2)
        for _ in 0..<100 { bins.move(by: [1, 0], rate: 0.06, keeping: 0.8, floor: 0) }
        #expect(abs(bins.logits[0] - 0.3) < 1e-9 && bins.logits[1] == 0)
        // Lifting some may push others below.
        bins = BinDistribution(logits: [5, 0, -0.1, -9])
        bins.move(by: [0, 0, 0, 0], rate: 1, keeping: 1, floor: 0.4)
        for (found, expected) in zip(bins.probabilities, [0.7, 0.1, 0.1, 0.1]) { #expect(abs(found - expected) < 1e-9) }
    }

    /// What is not finite, or of no steps, tells nothing; few windows move nothing.
    @Test func whatTellsNothing() {
        var progress = BinProgress(bins: 2), found = BinDistribution(bins: 2)
        var isTold = progress.close(fall: 1, memory: 8)
        #expect(!isTold)
        for fall in [Double.nan, .infinity, 1] {
            progress.open = BinProgress.Window(number: 0, probabilities: [0.5, 0.5])
            if fall != 1 { progress.note(0, multiplyAdds: 5) }
            isTold = progress.close(fall: fall, memory: 8)
            #expect(!isTold && progress.open == nil)
        }
        // Without any difference, and without any multiply-adds, there is nothing to divide by.
        for number in 0..<20 {
            let told = progress.update(&found, rate: 1, floor: 0, seed: 1)
            #expect((told == nil) == (number < 8))
            progress.open = BinProgress.Window(number: number, probabilities: [0.5, 0.5])
            progress.note(number % 2, multiplyAdds: 0)
            isTold = progress.close(fall: 0, memory: 12)
            #expect(isTold && progress.windows.count == min(12, number + 1))
        }
        #expect(found.probabilities == [0.5, 0.5])
    }
}
