internal import Foundation
internal import Runs
internal import SearchSpaces
internal import Tensors

extension ShiftSampler {
    /// Whether losses are measured after so many steps, and the probabilities updated once enough are known.
    public func isUpdateDue(_ step: Int) -> Bool {
        settings.rate > 0 && step > 0 && step >= settings.warm && (step - settings.warm) % settings.period == 0
    }

    /// Measures, and moves the probabilities towards bins whose losses fall most.
    public func update(step: Int, probe: any SamplerProbe) throws {
        switch settings.estimator {
        case .expected: try updateByAll(step: step, probe)
        case .sampled: try updateByOne(step: step, probe)
        case .literal: try updateByGradients(step: step, probe)
        case .progress: try updateByProgress(step: step, probe)
        }
        learned.visits += 1
        tellLosses(step: step)
    }

    /// Every bin has a subnet in each panel; a panel is kept for ``ShiftSettings/window`` further measurements.
    private func updateByAll(step: Int, _ probe: any SamplerProbe) throws {
        try measureAgain(probe)
        // Of fewer measurements than half a window a change would be told by chance.
        if learned.panels.contains(where: { $0.age >= (settings.window + 1) / 2 }) {
            let changes = (0..<bins.count).compactMap(change)
            shift(by: learned.distribution.gradient(ofExpected: everywhere(changes)), step: step)
            tell(changes, step: step)
        }
        learned.panels.removeAll { $0.age >= settings.window }
        if learned.visits % ((settings.window + settings.panels - 1) / settings.panels) == 0 {
            try keep(Array(0..<bins.count), step: step, probe)
        }
    }

    /// The changes of all bins: one that nothing was measured of changes as expected of the others, which leaves it as it is.
    private func everywhere(_ changes: [Change]) -> [Double] {
        let p = probabilities
        let known = changes.map { p[$0.bin] }.reduce(0, +)
        let expectation = known > 0 ? changes.map { p[$0.bin] * $0.mean }.reduce(0, +) / known : 0
        return changes.reduce(into: [Double](repeating: expectation, count: bins.count)) { $0[$1.bin] = $1.mean }
    }

    private func updateByOne(step: Int, _ probe: any SamplerProbe) throws {
        try measureAgain(probe)
        if let bin = learned.panels.first?.subnets.first?.bin, let change = change(of: bin) {
            let baseline = learned.baseline ?? change.mean
            shift(by: learned.distribution.gradient(ofSampled: change.mean, bin: bin, baseline: baseline), step: step)
            if change.mean.isFinite { learned.baseline = 0.8 * baseline + 0.2 * change.mean }
            tell([change], step: step)
        }
        learned.panels = []
        // Drawn by the probabilities that hold until the next update, as the estimator asks.
        let words = CounterRandom(seed: seed, stream: .subnet).block(step: UInt64(step), index: 0)
        try keep([learned.distribution.bin(at: Double(words.z) * 0x1p-32)], step: step, probe)
    }

    /// A subnet of each bin that counts is measured before a window of steps and after it, and not again.
    private func updateByProgress(step: Int, _ probe: any SamplerProbe) throws {
        let weights = settings.weights(of: bins, shares: counted?.uniformShares)
        var progress = learned.progress ?? BinProgress(bins: bins.count)
        try measureAgain(probe)
        // Only subnets that lie in their bin are measured.
        let subnets = learned.panels.flatMap(\.subnets)
        let total = subnets.map { weights[$0.bin] }.reduce(0, +)
        let falls = subnets.map { subnet in
            let means = subnet.losses.map { $0.reduce(0, +) / Double(max(1, $0.count)) }
            return (bin: subnet.bin, fall: (means.first ?? 0) - (means.last ?? 0))
        }
        let fall = total > 0 ? falls.map { weights[$0.bin] / total * $0.fall }.reduce(0, +) : .nan
        if progress.close(fall: fall, memory: settings.memory) {
            for own in falls { tell("lossChange", own.bin, -own.fall, step) }
            let found = progress.update(
                &learned.distribution, rate: settings.rate, floor: settings.floor, seed: seed)
            if let found {
                for (bin, estimate) in found.enumerated() {
                    tell("advantage", bin, estimate.advantage * progress.meanCost, step)
                    tell("advantageShrunk", bin, estimate.shrunk, step)
                }
                tellProbabilities(step: step)
                tell("placeboVariation", 0, progress.chance.median, step)
                tell("placeboVariation95", 0, progress.chance.most, step)
            }
        }
        progress.open = BinProgress.Window(number: learned.visits, probabilities: probabilities)
        learned.progress = progress
        learned.panels = []
        try keep(weights.indices.filter { weights[$0] > 0 }, step: step, probe)
    }

