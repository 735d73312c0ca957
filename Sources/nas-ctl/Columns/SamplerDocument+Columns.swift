internal import API

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
