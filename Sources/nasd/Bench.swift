internal import API
internal import ArgumentParser
internal import Coordinator
internal import Datasets
internal import Foundation
internal import Runs
internal import SearchSpaces
internal import Supernets
internal import Tensors
internal import Training

/// `nasd bench`: how fast this machine trains and evaluates, in the words of the PyTorch peer.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure training steps and evaluations of the largest and the smallest subnet.",
        discussion: """
            Prints lines such as 'largest train_step_ms 81.3': the best of 7 with weights of a trained scale, and the \
            machine's own rate of matrix products beside it. Without --data it draws glyphs. Convolutional networks are recalibrated, too, \
            and with --layers timed layer by layer.
            """)

    @Option(help: "The name or path of a space.")
    var space = "vit-mnist"
    @Option(help: "A folder with MNIST's IDX files; images are fitted to the space.", transform: PathText.checked)
    var data: String?
    @Option(help: "Examples of a step.")
    var batch = 64
    @Option(help: "Parts of a batch; 8 unless given, or of 16 examples where norms are over the examples of a part.")
    var shards: Int?
    @OptionGroup var threads: WorkerArguments
    @Option(help: "Steps before the timed ones.")
    var steps = 60
    @Option(
        help:
            "Subnets of those steps: uniform or sandwich; or shift, which is timed beside slices of the same subnets, or multi, which is timed beside steps of one of them each."
    )
    var sampler = "uniform"
    @Option(
        help: "The section mixture of a space, such as '{experts: 2}': sandwich steps with it beside plain ones.")
    var mixture: String?
    @Flag(help: "Time the layers of the largest convolutional network by kind, beside what the machine's rates allow.")
    var layers = false
    @Flag(
        help:
            "Tell processor time over the number of workers, in which what others compute on the machine has less part."
    )
    var processorTime = false
    @Option(
        help: "The vector kernels: avx512, avx2 or plain; by default the widest that there are.",
        transform: {
            guard let path = VectorPath(rawValue: $0) else {
                throw ValidationError("expected avx512, avx2 or plain, found '\($0)'")
            }
            return path
        })
    var vectors: VectorPath = .best
    @Option(help: "The seed.")
    var seed: UInt64 = 0

    func validate() throws {
        guard (1...65536).contains(batch), (1...batch).contains(shards ?? 1), steps >= 0 else {
            throw ValidationError("batch is 1 to 65536, shards 1 to batch, steps at least 0")
        }
        guard ["uniform", "sandwich", "shift", "multi"].contains(sampler) else {
            throw ValidationError("expected --sampler uniform, sandwich, shift or multi, found '\(sampler)'")
        }
    }

    func run() throws {
        try Failure.catching {
            let space = try SpaceCatalog(directories: SpaceFolders.all()).space(named: space)
            guard space.missingParts.isEmpty else {
                throw RunError.missingParts(space: space.name, parts: space.missingParts)
            }
            let kernels = try Kernels(path: vectors)
            let shards = shards ?? (space.supernet() is any CalibratedSupernet ? max(1, batch / 16) : min(8, batch))
            // OpenBLAS is measured beside, on the same workers.
            let pool = try threads.pool(try Kernels(products: .blas))
            if let mixture { return try benchMixture(space, mixture, shards, pool, kernels) }
            if sampler == "shift" { return try benchShift(space, shards, pool, kernels) }
            if sampler == "multi" { return try benchMulti(space, shards, pool, kernels) }
            let report = try SpeedBenchmark.run(
                .init(
                    space: space, batch: batch, shards: shards, steps: steps, isSandwich: sampler == "sandwich",
                    seed: seed, isProcessorTime: processorTime),
                images: try images(for: space.signature), pool: pool, kernels: kernels)
            Output.line(
                """
                engine nasd \(ProductVersion.text), \(Numerics.fingerprint(kernels))
                step_ms median \(text(report.stepMedianMilliseconds)) min \(text(report.stepBestMilliseconds)) \
                (\(sampler), batch \(batch), \(pool.count) threads)
                """)
            for subnet in report.subnets {
                if let time = subnet.recalibrationMilliseconds {
                    Output.line("\(subnet.name) recalibrate_512_ms \(text(time))")
                }
                Output.line("\(subnet.name) eval_512_ms \(text(subnet.evaluationMilliseconds))")
                Output.line("\(subnet.name) train_step_ms \(text(subnet.trainStepMilliseconds))")
            }
            Output.line(
                "sandwich train_step_ms \(text(report.sandwich.milliseconds)) (multiply_adds \(report.sandwich.multiplyAdds.map(String.init).joined(separator: " ")))"
            )
            // OpenBLAS, whoever computes the products of the steps.
            Output.line("sgemm_gflops \(text(report.sgemmGigaflops))")
            for subnet in report.subnets {
                let rate = subnet.trainStepGigaflop / subnet.trainStepMilliseconds * 1e3
                Output.line(
                    "\(subnet.name) train_step_gflops \(text(rate)) (\(text(100 * rate / report.sgemmGigaflops)) % of sgemm)"
                )
            }
            if layers { tellLayers(space, pool, kernels) }
        }
    }

    private func tellLayers(_ space: SearchSpace, _ pool: WorkerPool, _ kernels: Kernels) {
        guard
            let report = LayerBenchmark.run(
                space, images: max(1, min(16, batch)), pool: pool, kernels: kernels)
        else { return }
        Output.line("product_gflops \(text(report.gigaflops))")
        Output.line("copy_gbs \(text(report.gigabytes))")
        for row in report.rows {
            func rate(_ amount: Double) -> String { text(amount * Double(pool.count) / row.milliseconds * 1e3) }
            Output.line(
                """
                layers \(row.kind) \(row.direction) \(text(row.milliseconds)) ms, \(rate(row.gigaflop)) GFLOP/s, \
                \(rate(row.gigabytes)) GB/s, \(text(100 * row.leastMilliseconds / row.milliseconds)) % of the roofline
                """)
        }
    }

    private func benchShift(_ space: SearchSpace, _ shards: Int, _ pool: WorkerPool, _ kernels: Kernels) throws {
        // At least some updates, whose share is that of a run of thousands of steps.
        let report = try ShiftBenchmark.run(
            space, shift: "{kind: shift, bins: 6, warm: 10, period: 33}", batch: batch, shards: shards,
            steps: max(steps, 200), seed: seed, images: try images(for: space.signature), pool: pool, kernels: kernels)
        func ratio(_ time: Double, _ base: Double) -> String { "\(text(time)) (ratio \(text(time / base)))" }
        Output.line(
            """
            engine nasd \(ProductVersion.text), \(Numerics.fingerprint(kernels))
            sliced step_ms \(text(report.slicedMilliseconds)) (subnets as drawn, batch \(batch), \(pool.count) threads)
            joint step_ms \(ratio(report.jointMilliseconds, report.jointSlicedMilliseconds))
            update_ms \(ratio(report.updateMilliseconds, report.slicedMilliseconds))
            shift step_ms \(ratio(report.averageMilliseconds, report.slicedMilliseconds))
            masked workspace \(text(100 * report.workspaceShare)) % more
            """)
    }

    private func benchMulti(_ space: SearchSpace, _ shards: Int, _ pool: WorkerPool, _ kernels: Kernels) throws {
        let report = try MultiBenchmark.run(
            space, batch: batch, shards: shards, steps: max(steps, 20), seed: seed,
            images: try images(for: space.signature), pool: pool, kernels: kernels)
        Output.line(
            """
            engine nasd \(ProductVersion.text), \(Numerics.fingerprint(kernels))
            single step_ms \(text(report.singleMilliseconds)) (mean over the subnets, batch \(batch), \(pool.count) threads)
            multi step_ms \(text(report.multiMilliseconds)) (median ratio \(String(format: "%.3f", report.ratio)))
            """)
    }

    private func benchMixture(
        _ space: SearchSpace, _ mixture: String, _ shards: Int, _ pool: WorkerPool, _ kernels: Kernels
    ) throws {
        let report = try MixtureBenchmark.run(
            space, mixture: mixture, batch: batch, shards: shards, steps: max(steps, 5), seed: seed,
            images: try images(for: space.signature), pool: pool, kernels: kernels)
        Output.line(
            """
            engine nasd \(ProductVersion.text), \(Numerics.fingerprint(kernels))
            plain sandwich_step_ms \(text(report.plainMilliseconds)) (batch \(batch), \(pool.count) threads)
            mixed sandwich_step_ms \(text(report.mixedMilliseconds)) (median ratio \(String(format: "%.3f", report.ratio)))
            plain params \(report.plainParams), of which with experts \(report.expertParams)
            mixed params \(report.mixedParams), of which routers \(report.routerParams)
            """)
    }

    private func images(for signature: ExampleSignature) throws -> ImageSet {
        guard case .image(let height, let width, let channels) = signature.input else {
            throw Failure(code: .usage, message: "error: the benchmark is of image spaces, this one reads \(signature)")
        }
        let source: ImageSource =
            data == nil
            ? .glyphs(seed: seed, .train, count: max(2048, batch))
            : .arrays(.idx, images: "t10k-images-idx3-ubyte.gz", labels: "t10k-labels-idx1-ubyte.gz")
        let folder = DataFolder(data ?? ".")
        let layout = try MemoryEstimate.check(source, folder: folder, fittedTo: signature)
        return try source.read(in: folder, layout: layout).fitted(
            height: height, width: width, channels: channels, classes: signature.outputCount)
    }

    private func text(_ value: Double) -> String { String(format: "%.2f", value) }
}
