public import SearchSpaces
public import Supernets
public import Tensors

/// Runs passes on the workers: prepare, shards, reduce, finish.
///
/// Every shard has a gradient buffer of its own; the buffers are summed over the slices of the genome in the order of a
/// ``ShardTree``, so the bits depend on the number of shards and not on the number of workers. After the first step nothing
/// of tensor size is allocated.
public final class PassRunner {
    private let supernet: any Supernet
    private let task: any LearningTask
    private let pool: WorkerPool
    private let kernels: any Backend
    private let weights: any SubnetWeights
    private let batch: TrainingBatch
    private let shards: Int
    private let outputs: Int
    private let tapes: [Tape]
    private let shardGradients: ShardBuffers
    /// The masks of a masked pass with their summed gradient, and what the shards add to it; nil where none is run.
    private let masks: Masks?
    /// What the last pass's weights told of its architecture.
    private var routedGradient: OptionWeights?
    private let teacherOutputs: FloatBuffer
    private let shardTallies: UnsafeMutableBufferPointer<Tally>

    /// What masked passes take.
    private struct Masks {
        let network: any MaskableSupernet
        let sum: ParameterStore
        let shardGradients: ShardBuffers
    }

    /// Makes room for any pass of a network over a batch.
    ///
    /// - Parameter isMasked: Whether there will be masked passes, which only a ``MaskableSupernet`` has.
    public init(
        supernet: any Supernet, task: any LearningTask, weights: any SubnetWeights, batch: TrainingBatch, shards: Int,
        isMasked: Bool = false,
        pool: WorkerPool, kernels: any Backend
    ) {
        precondition(shards >= 1 && shards <= batch.count, "a shard has an example")
        self.supernet = supernet
        self.task = task
        self.weights = weights
        self.batch = batch
        self.shards = shards
        self.pool = pool
        self.kernels = kernels
        outputs = supernet.space.signature.outputCount
        let largest = (0..<shards).map { batch.range(ofShard: $0, of: shards).count }.max() ?? 0
        let floats = supernet.arenaFloats(batch: largest, for: isMasked ? .maskedTraining : .training)
        tapes = (0..<pool.count).map { _ in Tape(backend: kernels, arena: Arena(floats: floats)) }
        shardGradients = ShardBuffers(shards: shards, floats: supernet.layout.floatCount)
        masks = (isMasked ? supernet as? any MaskableSupernet : nil).map { network in
            let count = network.masks.layout.floatCount
            return Masks(
                network: network,
                sum: ParameterStore(values: FloatBuffer(count: count), gradients: FloatBuffer(count: count)),
                shardGradients: ShardBuffers(shards: shards, floats: count))
        }
        teacherOutputs = FloatBuffer(count: batch.count * outputs)
        shardTallies = .allocate(capacity: shards)
        shardTallies.initialize(repeating: Tally())
    }

    deinit {
        shardTallies.deinitialize()
        shardTallies.deallocate()
    }

    /// Adds a pass's gradient of the mean loss over the batch to the trained gradient.
    ///
    /// - Parameters:
    ///   - weights: What it computes with instead of the trained weights.
    ///   - routing: What routers drop; nil for nothing.
    ///   - dropout: What a shard drops, from the place of its first example; nil for nothing.
    /// - Returns: What the examples of the batch add up to.
    public func run(
        _ pass: Pass, with weights: (any SubnetWeights)? = nil, routing: Dropout? = nil,
        dropout: ((_ firstExample: Int) -> Dropout)? = nil
    ) -> Tally {
        let weights = weights ?? self.weights
        let space = supernet.space
        let subnets = pass.genomes.map {
            SlicedSubnet($0, of: supernet, slices: pass.isMasked ? supernet.slices(of: space.largest) : nil)
        }
        precondition(subnets.count == 1 || subnets.count == shards, "a pass has one subnet or one for each shard")
        let values = weights.prepare(subnets, dropout: pass.isForward ? nil : routing)
        if pass.isMasked { fillMasks(pass.genomes[0]) }
        let order = dearestFirst(subnets)
        pool.run(shards) { worker, item in
            let shard = order[item], own = subnets.count == 1 ? 0 : shard
            runShard(
                shard, of: pass, subnets[own], values: values[own], on: tapes[worker], dropout: dropout)
        }
        if !pass.isForward {
            reduce(subnets, with: weights)
            if pass.isMasked { reduceMasks() }
            routedGradient = weights.finish(isLearned: pass.isMasked)
        }
        return ShardTree.sum(over: 0..<shards, by: +) { shardTallies[$0] }
    }

    /// Adds what shards bring to the gradients of their subnets' weights, over the slices that are used only.
    private func reduce(_ subnets: [SlicedSubnet], with weights: any SubnetWeights) {
        guard subnets.count > 1, !weights.isShared else {
            let target = weights.gradient(of: 0), used = Self.used(by: subnets)
            pool.run(used.count) { _, item in
                let parameter = used[item], offset = parameter.slice.entry.offset
                let sum = parameter.slice.view(of: target)
                if parameter.parts.isEmpty {
                    kernels.sum(shardGradients, at: offset, accumulating: true, into: sum)
                } else {
                    kernels.add(shardGradients, parts: parameter.parts, at: offset, to: sum)
                }
            }
            return
        }
        // Each subnet has weights of its own, and one shard.
        pool.run(shards) { _, shard in
            let target = weights.gradient(of: shard)
            for slice in subnets[shard].slices {
                kernels.copy(slice.view(of: shardGradients[shard]), to: slice.view(of: target))
            }
        }
    }

