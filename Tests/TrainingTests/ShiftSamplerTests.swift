import Runs
import SearchSpaces
import TestSupport
import Testing

@testable import Tensors
@testable import Training

@Suite struct ShiftSamplerTests {
    /// Losses that fall between two visits by an amount that grows or shrinks with the cost.
    private final class Probe: SamplerProbe {
        let space: SearchSpace
        let bins: CostBins
        let tilt: Double
        /// Updates so far.
        var time = 0.0
        /// Chunks of the losses.
        var chunks = 2

        init(_ space: SearchSpace, _ bins: CostBins, tilt: Double) {
            self.space = space
            self.bins = bins
            self.tilt = tilt
        }

        private func cost(_ genome: Genome) -> Double {
            bins.normalized(Double(space.cost(of: genome).multiplyAdds))
        }

        /// loss = 2 - time * tilt * cost, two chunks of them.
        func losses(_ genomes: [Genome], part: Int) throws -> [[Double]] {
            genomes.map { genome in [0, 0.01].prefix(chunks).map { 2 - time * tilt * cost(genome) + $0 } }
        }

        func optionGradients(_ genome: Genome, part: Int) throws -> (now: OptionWeights, before: OptionWeights) {
            var now = space.costGradient(at: genome, by: .multiplyAdds)
            let before = OptionWeights(space.decisions)
            for index in now.values.indices { now.values[index] *= -Float(tilt) / Float(bins.high - bins.low) }
            return (now, before)
        }

        func rememberWeights() {}
    }

    private static func sampler(
        _ estimator: String, generator: String = "lstm", bins: Int = 4
    ) throws -> (ShiftSampler, SearchSpace) {
        let scene = try Scene(
            "sampler: {kind: shift, bins: \(bins), estimator: \(estimator), generator: \(generator)}", sampler: 60)
        let settings = try #require(scene.settings.sampler.settings as? ShiftSettings)
        let sampler = ShiftSampler(
            space: scene.space, settings: settings, steps: 2000, seed: 1, kernels: try Kernels())
        return (sampler, scene.space)
    }

    /// A worker may tell other chunks of a subnet than it told before: what was kept with these is measured anew.
    @Test(arguments: ["expected", "sampled"]) func chunksMayDiffer(estimator: String) throws {
        let (sampler, space) = try Self.sampler(estimator)
        let probe = Probe(space, sampler.bins, tilt: 1)
        for visit in 0..<40 {
            (probe.time, probe.chunks) = (Double(visit), visit % 7 == 6 ? 1 : 2)
            try sampler.update(step: visit, probe: probe)
        }
        #expect(sampler.probabilities.allSatisfy { $0.isFinite })
    }

