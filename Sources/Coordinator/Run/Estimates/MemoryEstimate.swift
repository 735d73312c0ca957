public import Datasets
public import Runs
public import SearchSpaces
internal import Supernets
internal import Training

/// The memory that a run takes at most, known before it starts.
public enum MemoryEstimate {
    /// Program, database and buffers that do not depend on the run.
    static let baseBytes = 64 << 20

    /// Checks that the machine has the memory that a run takes, before its data are read.
    ///
    /// - Returns: What the data hold; nil for a run that trains nothing.
    /// - Throws: `CoordinatorError.littleMemory`; what headers and sizes say of data that cannot be used.
    static func check(
        _ specification: RunSpecification, _ space: SearchSpace, folder: DataFolder, workers: Int
    ) throws -> (any DataSurvey)? {
        let survey = try survey(specification, space, folder: folder)
        let data = (survey?.memoryBytes ?? 0).plus(try specification.evaluator.usable().memoryBytes(in: folder))
            .plus(try specification.latency?.memoryBytes(in: folder) ?? 0)
        try check(needed: bytes(specification, space, dataBytes: data, workers: workers), data: data)
        return survey
    }

    private static func survey(
        _ specification: RunSpecification, _ space: SearchSpace, folder: DataFolder
    ) throws -> (any DataSurvey)? {
        try specification.data.map { data in
            try DataRequest(
                settings: data, folder: folder, signature: space.signature, seed: UInt64(specification.seed)
            ).survey()
        }
    }

    /// Checks that the machine has the memory that measuring a network on test data takes, before these are read.
    ///
    /// - Returns: What the test data hold.
    /// - Throws: `CoordinatorError.littleMemory`; what headers and sizes say of data that cannot be used.
    static func check(
        _ model: ExtractedModel, _ settings: DataSettings, encoding: TableEncoding?, folder: DataFolder, workers: Int
    ) throws -> any TestSurvey {
        let survey = try DataRequest(
            settings: settings, folder: folder, signature: model.space.signature, seed: UInt64(settings.seed ?? 0),
            encoding: encoding, classNames: model.description.classes,
            keepsDoubles: model.description.format == ModelDescription.formatWithTable
        ).surveyTest()
        let data = survey.memoryBytes
        let work = Double(model.space.cost(of: model.genome).multiplyAdds) * Double(Evaluator.chunk)
        let floats =
            work < 0x1p54
            ? Double(Evaluator.roomFloats(of: model.network)) : .infinity
        let needed = Int(saturating: 4 * Double(workers) * floats + Double(data) + Double(baseBytes))
        try check(needed: needed, data: data)
        return survey
    }

    /// Checks that the machine has the memory for images that are read, and once more in the shape that a space reads.
    ///
    /// - Returns: What the images are.
    /// - Throws: `CoordinatorError.littleMemory`, or `DatasetError` for what cannot be read.
    public static func check(_ source: ImageSource, folder: DataFolder, fittedTo input: ExampleSignature) throws
        -> ImageLayout
    {
        let layout = try source.layout(in: folder)
        let data = layout.memoryBytes.plus(layout.count.times(input.inputCount).times(layout.valueBytes))
        try check(needed: data.plus(baseBytes), data: data)
        return layout
    }

    /// Checks that the machine has some bytes, so many of them for data.
    static func check(needed: Int, data: Int) throws(CoordinatorError) {
        let present = MachineMemory.bytes
        guard needed > present else { return }
        throw .littleMemory(neededBytes: needed, dataBytes: data, presentBytes: present)
    }

    /// Bytes of data, weights, moments, gradients of every shard, and workspaces of every worker.
    ///
    /// - Parameters:
    ///   - folder: Where the data lies; nil for the folder that the run names.
    ///   - workers: Worker threads.
    /// - Throws: What headers and sizes of files say of data that cannot be used: `DatasetError`, and
    ///   `TrainingError.dataMismatch` for images that the space does not read.
    public static func bytes(
        _ specification: RunSpecification, _ space: SearchSpace, folder: DataFolder?, workers: Int
    ) throws -> Int {
        try room(specification, space, folder: folder, workers: workers).memoryBytes
    }

    /// The same, with the bytes that data have in the cache of the data directory.
    public static func room(
        _ specification: RunSpecification, _ space: SearchSpace, folder: DataFolder?, workers: Int
    ) throws -> (memoryBytes: Int, cacheBytes: Int) {
        let folder = folder ?? RunInputs.folder(of: specification)
        let survey = try survey(specification, space, folder: folder)
        let evaluator = try specification.evaluator.usable().memoryBytes(in: folder)
            .plus(specification.latency?.memoryBytes(in: folder) ?? 0)
        let data = (survey?.memoryBytes ?? 0).plus(evaluator)
        return (bytes(specification, space, dataBytes: data, workers: workers), survey?.cacheBytes ?? 0)
    }

