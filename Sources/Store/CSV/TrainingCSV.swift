/// The record of training as CSV: `step,loss,learningRate,stepsPerSecond,elapsedSeconds`, in the order of the steps.
public enum TrainingCSV {
    /// The columns; the first three are the same whenever and wherever a run is computed.
    public static let columns = ["step", "loss", "learningRate", "stepsPerSecond", "elapsedSeconds"]

    /// The whole file.
    ///
    /// - Throws: ``StoreError`` when the database cannot be read, or a row is not as it was written.
    public static func bytes(_ run: RunID, from store: some RunQueries) throws(StoreError) -> [UInt8] {
        let writer = CSVWriter()
        var bytes = writer.record(columns.map { .symbol($0) })
        for record in try store.trainingRecords(run) {
            bytes += writer.record([
                .integer(record.step), .number(record.loss), .number(record.learningRate),
                .number(record.stepsPerSecond), .number(record.elapsedSeconds),
            ])
        }
        return bytes
    }
}

/// The curve of a search as CSV: `candidate,round,weightsStep,hypervolume`, in ask order, the same whenever and wherever a run is
/// computed.
public enum CurveCSV {
    /// The columns.
    public static let columns = ["candidate", "round", "weightsStep", "hypervolume"]

    /// The whole file.
    ///
    /// - Throws: ``StoreError`` when the database cannot be read, or a row is not as it was written.
    public static func bytes(_ run: RunID, from store: some RunQueries) throws(StoreError) -> [UInt8] {
        let writer = CSVWriter()
        var bytes = writer.record(columns.map { .symbol($0) })
        for point in try store.curve(run) {
            bytes += writer.record([
                .integer(point.candidate), .integer(point.round), .integer(point.weightsStep),
                point.hypervolume.map { .number($0) } ?? .empty,
            ])
        }
        return bytes
    }
}

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
