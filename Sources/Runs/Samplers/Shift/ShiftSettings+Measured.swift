public import SearchSpaces

/// Bins of what a worker measures, in a space that knows nothing of it.
extension ShiftSettings {
    public func measured(in space: SearchSpace) -> (metric: Metric, count: Int)? {
        isMeasurable && !space.costs.contains(metric) ? (metric, measuredCount) : nil
    }

    /// What is measured has no exact sums, and is no count of multiply-adds.
    func checkMeasured(in space: SearchSpace) throws(RunError) {
        if generator != .table {
            throw .unfitSetting(
                key: "train.sampler.generator",
                reason: "no generator learns by bins of \(metric), which a worker measures",
                remedy: "write \(Generator.table.rawValue)")
        }
        if estimator == .progress {
            throw .unfitSetting(
                key: "train.sampler.estimator",
                reason: "progress goes by multiply-adds, and the bins are of \(metric), which a worker measures",
                remedy: "write \(Estimator.expected.rawValue) or \(Estimator.sampled.rawValue)")
        }
    }
}
