public import Datasets
internal import Foundation
internal import Runs
public import SearchSpaces
internal import Supernets
public import Tensors
public import Training

/// Times training steps and evaluations of the largest and the smallest subnet, with weights of a trained scale.
public struct SpeedBenchmark {
    /// What is measured, and on what.
    public struct Settings: Sendable {
        /// The space.
        public let space: SearchSpace
        /// Examples of a step.
        public let batch: Int
        /// Parts of a batch.
        public let shards: Int
        /// Steps before the timed ones, themselves timed as `step`.
        public let steps: Int
        /// Whether those steps are sandwiches; else one uniform subnet each.
        public let isSandwich: Bool
        /// The seed.
        public let seed: UInt64
        /// Whether processor time over the number of workers is told in place of time that passes, for machines that compute beside.
        public let isProcessorTime: Bool
        /// Repetitions of which the best counts.
        public let rounds = 7
        /// Images of an evaluation.
        public let evaluated = 512

        /// Creates settings.
        public init(
            space: SearchSpace, batch: Int = 64, shards: Int = 8, steps: Int = 60, isSandwich: Bool = false,
            seed: UInt64 = 0, isProcessorTime: Bool = false
        ) {
            self.space = space
            self.batch = batch
            self.shards = shards
            self.steps = steps
            self.isSandwich = isSandwich
            self.seed = seed
            self.isProcessorTime = isProcessorTime
        }
    }

    /// The figures of one subnet.
    public struct Subnet: Sendable {
        /// `largest` or `smallest`.
        public let name: String
        /// Evaluation of 512 images, with the statistics of norms given.
        public let evaluationMilliseconds: Double
        /// One training step of this subnet alone.
        public let trainStepMilliseconds: Double
        /// Measuring the statistics of its norms on as many images; nil where it has none over examples.
        public let recalibrationMilliseconds: Double?
        /// Operations of that step, as the plain network needs them (three times the forward's, two a multiply-add).
        public let trainStepGigaflop: Double
    }

    /// All figures.
    public struct Report: Sendable {
        /// Median of the first steps.
        public let stepMedianMilliseconds: Double
        /// Best of the first steps.
        public let stepBestMilliseconds: Double
        /// The two subnets.
        public let subnets: [Subnet]
        /// A step of the largest, the smallest and two random subnets, and the multiply-adds of each.
        public let sandwich: (milliseconds: Double, multiplyAdds: [Int])
        /// The machine's rate.
        public let sgemmGigaflops: Double
        /// Mean loss of each pass of the last of the first steps.
        public let loss: Double
    }

    /// Measures.
    ///
    /// - Parameter images: Images of the space's shape, at least 512 and a batch.
    public static func run(
        _ settings: Settings, images: ImageSet, pool: WorkerPool, kernels: Kernels
    ) throws -> Report {
        let data = try ImageDataset(train: images, test: images, holdOut: HoldOut(validation: 0), seed: settings.seed)
        let supernet = settings.space.supernet()
        // Norms over examples go with the optimiser of the networks that have them.
        let isCalibrated = supernet is any CalibratedSupernet
        let trainer = try Trainer(
            supernet: supernet, task: ClassificationTask(),
            settings: try Benchmarking.settings(
                steps: 1_000_000, batch: settings.batch, shards: settings.shards, schedule: "constant",
                sampler: settings.isSandwich ? "{kind: sandwich, random: 2}" : "{kind: uniform}",
                optimizer: isCalibrated
                    ? "name: sgd, rate: 0.01, weightDecay: 0.0005" : "name: adamw, rate: 0.001, weightDecay: 0.05"),
            source: try data.batches(of: settings.batch, seed: settings.seed), seed: settings.seed,
            calibration: CalibrationExtent(search: settings.evaluated, finalists: settings.evaluated),
            pool: pool, kernels: kernels)
        let calibrating = trainer.trained.evaluator()
        let evaluator = Evaluator(supernet: supernet, task: ClassificationTask(), pool: pool, kernels: kernels)
        func milliseconds(_ body: () throws -> Void) rethrows -> Double {
            settings.isProcessorTime
                ? try Benchmarking.processorMilliseconds(threads: pool.count, body)
                : try Benchmarking.milliseconds(body)
        }
        var times: [Double] = []
        var loss = 0.0
        for _ in 0..<settings.steps {
            times.append(try milliseconds { loss = try trainer.trainStep().loss })
        }
        times = times.dropFirst(times.count / 10).sorted()
        let evaluated = Array(data.split.train.prefix(settings.evaluated))
        try trainer.fillBatch(step: 0)
        let space = settings.space
        // Once before it is timed.
        func best(_ body: () throws -> Void) rethrows -> Double {
            try body()
            return try (0..<settings.rounds).map { _ in try milliseconds(body) }.min() ?? 0
        }
        let subnets = try [("largest", space.largest), ("smallest", space.smallest)].map { name, genome in
            var values = trainer.values
            let recalibration =
                isCalibrated
                ? try best {
                    calibrating.forgetStatistics()
                    values = try calibrating.withStatistics(of: genome, values: trainer.values)
                } : nil
            let evaluation = try best {
                _ = try evaluator.measure([genome], values: values, on: data.trainingExamples, indices: evaluated)
            }
            return Subnet(
                name: name, evaluationMilliseconds: evaluation,
                trainStepMilliseconds: best { _ = trainer.train([Pass(genome: genome)]) },
                recalibrationMilliseconds: recalibration,
                trainStepGigaflop: 6e-9 * Double(space.cost(of: genome).multiplyAdds) * Double(settings.batch))
        }
        var random = CounterRandom(seed: settings.seed, stream: .subnet).generator(step: 0)
        let drawn = [space.largest, space.smallest] + (0..<2).map { _ in space.randomGenome(using: &random) }
        let sandwich = best { _ = trainer.train(drawn.map { Pass(genome: $0) }) }
        return Report(
            stepMedianMilliseconds: times.isEmpty ? 0 : times[times.count / 2],
            stepBestMilliseconds: times.first ?? 0, subnets: subnets,
            sandwich: (sandwich, drawn.map { space.cost(of: $0).multiplyAdds }),
            sgemmGigaflops: SgemmRate.measure(pool: pool, kernels: try Kernels(products: .blas)), loss: loss)
    }
}
