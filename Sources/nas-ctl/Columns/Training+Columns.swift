internal import API

extension TrainingDocument.Record {
    /// Records of training as lists show them.
    static let listing = Listing<TrainingDocument.Record>(
        columns: [
            Column("step", .count, rank: 0, least: 6) { .integer($0.step) },
            Column("loss", .number, rank: 0, least: 8, text: { NumberText.fixed($0.loss) }) { .number($0.loss) },
            Column("learningRate", .number, least: 12, decimals: nil, text: { NumberText.exact($0.learningRate) }) {
                .number($0.learningRate)
            },
            Column(
                "stepsPerSecond", .number, title: "STEPS/S", least: 8, decimals: 2,
                text: { NumberText.fixed($0.stepsPerSecond, decimals: 2) }
            ) {
                .number($0.stepsPerSecond)
            },
            Column("elapsedSeconds", .duration, title: "ELAPSED", text: { NumberText.duration($0.elapsedSeconds) }) {
                .number($0.elapsedSeconds)
            },
        ], name: { String($0.step) }, plural: "training records")
}

extension CurveDocument.Point {
    /// Points of a curve as lists show them.
    static let listing = Listing<CurveDocument.Point>(
        columns: [
            Column("candidate", .count, rank: 0, least: 6) { .integer($0.candidate) },
            Column("round", .count) { .integer($0.round) },
            Column("weightsStep", .count, title: "WEIGHTS") { .integer($0.weightsStep) },
            Column("hypervolume", .number, rank: 0, least: 8) { $0.hypervolume.map(Cell.number) ?? .none },
        ], name: { String($0.candidate) }, plural: "evaluations")
}

extension SamplerDocument.Statistic {
    /// Numbers about a sampler as lists show them.
    static let listing = Listing<SamplerDocument.Statistic>(
        columns: [
            Column("step", .count, least: 6) { .integer($0.step) },
            Column("name", .text, rank: 0, shortest: 8) { .symbol($0.name) },
            Column("bin", .count) { .integer($0.bin) },
            Column("value", .number, rank: 0, decimals: nil, text: { NumberText.exact($0.value) }) {
                .number($0.value)
            },
        ], name: \.name, plural: "sampler statistics")
}
