internal import Datasets
public import SearchSpaces
public import Supernets
public import Tensors

// The statistics of norms over examples: measured for a subnet before it is.

extension Evaluator {
    /// What subnets with norms over examples are evaluated with.
    struct Norms {
        let network: any CalibratedSupernet
        let plan: NormPlan
        /// Nil for those of the chunks.
        let statistics: FloatBuffer?
    }

    /// Bytes that the statistics of subnets take at most while they are measured and used.
    public static func statisticsBytes(of supernet: any Supernet, subnets: Int, workers: Int) -> Int {
        guard let network = supernet as? any CalibratedSupernet else { return 0 }
        let largest = network.normPlan(of: [supernet.space.largest]).valueCount
        let values = Swift.max(largest, Swift.min(subnets.times(largest), usualStatistics))
        return values
            * (MemoryLayout<Double>.stride * (PooledMoments.runs + workers + 1) + MemoryLayout<Float>.stride * 2)
            + KnownStatistics.usualCount * MemoryLayout<Float>.stride
    }

    /// Measures statistics anew from here on, for who times that.
    public func forgetStatistics() {
        if case .calibrated(let calibration) = statistics { calibration.known.forget() }
    }

    /// The places of genomes that are evaluated together: all, or those with a common front where all have too many statistics.
    func calibrationGroups(of genomes: [Genome]) -> [[Int]] {
        guard case .calibrated = statistics, let network = supernet as? any CalibratedSupernet else {
            return [Array(genomes.indices)]
        }
        func cut(_ places: [Int]) -> [[Int]] {
            let plan = network.normPlan(of: places.map { genomes[$0] })
            guard plan.valueCount > mostStatistics, places.count > 1 else { return [places] }
            let order = plan.order.map { places[$0] }
            return cut(Array(order[..<(order.count / 2)])) + cut(Array(order[(order.count / 2)...]))
        }
        return cut(Array(genomes.indices))
    }

    /// What some subnets are evaluated with; nil where it is among the parameters.
    func norms(
        of genomes: [Genome], with store: ParameterStore, for use: Calibration.Use,
        shouldStop: @Sendable () -> Bool = { false }
    ) throws -> Norms? {
        guard let network = supernet as? any CalibratedSupernet else { return nil }
        switch statistics {
        case .parameters: return nil
        case .chunks: return Norms(network: network, plan: network.normPlan(of: genomes), statistics: nil)
        case .calibrated(let calibration):
            let plan = network.normPlan(of: genomes), values = FloatBuffer(count: plan.valueCount)
            kernels.upload(
                try statistics(of: plan, of: network, with: store, on: calibration, for: use, shouldStop: shouldStop),
                to: values.whole)
            return Norms(network: network, plan: plan, statistics: values)
        }
    }

    /// The statistics of a plan: of subnets that were measured on these weights what is known, of others what is measured now.
    private func statistics(
        of plan: NormPlan, of network: any CalibratedSupernet, with store: ParameterStore, on calibration: Calibration,
        for use: Calibration.Use, shouldStop: @Sendable () -> Bool
    ) throws -> [Float] {
        var weights = StableHash()
        store.values.whole.withBytes { weights.combine(words: $0) }
        let keys = plan.genomes.map {
            KnownStatistics.Key(weights: weights, use: use, genome: supernet.space.canonical($0))
        }
        var own = calibration.known.values(of: keys)
        let missing = own.indices.filter { own[$0] == nil }
        if !missing.isEmpty {
            let part = missing.count == own.count ? plan : network.normPlan(of: missing.map { plan.genomes[$0] })
            let (measured, isWhole) = try measure(
                part, of: network, with: store, on: calibration, for: use, shouldStop: shouldStop)
            for (place, ranges) in zip(missing, part.ranges) {
                let values = ranges.flatMap { measured[$0] }
                own[place] = values
                if isWhole { calibration.known.note(values, of: keys[place]) }
            }
            if missing.count == own.count { return measured }
        }
        var statistics = [Float](repeating: 0, count: plan.valueCount)
        for (values, ranges) in zip(own, plan.ranges) {
            guard var rest = values?[...] else { continue }
            for range in ranges {
                statistics.replaceSubrange(range, with: rest.prefix(range.count))
                rest = rest.dropFirst(range.count)
            }
        }
        return statistics
    }

    /// - Returns: The values of the plan, and whether nobody asked to stop before all was seen.
    private func measure(
        _ plan: NormPlan, of network: any CalibratedSupernet, with store: ParameterStore, on calibration: Calibration,
        for use: Calibration.Use, shouldStop: @Sendable () -> Bool
    ) throws -> (values: [Float], isWhole: Bool) {
        let indices = Array(calibration.indices(for: use)), chunks = (indices.count + Self.chunk - 1) / Self.chunk
        guard chunks > 0 else { throw DatasetError.empty(file: "calibration examples") }
        let pooled = PooledMoments(plan, examples: indices.count)
        let faults = UnsafeMutableBufferPointer<(any Error)?>.allocate(capacity: PooledMoments.runs)
        faults.initialize(repeating: nil)
        let stopped = UnsafeMutableBufferPointer<Bool>.allocate(capacity: PooledMoments.runs)
        stopped.initialize(repeating: false)
        defer {
            faults.deinitialize()
            faults.deallocate()
            stopped.deallocate()
        }
        pool.run(PooledMoments.runs) { worker, run in
            let room = rooms[worker]
            let values = UnsafeMutableBufferPointer<Double>.allocate(capacity: plan.valueCount)
            values.initialize(repeating: 0)
            defer { values.deallocate() }
            for chunk in PooledMoments.chunks(ofRun: run, of: chunks) {
                // Whoever asks to stop asks on: nothing is measured with what is missing here.
                if shouldStop() {
                    stopped[run] = true
                    return
                }
                let part = indices[chunk * Self.chunk..<min((chunk + 1) * Self.chunk, indices.count)]
                do {
                    try room.batch.fill { try calibration.examples.fill($0, with: part) }
                } catch {
                    faults[run] = error
                    return
                }
                network.measure(
                    room.batch.inputs(0..<part.count), by: plan, with: store, on: room.tape, into: values)
                pooled.add(values, examples: part.count, toRun: run)
            }
        }
        if let fault = faults.lazy.compactMap({ $0 }).first { throw fault }
        return (pooled.statistics(), !stopped.contains(true))
    }

    /// Parameters of a subnet with the statistics that its norms are measured to have, as a network of its own needs them.
    ///
    /// - Throws: `DatasetError` when an index is not of the set.
    public func withStatistics(of genome: Genome, values: FloatBuffer) throws -> FloatBuffer {
        let store = ParameterStore(values: values, gradients: values)
        guard let norms = try norms(of: [genome], with: store, for: .finalists), let statistics = norms.statistics
        else {
            return values
        }
        let own = FloatBuffer(count: values.count)
        kernels.copy(values.whole, to: own.whole)
        norms.network.copyStatistics(of: 0, in: norms.plan, from: statistics.whole, to: own, on: kernels)
        return own
    }
}
