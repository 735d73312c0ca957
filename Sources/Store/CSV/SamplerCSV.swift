/// The sampler's numbers over time as CSV: `step,name,bin,value`, in the order of step, name and bin.
public enum SamplerCSV {
    /// The whole file.
    ///
    /// - Throws: ``StoreError`` when the database cannot be read.
    public static func bytes(_ run: RunID, from store: some RunQueries) throws(StoreError) -> [UInt8] {
        let writer = CSVWriter()
        var bytes = writer.record(["step", "name", "bin", "value"].map { .symbol($0) })
        for figure in try store.allSamplerStatistics(run) {
            bytes += writer.record([
                .integer(figure.step), .symbol(figure.name), .integer(figure.bin), .number(figure.value),
            ])
        }
        return bytes
    }
}