    /// The shards, those with the dearest subnets first, so that workers end together; the order changes no bit.
    private func dearestFirst(_ subnets: [SlicedSubnet]) -> [Int] {
        guard subnets.count > 1 else { return Array(0..<shards) }
        let costs = subnets.map { supernet.space.cost(of: $0.genome).multiplyAdds }
        return (0..<shards).sorted { (costs[$1], $0) < (costs[$0], $1) }
    }

    /// A parameter that shards add to, and what each has for it where they differ.
    private struct UsedParameter {
        /// The smallest slice that has all of theirs.
        var slice: ParameterSlice
        var parts: [ShardBuffers.Part]
    }

    /// The parameters that any of some subnets uses: one subnet for all shards, or one of each.
    private static func used(by subnets: [SlicedSubnet]) -> [UsedParameter] {
        guard subnets.count > 1 else { return subnets[0].slices.map { UsedParameter(slice: $0, parts: []) } }
        var places: [Int: Int] = [:], used: [UsedParameter] = []
        let nothing = [ShardBuffers.Part](repeating: ShardBuffers.Part(), count: subnets.count)
        for (shard, subnet) in subnets.enumerated() {
            for slice in subnet.slices {
                let place = places[slice.entry.offset] ?? used.count
                if place == used.count {
                    places[slice.entry.offset] = place
                    used.append(UsedParameter(slice: slice, parts: nothing))
                }
                used[place].parts[shard] = ShardBuffers.Part(rows: slice.rows, columns: slice.columns)
                let known = used[place].slice
                used[place].slice = ParameterSlice(
                    entry: known.entry, rows: max(known.rows, slice.rows), columns: max(known.columns, slice.columns))
            }
        }
        return used
    }

    /// Has somebody else teach the next passes over the batch as it is.
    func learn(from teacher: Teacher) {
        teacher.answer(batch, into: teacherOutputs.matrix(rows: batch.count, columns: outputs))
    }

    /// The mean loss of each shard's examples in the last pass.
    public var shardLosses: [Double] { shardTallies.map { $0.loss / Double(max(1, $0.examples)) } }

    /// The gradient of the last masked pass by the option weights of its genome.
    public func optionGradient(of genome: Genome) -> OptionWeights {
        let weights = OptionWeights(genome, of: supernet.space.decisions)
        guard let masks else { return weights }
        var gradient = masks.network.optionGradient(ofMasks: masks.sum.gradients, at: weights, on: kernels)
        // The architecture also decides what the weights are.
        if let routedGradient {
            for index in gradient.values.indices { gradient.values[index] += routedGradient.values[index] }
        }
        return gradient
    }

    private func fillMasks(_ genome: Genome) {
        precondition(masks != nil, "room was made for masked passes")
        guard let masks else { return }
        masks.network.fillMasks(
            masks.sum.values, from: OptionWeights(genome, of: supernet.space.decisions), on: kernels)
        for shard in 0..<shards { kernels.fill(masks.shardGradients[shard].whole, with: 0) }
    }

    private func reduceMasks() {
        guard let masks else { return }
        kernels.sum(masks.shardGradients, at: 0, accumulating: false, into: masks.sum.gradients.whole)
    }

    private func runShard(
        _ shard: Int, of pass: Pass, _ subnet: SlicedSubnet, values: FloatBuffer, on tape: Tape,
        dropout: ((Int) -> Dropout)?
    ) {
        let range = batch.range(ofShard: shard, of: shards)
        let gradients = shardGradients[shard]
        if !pass.isForward {
            for slice in subnet.slices { kernels.fill(slice.view(of: gradients), with: 0) }
        }
        tape.begin(recording: !pass.isForward, dropout: pass.isForward ? nil : dropout?(range.lowerBound))
        let store = ParameterStore(values: values, gradients: gradients)
        let logits: Variable
        if pass.isMasked, let masks {
            let own = ParameterStore(values: masks.sum.values, gradients: masks.shardGradients[shard])
            logits = masks.network.forward(batch.inputs(range), masked: own, with: store, on: tape)
        } else {
            logits = supernet.forward(batch.inputs(range), as: subnet.genome, with: store, on: tape)
        }
        let teacher = teacherOutputs.matrix(offset: range.lowerBound * outputs, rows: range.count, columns: outputs)
        if pass.isTeacher { kernels.copy(logits.value, to: teacher) }
        func loss(_ gradient: MatrixView?) -> Tally {
            task.loss(
                of: logits.value, on: batch, examples: range, teaching: pass.teaching,
                teacher: pass.teaching.softWeight > 0 ? teacher : nil, gradient: gradient,
                gradientScale: 1 / Float(batch.count), with: kernels)
        }
        guard !pass.isForward else {
            shardTallies[shard] = loss(nil)
            return
        }
        tape.backward(from: logits) { shardTallies[shard] = loss($0) }
    }
}