    /// A, B and C tilt the probabilities the same way: towards bins whose losses fall most.
    @Test(arguments: ["expected", "sampled", "literal"], [1.0, -1.0])
    func estimatorsAgree(estimator: String, tilt: Double) throws {
        let (sampler, space) = try Self.sampler(estimator)
        // A generator that answers the cost it is asked for.
        for step in 0..<300 { sampler.learn(step: step, options: OptionWeights(space.decisions)) }
        let probe = Probe(space, sampler.bins, tilt: tilt)
        for visit in 0..<60 {
            probe.time = Double(visit)
            try sampler.update(step: visit, probe: probe)
        }
        let p = sampler.probabilities
        let mean = p.enumerated().map { Double($0.offset) * $0.element }.reduce(0, +)
        #expect(tilt > 0 ? mean > 1.7 : mean < 1.3, "\(estimator): \(p)")
        let names = Set(sampler.statistics(of: 0..<60).map(\.name))
        #expect(names.isSuperset(of: ["probability", "totalVariation"]))
        #expect(names.contains(estimator == "literal" ? "costSlope" : "lossChange"))
        if estimator == "expected" { #expect(names.contains("signalToNoise")) }
    }

    @Test func theFirstVisitOnlyMeasures() throws {
        let (sampler, space) = try Self.sampler("expected")
        try sampler.update(step: 0, probe: Probe(space, sampler.bins, tilt: 1))
        #expect(sampler.probabilities == [0.25, 0.25, 0.25, 0.25])
        #expect(sampler.learned.panels.map(\.subnets.count) == [4])
    }

    /// A loss that falls evenly has that slope whatever its level; panels begin one after the other and end.
    @Test func slopesOverTheWindow() throws {
        let (sampler, space) = try Self.sampler("expected, window: 4, panels: 2, rate: 0.5", generator: "table")
        let probe = Probe(space, sampler.bins, tilt: 1)
        var ages: [[Int]] = []
        for visit in 0..<6 {
            probe.time = Double(visit)
            try sampler.update(step: visit, probe: probe)
            ages.append(sampler.learned.panels.map(\.age))
        }
        #expect(ages == [[0], [1], [2, 0], [3, 1], [2, 0], [3, 1]])
        #expect(sampler.learned.panels.map(\.part) == [1, 2])
        let told = sampler.statistics(of: 0..<6).filter { $0.name == "lossChange" }
        // The window is half full at the third visit.
        #expect(Set(told.map(\.step)) == [2, 3, 4, 5] && told.count == 16)
        for bin in 0..<4 {
            let subnets = sampler.learned.panels.map { $0.subnets[bin] }
            let costs = subnets.map { subnet in
                let cost = Double(space.cost(of: subnet.genome).multiplyAdds)
                return sampler.bins.normalized(cost)
            }
            // Sums of squared distances from the middle: 5 of four measurements, 0.5 of two.
            let slope = -(5 * costs[0] + 0.5 * costs[1]) / 5.5
            let value = try #require(told.last { $0.bin == bin }).value
            #expect(abs(value - slope) < 1e-12)
        }
    }

    /// Every subnet that is measured is of the bin that it is measured for, also of bins that a generator which has learned
    /// nothing hits once in 64 draws; a bin without architectures is left out and stays as probable as it was.
    @Test(arguments: ["expected", "sampled"], ["lstm", "table"])
    func whatIsMeasuredIsOfItsBin(estimator: String, generator: String) throws {
        let (sampler, space) = try Self.sampler(
            "\(estimator), window: 4, panels: 2, rate: 0.5", generator: generator, bins: 24)
        let shares = CostDistribution(space, bins: sampler.bins).uniformShares
        let filled = shares.indices.filter { shares[$0] > 0 }
        #expect(filled.count < 24 && shares.contains { $0 > 0 && $0 < 0.02 })
        let probe = Probe(space, sampler.bins, tilt: 1)
        var measured: Set<Int> = []
        for visit in 0..<12 {
            probe.time = Double(visit)
            try sampler.update(step: visit, probe: probe)
            for panel in sampler.learned.panels {
                if estimator == "expected" { #expect(panel.subnets.map(\.bin) == filled) }
                for subnet in panel.subnets {
                    #expect(sampler.bins.bin(of: space.cost(of: subnet.genome).multiplyAdds) == subnet.bin)
                    measured.insert(subnet.bin)
                }
            }
        }
        #expect(measured.isSubset(of: filled) && !measured.isEmpty)
        let logits = sampler.learned.distribution.logits
        #expect(Set(logits).count > 1)
        guard estimator == "expected" else { return }
        for bin in shares.indices where shares[bin] == 0 { #expect(abs(logits[bin]) < 1e-3, "bin \(bin)") }
        #expect(filled.count { abs(logits[$0]) > 0.01 } > filled.count / 2)
    }

    /// What a window measures is the fall of the weighted mean between its ends, by subnets that lie in their bins; what it
    /// counts are the steps between them.
    @Test func windowsOfProgress() throws {
        let (sampler, space) = try Self.sampler(
            "progress, weights: [1, 0, 2, 1], memory: 9", generator: "table")
        #expect(!sampler.settings.hasMaskedPasses && sampler.generator == nil && sampler.tensors.isEmpty)
        let costs = SubnetCosts(space), mean = costs.meanOfBins(4, by: .multiplyAdds, others: .nearest)
        #expect(sampler.settings.multiplyAdds(of: costs, batch: 8, shards: 2) == mean)
        let probe = Probe(space, sampler.bins, tilt: 1)
        var step = 0
        for visit in 0..<12 {
            probe.time = Double(visit * visit)
            let subnets = sampler.learned.panels.first?.subnets ?? []
            try sampler.update(step: step, probe: probe)
            let progress = try #require(sampler.learned.progress)
            #expect(progress.windows.count == min(9, visit) && sampler.learned.panels.map(\.part) == [visit])
            #expect(sampler.learned.panels[0].subnets.map(\.bin) == [0, 2, 3] && sampler.learned.panels[0].age == 0)
            if let window = progress.windows.last {
                let costs = subnets.map { sampler.bins.normalized(Double(space.cost(of: $0.genome).multiplyAdds)) }
                let fall = Double(2 * visit - 1) * (costs[0] + 2 * costs[1] + costs[2]) / 4
                #expect(abs(window.fall - fall) < 1e-12)
                let steps = step - 10..<step
                let told = sampler.statistics(of: steps).filter { $0.name == "draws" }.map(\.value)
                #expect(window.counts.reduce(0, +) == 10 && window.counts == told && window.number == visit - 1)
                #expect(zip(window.counts, window.multiplyAdds).allSatisfy { ($0 == 0) == ($1 == 0) })
            }
            sampler.forgetStatistics()
            for _ in 0..<10 {
                sampler.note(sampler.genomes(step: step)[0], step: step)
                step += 1
            }
        }
        // Eight windows are the least that tell, and the state is all there is.
        #expect(sampler.learned.distribution.updates == 4)
        let (other, _) = try Self.sampler("progress, weights: [1, 0, 2, 1], memory: 9", generator: "table")
        #expect(other.restore(sampler.state) && other.learned == sampler.learned)
        #expect((step..<step + 50).allSatisfy { other.drawnBin(step: $0) == sampler.drawnBin(step: $0) })
        try sampler.update(step: step, probe: probe)
        let names = Set(sampler.statistics(of: 0..<step).map(\.name))
        #expect(
            names.isSuperset(of: [
                "lossChange", "advantage", "advantageShrunk", "probability", "totalVariation", "placeboVariation",
                "placeboVariation95", "heldOutLoss",
            ]))
    }

    /// States of earlier versions have nothing of the estimator `progress`; what is of other bins is refused.
    @Test func earlierStatesAreRead() throws {
        let (sampler, _) = try Self.sampler("expected")
        let zeros = "[0,0,0,0]"
        func state(_ logits: String, _ more: String = "") -> String {
            """
            {"distribution":{"logits":\(logits),"mean":\(zeros),"updates":3,"variance":\(zeros)},"draws":\(zeros),\
            "distance":0.5,"figures":[],"generatorUpdates":7,"hits":1,"panelCount":2,"panels":[],"visits":4\(more)}
            """
        }
        #expect(sampler.restore(state("[1,0,0,-1]")))
        #expect(sampler.learned.visits == 4 && sampler.learned.progress == nil && sampler.learned.generatorUpdates == 7)
        #expect(sampler.state?.contains("progress") == false)
        #expect(!sampler.restore(state("[1,0,0]")))
        #expect(!sampler.restore(state(zeros, ",\"progress\":{\"placebos\":[],\"windows\":[]}")))
    }

    /// Bins are drawn by their probabilities (chi-square, p > 0.001), and the table's genomes lie in them.
    @Test func drawsFollowTheProbabilities() throws {
        let (sampler, space) = try Self.sampler("expected", generator: "table")
        sampler.learned.distribution = BinDistribution(logits: [1, 0, 0.5, -1])
        var counts = [Double](repeating: 0, count: 4)
        let draws = 4000
        for step in 0..<draws {
            let draw = sampler.draw(step: step)
            counts[draw.bin] += 1
            #expect(sampler.bins.bin(of: space.cost(of: draw.genome).multiplyAdds) == draw.bin)
            #expect(sampler.genomes(step: step) == [draw.genome])
        }
        let chi = zip(counts, sampler.probabilities).map { count, probability -> Double in
            let expected = probability * Double(draws)
            return (count - expected) * (count - expected) / expected
        }.reduce(0, +)
        // Three degrees of freedom.
        #expect(chi < 16.27, "\(counts)")
        #expect(!sampler.isMasked(0))
    }

    /// Masked and sliced passes of a genome have one loss; the temperature falls from its start to its end.
    @Test func aMaskedPassCountsAsItsSlice() throws {
        // SGD without momentum: an update is the gradient.
        let scene = try Scene(
            "sampler: {kind: shift, bins: 4, joint: 1}, optimizer: {name: sgd, rate: 1, momentum: 0, weightDecay: 0, schedule: constant}",
            sampler: 60)
        let (left, right) = (try scene.trainer(), try scene.trainer())
        try left.fillBatch(step: 0)
        try right.fillBatch(step: 0)
        let genome = scene.space.smallest
        let masked = left.train([Pass(genome: genome, isMasked: true)])
        let sliced = right.train([Pass(genome: genome)])
        #expect(abs(masked.loss - sliced.loss) < 1e-5)
        for (a, b) in zip(left.values.values, right.values.values) { #expect(abs(a - b) < 2e-6) }
        #expect(left.bits != (try scene.trainer()).bits)
        let shift = try #require(left.sampler as? ShiftSampler)
        #expect(shift.temperature(0) == 1 && abs(shift.temperature(40) - 0.3) < 1e-12)
    }
}
