internal import API
internal import ArgumentParser
internal import Coordinator
internal import Documents
internal import Foundation
internal import Runs
internal import SearchSpaces
internal import Store
internal import UserFiles

/// The arguments of `nasd compare FILE --samplers`.
struct SamplerArguments: ParsableArguments {
    @Option(
        help: """
            Samplers, separated by semicolons: a kind, or its settings as train.sampler has them, and train.key=value of its \
            own behind it, such as 'multi; uniform; {kind: sandwich, random: 2} train.distillation={weight: 0.5}'.
            """)
    var samplers: String?
    @Option(
        help:
            "Multiply-adds that each training executes, such as 4T; several, separated by commas, one after the other.")
    var multiplyAdds: String?
    @Option(help: "Learning rates for trials to choose from, separated by commas; default the run file's.")
    var rates: String?
    @Option(help: "Batches for trials to choose from, separated by commas; default the run file's.")
    var batches: String?
    @Option(help: "Multiply-adds of a trial, as a share of a training's.")
    var trialShare = 0.25
    @Option(
        help: "Training examples that trials are measured on; default as many as validate, or a fifth if that is less.")
    var trialExamples: Int?
    @Option(help: "Bins of multiply-adds that figures are told in.") var bins = 6
    @Option(help: "Subnets that are measured in each bin.") var perBin = 6

    func validate() throws {
        if samplers == nil {
            guard multiplyAdds == nil, rates == nil, batches == nil, trialExamples == nil else {
                throw ValidationError(
                    "--multiply-adds, --rates, --batches and --trial-examples belong to --samplers")
            }
        } else if multiplyAdds == nil {
            throw ValidationError("--samplers needs --multiply-adds, such as --multiply-adds 4T")
        }
    }

    /// The settings of comparisons of so many seeds, one for each budget.
    func settings(seeds: Int) throws -> [SamplerComparisonSettings] {
        let budgets = try Self.list(multiplyAdds) { text in
            guard let budget = ShortNumber.value(of: text), budget >= 1, budget <= 1e18 else {
                throw usage("--multiply-adds", "a number from 1 to 1e18, such as 4T", found: text)
            }
            return Int(budget)
        }
        let rates = try Self.list(rates) { text in
            guard let rate = ShortNumber.value(of: text) else {
                throw usage("--rates", "numbers such as 0.001,0.002", found: text)
            }
            return rate
        }
        let batches = try Self.list(batches) { text in
            guard let batch = Int(text) else { throw usage("--batches", "numbers such as 16,64", found: text) }
            return batch
        }
        return try budgets.map { budget in
            try SamplerComparisonSettings(
                multiplyAdds: budget, seeds: seeds, rates: rates, batches: batches, trialShare: trialShare,
                trialExamples: trialExamples, bins: bins, perBin: perBin)
        }
    }

    private func usage(_ option: String, _ expected: String, found: String) -> Failure {
        Failure(code: .usage, message: "error: \(option): expected \(expected), found '\(found)'")
    }

    private static func list<Value>(_ text: String?, _ read: (String) throws -> Value) rethrows -> [Value] {
        try text?.split(separator: ",", omittingEmptySubsequences: false).map {
            try read($0.trimmingCharacters(in: .whitespaces))
        } ?? []
    }
}

/// `nasd compare FILE --samplers`: trains, tells, and leaves figures as CSV and SVG.
struct CompareSamplers {
    let trained: TrainedRun
    let arguments: SamplerArguments
    let seeds: Int
    let output: String?

    /// - Parameter text: The samplers.
    func run(_ text: String) throws {
        let arms = try SamplerArm.list(text)
        let all = try arguments.settings(seeds: seeds)
        let (inputs, pool, kernels) = try trained.begin()
        let directory = try output ?? RunFile.directory(nil, of: inputs.specification) + "-samplers"
        var shown = ContinuousClock.now
        let comparisons = try all.map { settings in
            try SamplerComparison(
                inputs, arms: arms, settings: settings, directory: directory, pool: pool, kernels: kernels,
                control: StopSignals.control
            ) { progress in
                switch progress {
                case .training:
                    guard shown.duration(to: .now) > .seconds(15) else { return }
                    shown = .now
                case .done: break
                }
                tell(progress)
            }
        }
        StopSignals.install()
        for (settings, comparison) in zip(all, comparisons) {
            guard let report = try comparison.run() else {
                throw Failure(code: StopSignals.exitStatus, message: "stopped; the same command goes on from there")
            }
            let budget = ShortNumber.counted(Double(settings.multiplyAdds))
            let name = all.count > 1 ? "results-\(budget)" : "results"
            let title = "\(inputs.specification.name): samplers at \(budget) multiply-adds"
            try OutputFile.write(report.csv(), to: "\(directory)/\(name).csv")
            try OutputFile.write(
                Array(SVGChart.drawing(SamplerCharts(report: report).charts, title: title).utf8),
                to: "\(directory)/\(name).svg")
            for line in [title, ""] + lines(report) { Output.line(line) }
            Output.line("results  \(directory)/\(name).csv, \(name).svg")
        }
    }

