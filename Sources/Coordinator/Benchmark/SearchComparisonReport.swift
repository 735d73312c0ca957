internal import Foundation
internal import Search
internal import Store

/// What a comparison of searches found: by run and arm, over seeds.
public struct SearchComparisonReport: Sendable {
    /// The searches of an arm on one run, by seed.
    public struct Arm: Sendable {
        /// The name of the run.
        public let run: String
        /// The name of the arm.
        public let name: String
        /// Its searches, in the order of their seeds.
        public fileprivate(set) var searches: [SearchComparison.Result]

        /// Quartiles of the hypervolume over the seeds after each evaluation; a search that ended early stays as it was. Empty
        /// where nobody tells a hypervolume.
        public var quartiles: [Quartiles] {
            (0..<(searches.map(\.curve.count).max() ?? 0)).compactMap { place in
                Quartiles(searches.map { $0.curve.isEmpty ? nil : $0.curve[min(place, $0.curve.count - 1)] })
            }
        }
    }

    /// The arms, run by run, in the order in which they were first told.
    public private(set) var arms: [Arm] = []
    /// The name of the first objective, behind `best`.
    private let best: String

    /// Starts without any search.
    ///
    /// - Parameter best: The name of the column of the best value of the first objective.
    public init(best: String) { self.best = best }

    /// Takes a search in.
    public mutating func add(_ result: SearchComparison.Result, run: String, arm: String) {
        if let place = arms.firstIndex(where: { $0.run == run && $0.name == arm }) {
            arms[place].searches.append(result)
        } else {
            arms.append(Arm(run: run, name: arm, searches: [result]))
        }
    }

    /// The runs, in order.
    public var runs: [String] {
        arms.map(\.run).enumerated().filter { place, run in !arms[..<place].contains { $0.run == run } }.map(\.element)
    }

    /// The distance of each search's front from the best that all searches of its run found together (IGD+), by arm and seed.
    public var distances: [[Double?]] {
        let truths = Dictionary(grouping: arms, by: \.run).mapValues { arms -> [[Double]] in
            let points = arms.flatMap(\.searches).flatMap(\.front)
            return Front.indices(of: points.map { Fitness(objectives: $0) }).map { points[$0] }
        }
        return arms.map { arm in
            arm.searches.map { search in
                let truth = truths[arm.run] ?? []
                guard !truth.isEmpty, !search.front.isEmpty else { return nil }
                return InvertedGenerationalDistance.plus(of: search.front, truth: truth)
            }
        }
    }

    /// Every search: `run,algorithm,seed,evaluations,hypervolume,best…,igdPlus`.
    public func results() -> [UInt8] {
        let writer = CSVWriter(), distances = distances
        let head = ["run", "algorithm", "seed", "evaluations", "hypervolume", best, "igdPlus"]
        var bytes = writer.record(head.map { .symbol($0) })
        for (arm, distances) in zip(arms, distances) {
            for (search, distance) in zip(arm.searches, distances) {
                bytes += writer.record(
                    [.text(arm.run), .text(arm.name), .integer(search.seed), .integer(search.evaluations)]
                        + [search.hypervolume, search.best, distance].map { $0.map { .number($0) } ?? .empty })
            }
        }
        return bytes
    }

    /// Every evaluation: `run,algorithm,seed,evaluation,hypervolume,best…`.
    public func curves() -> [UInt8] {
        let writer = CSVWriter()
        let head = ["run", "algorithm", "seed", "evaluation", "hypervolume", best]
        var bytes = writer.record(head.map { .symbol($0) })
        for arm in arms {
            for search in arm.searches {
                for (place, values) in zip(search.curve, search.bests).enumerated() {
                    bytes += writer.record(
                        [.text(arm.run), .text(arm.name), .integer(search.seed), .integer(place + 1)]
                            + [values.0, values.1].map { $0.map { .number($0) } ?? .empty })
                }
            }
        }
        return bytes
    }

    /// Medians and quartiles of the hypervolume over the seeds: `run,algorithm,evaluation,seeds,lowerQuartile,median,upperQuartile`.
    public func summary() -> [UInt8] {
        let writer = CSVWriter()
        let head = ["run", "algorithm", "evaluation", "seeds", "lowerQuartile", "median", "upperQuartile"]
        var bytes = writer.record(head.map { .symbol($0) })
        for arm in arms {
            for (place, quartiles) in arm.quartiles.enumerated() {
                bytes += writer.record(
                    [.text(arm.run), .text(arm.name), .integer(place + 1), .integer(arm.searches.count)]
                        + [quartiles.lower, quartiles.median, quartiles.upper].map { .number($0) })
            }
        }
        return bytes
    }
}

/// The quartiles of some numbers, by linear interpolation between the two that are next in order.
///
/// Source: Hyndman and Fan, "Sample quantiles in statistical packages" (1996), definition 7.
public struct Quartiles: Sendable, Hashable {
    /// A quarter lies below.
    public let lower: Double
    /// Half lies below.
    public let median: Double
    /// Three quarters lie below.
    public let upper: Double

    /// The quartiles of numbers; nil where one is unknown, or there is none.
    public init?(_ numbers: [Double?]) {
        let known = numbers.compactMap(\.self).sorted()
        guard !known.isEmpty, known.count == numbers.count else { return nil }
        func quantile(_ share: Double) -> Double {
            let place = share * Double(known.count - 1)
            let low = Int(place), high = min(low + 1, known.count - 1)
            return known[low] + (place - Double(low)) * (known[high] - known[low])
        }
        lower = quantile(0.25)
        median = quantile(0.5)
        upper = quantile(0.75)
    }
}
