internal import Foundation
internal import SearchSpaces
internal import Tensors

extension ShiftSampler {
    /// Whether the probabilities are measured, and from the second time on updated, after so many steps.
    public func isUpdateDue(_ step: Int) -> Bool {
        settings.rate > 0 && step > 0 && step >= settings.warm && (step - settings.warm) % settings.period == 0
    }

    /// Measures, and moves the probabilities towards bins whose losses fall most.
    func update(step: Int, probe: some ShiftProbe) throws {
        switch settings.estimator {
        case .expected: try updateByAll(step: step, probe)
        case .sampled: try updateByOne(step: step, probe)
        case .literal: try updateByGradients(step: step, probe)
        }
        state.visits += 1
    }

    private func updateByAll(step: Int, _ probe: some ShiftProbe) throws {
        if let changes = try changes(probe) {
            shift(by: state.distribution.gradient(ofExpected: changes.map(\.mean)), step: step)
            tell(changes, step: step)
        }
        try keep(Array(0..<bins.count), step: step, probe)
    }

    private func updateByOne(step: Int, _ probe: some ShiftProbe) throws {
        if let change = try changes(probe)?.first {
            let baseline = state.baseline ?? change.mean
            shift(
                by: state.distribution.gradient(ofSampled: change.mean, bin: change.bin, baseline: baseline), step: step
            )
            if change.mean.isFinite { state.baseline = 0.8 * baseline + 0.2 * change.mean }
            tell([change], step: step)
        }
        // Drawn by the probabilities that hold until the next update, as the estimator asks.
        let words = CounterRandom(seed: seed, stream: .subnet).block(step: UInt64(step), index: 0)
        try keep([state.distribution.bin(at: Double(words.z) * 0x1p-32)], step: step, probe)
    }

    /// Eq. 8: one draw of a bin, straight through, and the gradients at two states of the weights.
    private func updateByGradients(step: Int, _ probe: some ShiftProbe) throws {
        defer { probe.rememberWeights() }
        guard state.visits > 0, let generator else { return }
        let noise = GeneratorNoise(seed: seed, step: step, use: Self.literalBinUse)
        let tau = temperature(step)
        let noisy = state.distribution.logits.enumerated().map { $0.element + Double(noise[$0.offset]) }
        let bin = noisy.indices.max { noisy[$0] < noisy[$1] } ?? 0
        let largest = noisy[bin]
        let powers = noisy.map { exp(($0 - largest) / tau) }
        let soft = powers.map { $0 / powers.reduce(0, +) }
        let costs = (0..<bins.count).map { bins.normalized(bins.target($0)) }
        let trace = generator.run(
            cost: Float(costs[bin]), noise: GeneratorNoise(seed: seed, step: step, use: Self.literalUse),
            temperature: Float(tau))
        let (now, before) = try probe.optionGradients(trace.choices.genome, visit: state.visits)
        var options = now
        for index in options.values.indices { options.values[index] -= before.values[index] }
        let slope = Double(
            generator.backward(trace, options: options, active: space.isActive(trace.choices.genome)))
        generator.clearGradient()
        guard slope.isFinite else { return }
        let mean = zip(soft, costs).map { $0 * $1 }.reduce(0, +)
        shift(by: soft.indices.map { soft[$0] * (costs[$0] - mean) * slope / tau }, step: step)
        state.figures.append(SamplerFigure(step: step, name: "costSlope", bin: 0, value: slope))
    }

    private func shift(by gradient: [Double], step: Int) {
        // A diverging network is somebody else's to notice.
        guard gradient.allSatisfy(\.isFinite) else { return }
        state.distribution.update(by: gradient, rate: settings.rate)
        for (bin, probability) in probabilities.enumerated() {
            state.figures.append(SamplerFigure(step: step, name: "probability", bin: bin, value: probability))
        }
        state.figures.append(
            SamplerFigure(step: step, name: "totalVariation", bin: 0, value: state.distribution.totalVariation))
    }

    /// A bin's loss change since its subnet was kept, with the standard error of it.
    private struct Change {
        let bin: Int
        let mean: Double
        let error: Double
    }

    /// Measures what is kept again, on the same examples; nil when nothing is.
    private func changes(_ probe: some ShiftProbe) throws -> [Change]? {
        guard !state.kept.isEmpty else { return nil }
        let now = try probe.losses(state.kept.map(\.genome), visit: state.visits - 1)
        return zip(state.kept, now).map { kept, losses in
            let changes = zip(losses, kept.losses).map { $0 - $1 }
            let mean = changes.reduce(0, +) / Double(changes.count)
            let squares = changes.map { ($0 - mean) * ($0 - mean) }.reduce(0, +)
            let count = Double(changes.count)
            return Change(
                bin: kept.bin, mean: mean, error: count > 1 ? (squares / (count - 1) / count).squareRoot() : 0)
        }
    }

    private func tell(_ changes: [Change], step: Int) {
        guard changes.allSatisfy({ $0.mean.isFinite && $0.error.isFinite }) else { return }
        for change in changes {
            state.figures.append(SamplerFigure(step: step, name: "lossChange", bin: change.bin, value: change.mean))
        }
        guard changes.count > 1 else { return }
        let mean = changes.map(\.mean).reduce(0, +) / Double(changes.count)
        let spread = changes.map { ($0.mean - mean) * ($0.mean - mean) }.reduce(0, +) / Double(changes.count - 1)
        let noise = changes.map(\.error).reduce(0, +) / Double(changes.count)
        if noise > 0 {
            state.figures.append(
                SamplerFigure(step: step, name: "signalToNoise", bin: 0, value: spread.squareRoot() / noise))
        }
    }

    /// A subnet of a bin, as far as the generator has learned to hold it.
    private func drawInside(_ bin: Int, step: Int) -> Genome {
        var genome = space.smallest
        for attempt in 0..<Self.binTries {
            genome = draw(bin, step: step, use: Self.binUse + bin * Self.binTries + attempt).genome
            if bins.bin(of: space.cost(of: genome)[bins.metric]) == bin { break }
        }
        return genome
    }

    private func keep(_ wanted: [Int], step: Int, _ probe: some ShiftProbe) throws {
        let genomes = wanted.map { drawInside($0, step: step) }
        let losses = try probe.losses(genomes, visit: state.visits)
        state.kept = wanted.indices.map {
            ShiftState.Kept(bin: wanted[$0], choices: genomes[$0].choices, losses: losses[$0])
        }
        guard losses.joined().allSatisfy(\.isFinite) else {
            state.kept = []
            return
        }
        for kept in state.kept {
            let loss = kept.losses.reduce(0, +) / Double(kept.losses.count)
            state.figures.append(SamplerFigure(step: step, name: "heldOutLoss", bin: kept.bin, value: loss))
        }
    }
}