    /// Eq. 8: one draw of a bin, straight through, and the gradients at two states of the weights.
    private func updateByGradients(step: Int, _ probe: any SamplerProbe) throws {
        defer { probe.rememberWeights() }
        guard learned.visits > 0, let generator else { return }
        let noise = GeneratorNoise(seed: seed, step: step, use: Self.literalBinUse)
        let tau = temperature(step)
        let noisy = learned.distribution.logits.enumerated().map { $0.element + Double(noise[$0.offset]) }
        let bin = noisy.indices.max { noisy[$0] < noisy[$1] } ?? 0
        let largest = noisy[bin]
        let powers = noisy.map { exp(($0 - largest) / tau) }
        let soft = powers.map { $0 / powers.reduce(0, +) }
        let costs = (0..<bins.count).map { bins.normalized(bins.target($0)) }
        let trace = generator.run(
            cost: Float(costs[bin]), noise: GeneratorNoise(seed: seed, step: step, use: Self.literalUse),
            temperature: Float(tau))
        let (now, before) = try probe.optionGradients(trace.choices.genome, part: learned.visits)
        var options = now
        for index in options.values.indices { options.values[index] -= before.values[index] }
        let slope = Double(
            generator.backward(trace, options: options, active: space.isActive(trace.choices.genome)))
        generator.clearGradient()
        guard slope.isFinite else { return }
        let mean = zip(soft, costs).map { $0 * $1 }.reduce(0, +)
        shift(by: soft.indices.map { soft[$0] * (costs[$0] - mean) * slope / tau }, step: step)
        learned.statistics.append(SamplerStatistic(step: step, name: "costSlope", bin: 0, value: slope))
    }

    private func shift(by gradient: [Double], step: Int) {
        // A diverging network is somebody else's to notice.
        guard gradient.allSatisfy(\.isFinite) else { return }
        learned.distribution.update(by: gradient, rate: settings.rate)
        tellProbabilities(step: step)
    }

    private func tell(_ name: String, _ bin: Int, _ value: Double, _ step: Int) {
        learned.statistics.append(SamplerStatistic(step: step, name: name, bin: bin, value: value))
    }

    private func tellProbabilities(step: Int) {
        for (bin, probability) in probabilities.enumerated() {
            learned.statistics.append(SamplerStatistic(step: step, name: "probability", bin: bin, value: probability))
        }
        learned.statistics.append(
            SamplerStatistic(step: step, name: "totalVariation", bin: 0, value: learned.distribution.totalVariation))
    }

    /// A bin's loss change from one measurement to the next, with the standard error of it.
    private struct Change {
        let bin: Int
        let mean: Double
        let error: Double
    }

    /// Measures what is kept again, on the same examples.
    private func measureAgain(_ probe: any SamplerProbe) throws {
        for index in learned.panels.indices {
            let panel = learned.panels[index]
            let losses = try probe.losses(panel.subnets.map(\.genome), part: panel.part)
            for (subnet, values) in losses.enumerated() { learned.panels[index].subnets[subnet].losses.append(values) }
        }
        // A diverging network is somebody else's to notice; a worker may tell other chunks than it told before.
        learned.panels.removeAll { panel in
            !panel.subnets.allSatisfy { subnet in
                let chunks = subnet.losses.first?.count
                return subnet.losses.allSatisfy { $0.count == chunks && $0.allSatisfy(\.isFinite) }
            }
        }
    }