    /// What searching a supernet takes that nobody trains any more: its weights, the checkpoint while it is read, and room to
    /// measure in.
    private static func bytes(searching supernet: any Supernet, dataBytes data: Int, workers: Int) -> Int {
        let space = supernet.space
        let work = Double(space.cost(of: space.largest).multiplyAdds) * Double(Evaluator.chunk)
        guard work < 0x1p54 else { return .max }
        let trained = supernet.trainedLayout.floatCount
        let buffers =
            trained + max(checkpointFloats * trained, supernet.mixture == nil ? 0 : 2 * supernet.layout.floatCount)
        let workspace = Evaluator.roomFloats(of: supernet)
        let floats = Double(buffers) + Double(workers) * Double(workspace)
        return Int(saturating: 4 * floats + Double(data) + Double(baseBytes))
    }

    /// What training the largest finalist alone takes beside, and the teacher where there is one.
    private static func bytes(training train: TrainSettings, of supernet: any Supernet, workers: Int) -> Int {
        let space = supernet.space, largestShard = (train.batch + train.shards - 1) / train.shards
        let work = Double(space.cost(of: space.largest).multiplyAdds) * Double(max(largestShard, Evaluator.chunk))
        guard work < 0x1p54 else { return .max }
        let isTaught = train.distillation != nil, plain = supernet.layout.floatCount
        let buffers = plain.times((isTaught ? 5 : 4) + (train.optimizer.name == .adamw ? 2 : 1) + train.shards)
        let workspace =
            (isTaught ? 2 : 1) * supernet.arenaFloats(batch: largestShard, for: .training)
            + Evaluator.roomFloats(of: supernet)
        return Int(saturating: 4 * (Double(buffers) + Double(workers) * Double(workspace)))
    }

    /// What it takes to train subnets alone, the largest at most, beside the supernet that they are measured in.
    static func bytes(
        trainingAlone train: TrainSettings, beside space: SearchSpace, dataBytes data: Int, workers: Int
    ) -> Int {
        let supernet = space.supernet()
        let statistics = Evaluator.statisticsBytes(of: supernet, subnets: 64, workers: workers)
        return bytes(searching: supernet, dataBytes: data.plus(statistics), workers: workers)
            .plus(bytes(training: train.alone, of: supernet, workers: workers))
    }

    /// Floats of a checkpoint for each parameter, at most: the parameter, two moments, and what a sampler remembers.
    static let checkpointFloats = 4

    /// The same, where the bytes of the data are known.
    static func bytes(
        _ specification: RunSpecification, _ space: SearchSpace, dataBytes data: Int, workers: Int
    ) -> Int {
        guard specification.hasNetworks else { return data.plus(baseBytes) }
        let supernet = space.supernet()
        let together = max(specification.search?.population ?? 0, specification.finalists, 64)
        let data = data.plus(Evaluator.statisticsBytes(of: supernet, subnets: together, workers: workers)).plus(
            specification.finalistTrainings.map { bytes(training: $0.train, of: supernet, workers: workers) }.max() ?? 0
        )
        guard let train = specification.train else {
            return bytes(searching: supernet, dataBytes: data, workers: workers)
        }
        let moments = train.optimizer.name == .adamw ? 2 : 1
        let trained = supernet.trainedLayout.floatCount, plain = supernet.layout.floatCount
        // Merged weights with their gradient, of each subnet that a pass trains, and those that each of two evaluators merges.
        let merged =
            supernet.mixture == nil ? 0 : (2 + 2 * train.sampler.settings.subnets(ofShards: train.shards)) * plain
        // Weights, gradient, moments, and one gradient for each shard.
        let buffers = trained * (2 + moments + (train.start == nil ? 0 : 1)) + plain * train.shards + merged
        let largestShard = (train.batch + train.shards - 1) / train.shards
        // An activation is at least one multiply-add; past this no machine has the memory, and counts would overflow.
        let work = Double(space.cost(of: space.largest).multiplyAdds) * Double(max(largestShard, Evaluator.chunk))
        guard work < 0x1p54 else { return .max }
        var use = ArenaUse.training, evaluators = 1, remembered = 0
        let sampler = train.sampler.settings
        if sampler.hasMaskedPasses { use = .maskedTraining }
        // One of its own to measure with.
        if sampler.heldOutSamples > 0 { evaluators = 2 }
        if sampler.keepsWeights { remembered = trained }
        let workspace =
            supernet.arenaFloats(batch: largestShard, for: use)
            + evaluators * Evaluator.roomFloats(of: supernet)
        // A thousand workers of the largest space would not fit a whole number.
        let floats = Double(buffers + remembered) + Double(workers) * Double(workspace)
        return Int(saturating: 4 * floats + Double(data) + Double(baseBytes))
    }
}
