internal import Documents
internal import Foundation
internal import Runs
internal import SearchSpaces

/// What the benchmarks of training share.
enum Benchmarking {
    /// The settings of a training that is only timed.
    ///
    /// - Throws: `DocumentError` for a sampler that is none.
    static func settings(
        steps: Int, batch: Int, shards: Int, schedule: String, sampler: String,
        optimizer: String = "name: adamw, rate: 0.001, weightDecay: 0.05"
    ) throws(DocumentError) -> TrainSettings {
        let run = try RunSpecification.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: Run
                name: bench
                space: bench
                data: {format: glyphs, holdOut: {sampler: 100}}
                train:
                  steps: \(steps)
                  batch: \(batch)
                  shards: \(shards)
                  optimizer: {\(optimizer), schedule: \(schedule)}
                  sampler: \(sampler)
                search: {objectives: [{metric: accuracy}]}
                """, file: "bench")
        guard let train = run.train else {
            throw .unreadableFile(file: "bench", reason: "expected a section train, found none")
        }
        return train
    }

    /// How long something takes.
    static func milliseconds<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) -> Double {
        let start = ContinuousClock.now
        try body()
        return start.duration(to: .now).seconds * 1e3
    }

    /// The processor time that something takes on all threads, over their number: what other programs take on the machine does not
    /// count, nor does waiting for one another.
    static func processorMilliseconds<Failure: Error>(
        threads: Int, _ body: () throws(Failure) -> Void
    ) throws(Failure) -> Double {
        let start = processorSeconds
        try body()
        return (processorSeconds - start) / Double(threads) * 1e3
    }

    /// The processor time that all threads have taken so far, which what else a machine does changes little.
    static var processorSeconds: Double { seconds(of: CLOCK_PROCESS_CPUTIME_ID) }

    /// The processor time that this thread has taken so far.
    static var threadSeconds: Double { seconds(of: CLOCK_THREAD_CPUTIME_ID) }

    private static func seconds(of clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// The median of some values, at least one; of an even number the upper one.
    static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