    /// The slope of a bin's losses over measurements, by least squares: sum (t - mean t) loss / sum (t - mean t)^2.
    ///
    /// Each subnet has a level of its own, so that only how it falls counts. Steps of an optimiser make a loss swing from
    /// one measurement to the next by much more than it falls; a slope over many tells the one from the other. Nil of a bin
    /// that has no subnets.
    private func change(of bin: Int) -> Change? {
        var mean = 0.0, variance = 0.0, weight = 0.0
        for panel in learned.panels where panel.age > 0 {
            guard let subnet = panel.subnets.first(where: { $0.bin == bin }) else { continue }
            let middle = Double(panel.age) / 2
            let squares = (0...panel.age).map { (Double($0) - middle) * (Double($0) - middle) }.reduce(0, +)
            // Of each chunk the slope times the squares.
            let chunks = (subnet.losses.first ?? []).indices.map { chunk in
                subnet.losses.enumerated().map { (Double($0.offset) - middle) * $0.element[chunk] }.reduce(0, +)
            }
            let count = Double(chunks.count)
            let own = chunks.reduce(0, +) / count
            mean += own
            weight += squares
            if count > 1 {
                variance += chunks.map { ($0 - own) * ($0 - own) }.reduce(0, +) / (count - 1) / count
            }
        }
        guard weight > 0 else { return nil }
        return Change(bin: bin, mean: mean / weight, error: variance.squareRoot() / weight)
    }

    private func tell(_ changes: [Change], step: Int) {
        guard changes.allSatisfy({ $0.mean.isFinite && $0.error.isFinite }) else { return }
        for change in changes {
            learned.statistics.append(
                SamplerStatistic(step: step, name: "lossChange", bin: change.bin, value: change.mean))
        }
        guard changes.count > 1 else { return }
        let mean = changes.map(\.mean).reduce(0, +) / Double(changes.count)
        let spread = changes.map { ($0.mean - mean) * ($0.mean - mean) }.reduce(0, +) / Double(changes.count - 1)
        let noise = changes.map(\.error).reduce(0, +) / Double(changes.count)
        if noise > 0 {
            learned.statistics.append(
                SamplerStatistic(step: step, name: "signalToNoise", bin: 0, value: spread.squareRoot() / noise))
        }
    }

    /// A subnet of a bin: what the sampler itself draws for it, an exact draw where that misses, nil where there is none.
    ///
    /// A loss under the name of another bin than the subnet's would teach the probabilities what is not so.
    private func drawInside(_ bin: Int, step: Int) -> Genome? {
        let first = Self.binUse + bin * Self.binTries
        for attempt in 0..<Self.binTries {
            let genome = draw(bin, step: step, use: first + attempt).genome
            if bins.bin(of: cost(of: genome)) == bin { return genome }
        }
        var numbers = CounterRandom(seed: seed, stream: .subnet).generator(step: UInt64(step), lane: first + 1)
        return counted?.draw(bin, using: &numbers)
    }

    /// Begins a panel with a subnet of each of some bins that has any.
    private func keep(_ wanted: [Int], step: Int, _ probe: any SamplerProbe) throws {
        let found = wanted.compactMap { bin in drawInside(bin, step: step).map { (bin: bin, genome: $0) } }
        guard !found.isEmpty else { return }
        let genomes = found.map(\.genome)
        let losses = try probe.losses(genomes, part: learned.panelCount)
        let panel = ShiftState.Panel(
            part: learned.panelCount,
            subnets: found.indices.map {
                ShiftState.Kept(bin: found[$0].bin, choices: genomes[$0].choices, losses: [losses[$0]])
            })
        learned.panelCount += 1
        guard losses.joined().allSatisfy(\.isFinite) else { return }
        learned.panels.append(panel)
    }

    /// Tells the newest loss of each bin, the mean over its subnets.
    private func tellLosses(step: Int) {
        for bin in 0..<bins.count {
            let losses = learned.panels.flatMap { panel in
                panel.subnets.filter { $0.bin == bin }.flatMap { $0.losses.last ?? [] }
            }
            guard !losses.isEmpty else { continue }
            let loss = losses.reduce(0, +) / Double(losses.count)
            learned.statistics.append(SamplerStatistic(step: step, name: "heldOutLoss", bin: bin, value: loss))
        }
    }
}
