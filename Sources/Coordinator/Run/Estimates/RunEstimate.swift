internal import CSystemCalls
internal import Datasets
internal import Foundation
public import Runs
public import SearchSpaces
internal import Store
internal import Supernets
public import Tensors
public import Training

/// What a run will take, said before it starts.
public struct RunEstimate: Sendable {
    /// Seconds of computing, from the operations and this machine's rate.
    public let seconds: Double
    /// Bytes on the disk at most.
    public let diskBytes: Int

    /// Estimates a run on a pool of workers; takes a tenth of a second to measure the machine.
    ///
    /// - Parameter kernels: Those that will compute the run.
    public init(_ inputs: RunInputs, pool: WorkerPool, kernels: Kernels) {
        let specification = inputs.specification
        let work = RunWork(inputs)
        diskBytes = Self.diskBytes(specification, inputs.space, cacheBytes: inputs.dataset?.cacheBytes ?? 0)
        if let each = work.secondsPerCandidate {
            seconds = each * Double(work.plan.evaluations)
            return
        }
        // Steps and evaluations reach about the rate of large products: what they lose they make up by work left out.
        let rate = SgemmRate.measure(pool: pool, kernels: kernels, size: 512, rounds: 2) * 1e9
        if case .minutes(let minutes)? = specification.budget {
            // Measured or not, training takes what it is given.
            seconds = minutes * 60 + 2 * (work.total - work.done(steps: work.steps, evaluations: 0)) / rate
        } else {
            seconds = 2 * work.total / rate
        }
    }

    /// Bytes on the disk at most: two checkpoints, one that a stop left between them, and the one being written; those that
    /// are kept for good; the finalists' networks, and the rows with their log.
    ///
    /// - Parameter cacheBytes: What is kept of the data.
    public static func diskBytes(
        _ specification: RunSpecification, _ space: SearchSpace, cacheBytes: Int = 0
    ) -> Int {
        let plan = RoundPlan(specification)
        var rows = plan.evaluations.times(2048).plus(16 << 20).plus(cacheBytes)
        guard specification.hasNetworks else { return rows }
        let network = 4 * (space.costRange(by: .params)?.upperBound ?? 0)
        // Each finalist that is trained on has a checkpoint until the run is over.
        rows = rows.plus(
            specification.finalistTrainings.count.times(specification.finalists).times(
                (MemoryEstimate.checkpointFloats - 1).times(network)))
        let trained = 4 * space.supernet().trainedLayout.floatCount
        guard let train = specification.train else {
            // A link takes nothing; a copy is one checkpoint.
            return (MemoryEstimate.checkpointFloats * trained).plus(specification.finalists.times(network)).plus(rows)
        }
        let moments = train.optimizer.name == .adamw ? 2 : 1
        return ((4 + train.keep.count).times(trained * (1 + moments))).plus(specification.finalists.times(network))
            .plus(train.start == nil ? 0 : MemoryEstimate.checkpointFloats * trained)
            .plus(rows).plus(plan.steps / train.recordEvery * 128)
    }

    /// Checks that a data directory's disk has the room, what a run to be continued holds already counted as room.
    ///
    /// - Throws: `CoordinatorError.littleDisk`.
    public func checkDisk(of path: String) throws(CoordinatorError) {
        var folder = URL(filePath: path).standardizedFileURL
        while !FileManager.default.fileExists(atPath: folder.path), folder.path != "/" {
            folder.deleteLastPathComponent()
        }
        guard let free = DiskSpace.freeBytes(at: folder.path) else { return }
        let needed = diskBytes - Self.heldBytes(path)
        if free < needed { throw .littleDisk(path: path, neededBytes: needed, freeBytes: free) }
    }

    /// Bytes of the database and of the runs' files.
    private static func heldBytes(_ path: String) -> Int {
        var files = ["nasd.sqlite", "nasd.sqlite-wal"].map { "\(path)/\($0)" }
        for folder in [path + "/runs", DataDirectory.cacheDirectory(of: path)] {
            files += (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []).map {
                "\(folder)/\($0)"
            }
        }
        return files.reduce(0) { sum, file in
            var status = stat()
            guard lstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return sum }
            return sum + Int(status.st_blocks) * 512
        }
    }
}