    private func tell(_ progress: SamplerComparison.Progress) {
        switch progress {
        case .training(let arm, let isTrial, let seed, let step, let all):
            Output.tell("\(isTrial ? "trial of" : "training") \(arm)  seed \(seed)  step \(step)/\(all)")
        case .done(let record, let arm, let loss, let index, let all):
            let kind = record.isTrial ? "trial" : "seed \(record.seed)"
            Output.tell(
                "\(index)/\(all)  \(kind)  \(arm)  rate \(record.rate)  batch \(record.batch)  \(record.steps) steps  loss "
                    + ProgressDisplay.text(loss)
                    + (record.rateFactor < 1 ? "  diverged, then at \(record.rateFactor) of the rate" : ""))
        }
    }

    // MARK: Tables

    private func lines(_ report: SamplerComparisonReport) -> [String] {
        var lines = TextTable(
            header: ["arm", "rate", "batch", "steps", "multiply-adds", "seconds"], rows: report.arms.map(row)
        ).lines
        let header = report.filledBins.map { ShortNumber.counted(report.bins.target($0)) } + ["mean"]
        for table in report.tables {
            let means = zip(report.arms, table.means).map { arm, means in [arm.name] + means.map(ProgressDisplay.text) }
            let differences = zip(report.arms.dropFirst(), table.differences).map { arm, differences in
                ["\(arm.name) - \(report.arms[0].name)"] + differences.map(text)
            }
            lines += ["", "\(table.part.rawValue) \(table.metric), by bins of multiplyAdds around"]
            lines += TextTable(header: ["arm"] + header, rows: means + differences).lines
        }
        return lines + [
            "", "differences are paired by seed, ± half of the 95 % interval by Student's t; * where that leaves out 0",
        ]
    }

    private func row(_ arm: SamplerComparisonReport.Arm) -> [String] {
        func mean(_ value: (SamplerRecord) -> Double) -> Double {
            arm.records.map(value).reduce(0, +) / Double(arm.records.count)
        }
        return [
            arm.name, arm.records.first.map { "\($0.rate)" } ?? "", arm.records.first.map { "\($0.batch)" } ?? "",
            String(format: "%.0f", mean { Double($0.steps) }), ShortNumber.counted(mean { Double($0.multiplyAdds) }),
            String(format: "%.0f", mean(\.seconds)),
        ]
    }

    private func text(_ difference: PairedDifference) -> String {
        String(format: "%+.4f", difference.mean)
            + (difference.halfWidth.map { String(format: " ± %.4f", $0) } ?? "") + (difference.isClear ? " *" : "")
    }
}

/// The charts of a comparison of samplers: means by bin, and differences to the first arm with their intervals.
struct SamplerCharts {
    let report: SamplerComparisonReport

    var charts: [SVGChart] {
        let targets = report.filledBins.map(report.bins.target)
        return report.tables.flatMap { table in
            let name = "\(table.part.rawValue) \(table.metric)"
            let means = zip(report.arms, table.means).map { arm, means in
                SVGChart.Series(name: arm.name, points: zip(targets, means).map { ($0, $1) })
            }
            let differences = zip(report.arms.dropFirst(), table.differences).map { arm, differences in
                SVGChart.Series(
                    name: arm.name, points: zip(targets, differences).map { ($0, $1.mean) },
                    mark: .intervals(halfWidths: differences.map { $0.halfWidth ?? 0 }))
            }
            return [
                SVGChart(title: name, xName: "multiplyAdds", yName: table.metric.name, series: means),
                SVGChart(
                    title: "\(name), less that of \(report.arms.first?.name ?? ""), with 95 % intervals",
                    xName: "multiplyAdds", yName: table.metric.name, series: differences),
            ].filter(\.isDrawn)
        }
    }
}
