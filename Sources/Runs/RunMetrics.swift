public import SearchSpaces

/// The metrics of a run: all that its candidates may have a value of.
///
/// Costs are declared by the space's family, qualities by the task and by the space. This is the one place that knows which
/// there are; columns, filters, orders, tables and documents follow from it.
public struct RunMetrics: Sendable, Hashable {
    /// A metric at a stage: a value that a candidate may have.
    public struct Value: Sendable, Hashable {
        /// The metric.
        public let metric: Metric
        /// The part of the data; ``MeasurementStage/search`` for costs too.
        public let stage: MeasurementStage

        /// The name under which it is kept.
        public var name: String { stage.name(of: metric) }
    }

    /// Exact costs, in the family's order.
    public let costs: [Metric]
    /// What is measured on data or devices, in the order of declaration.
    public let measured: [Metric]
    /// The metric that picks the best among finalists, and its direction.
    public let main: Objective
    /// What finalists may have beside.
    private let ofFinalists: [Value]

    /// The metrics of a run in a space.
    public init(_ specification: RunSpecification, space: SearchSpace) {
        let objectives = specification.objectives, evaluator = specification.evaluator.settings
        let known = Self.usual + space.metrics
        let own = evaluator.metrics(at: .search, among: known)
        let task = own == nil ? specification.task(in: space) : nil
        let latency = specification.latency == nil ? [] : [Metric.latencyMilliseconds]
        let measured = ((own ?? (task?.metrics ?? []) + space.metrics) + latency).reduce(into: [Metric]()) {
            measured, metric in
            if !(measured + space.costs).contains(metric) { measured.append(metric) }
        }
        let main =
            task.map { Objective(metric: $0.mainMetric, goal: $0.mainMetric.goal) }
            ?? objectives.first { $0.metric.kind != .cost } ?? objectives.first
            ?? Objective(metric: .accuracy, goal: .maximize)
        let further: [MeasurementStage] = [.validation, .test]
        self.init(
            costs: space.costs, measured: measured, main: main, trainings: specification.finalistTrainings.map(\.stage),
            ofFinalists: own == nil
                ? nil
                : further.flatMap { stage in
                    (evaluator.metrics(at: stage, among: known) ?? []).map { Value(metric: $0, stage: stage) }
                })
    }

    /// - Parameters:
    ///   - trainings: How finalists are trained on.
    ///   - ofFinalists: What finalists may have beside; nil for the main metric where it is a quality.
    private init(
        costs: [Metric], measured: [Metric], main: Objective, trainings: [MeasurementStage] = [],
        ofFinalists: [Value]? = nil
    ) {
        self.costs = costs
        self.measured = measured
        self.main = main
        let stages = main.metric.kind == .quality ? [.validation] + trainings + [.test] : []
        self.ofFinalists = ofFinalists ?? stages.map { Value(metric: main.metric, stage: $0) }
    }

    /// The metrics that have a unit and a goal without anybody saying so.
    public static var usual: [Metric] {
        TaskKind.all.flatMap(\.metrics) + ArchitectureFamilies.costs + [.latencyMilliseconds]
    }

    /// Those of runs that began before runs noted theirs: they tell classes apart.
    public static let ofEarlierRuns = RunMetrics(
        costs: [.params, .multiplyAdds], measured: [.accuracy, .loss],
        main: Objective(metric: .accuracy, goal: .maximize))

    /// All of them, costs first.
    public var all: [Metric] { costs + measured }

    /// Every value that a candidate may have: each metric as the search knows it, and the main one of finalists.
    public var values: [Value] {
        all.map { Value(metric: $0, stage: .search) } + ofFinalists
    }

    /// The cost of a run whose objectives name none: multiply-adds where the space has them, or else its first cost; nil where
    /// nothing is known to cost anything.
    private var usualCost: Metric? { costs.contains(.multiplyAdds) ? .multiplyAdds : costs.first }

    /// What a candidate is cheaper by than another: the first objective that is a cost or a latency; or else the first that is
    /// minimised and that no task measures, such as energy, and not the main one while there is another; or else the usual
    /// cost. Nil where nothing is known to cost anything.
    public func price(of objectives: [Objective]) -> Metric? {
        // What is usually a cost is one here too, though a table measures it.
        let known = all + Self.usual
        let cost = objectives.lazy.map(\.metric).first { metric in
            known.contains { $0 == metric && $0.kind != .quality }
        }
        if let cost { return all.first { $0 == cost } ?? cost }
        let qualities = TaskKind.all.flatMap(\.metrics)
        let minimized = objectives.filter { $0.goal == .minimize && !qualities.contains($0.metric) }.map(\.metric)
        return minimized.first { $0 != main.metric } ?? minimized.first ?? usualCost
    }

    /// Those of some names: what a run noted when it began stays, whatever later versions declare.
    public func only(_ names: [String]) -> RunMetrics {
        RunMetrics(
            costs: costs.filter { names.contains($0.name) }, measured: measured.filter { names.contains($0.name) },
            main: main, ofFinalists: ofFinalists)
    }

    /// What finalists have of a stage.
    public func metrics(at stage: MeasurementStage) -> [Metric] {
        stage == .search ? measured : ofFinalists.filter { $0.stage == stage }.map(\.metric)
    }

    /// Checks that there is a metric.
    ///
    /// - Throws: `RunError.unknownMetric`, which lists those that there are.
    func check(_ metric: Metric, place: String) throws(RunError) {
        guard !all.contains(metric) else { return }
        throw .unknownMetric(place: place, metric: metric.name, known: all.map(\.name))
    }
}
