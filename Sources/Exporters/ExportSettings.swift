internal import Supernets

/// How a network leaves.
public struct ExportSettings: Sendable {
    /// Whether the file normalises what it reads, and puts numbers that it tells into the units of the data.
    public let normalizes: Bool
    /// The run that it comes from, for the reader of the file; nil where nobody knows.
    public let run: String?

    /// Creates settings.
    public init(normalizes: Bool = false, run: String? = nil) {
        self.normalizes = normalizes
        self.run = run
    }
}

/// How what a file reads becomes what its network reads: (value - mean) / deviation, column by column.
struct InputScaling: Sendable {
    /// A value for each column of the inputs.
    let mean: [Float]
    /// A value for each column of the inputs.
    let deviation: [Float]

    /// That of a network.
    ///
    /// - Parameter columns: Channels of an image, or features of a row.
    /// - Throws: `ExportError.noScaling` where its description does not tell.
    init(of description: ModelDescription, columns: Int) throws(ExportError) {
        if let table = description.table {
            (mean, deviation) = Self.values(of: table)
        } else {
            let (means, deviations) = (description.normalization.mean, description.normalization.deviation)
            let count = min(means.count, deviations.count)
            (mean, deviation) =
                count == 0
                ? ([], []) : ((0..<columns).map { means[$0 % count] }, (0..<columns).map { deviations[$0 % count] })
        }
        guard mean.count == columns else {
            throw .noScaling(reason: "it is of \(mean.count) inputs, and the network reads \(columns)")
        }
    }

    /// Columns of numbers have theirs; those of texts, and those that tell what is missing, are 0 or 1 as they are.
    private static func values(of table: TableDescription) -> (mean: [Float], deviation: [Float]) {
        var mean: [Float] = [], deviation: [Float] = []
        for column in table.inputs {
            if let own = column.mean, let width = column.deviation {
                mean.append(Float(own))
                deviation.append(Float(width))
            }
            let plain = (column.categories?.count ?? 0) + (column.missing == true ? 1 : 0)
            mean += [Float](repeating: 0, count: plain)
            deviation += [Float](repeating: 1, count: plain)
        }
        return (mean, deviation)
    }

    /// What a network reads of a row of inputs.
    func normalized(_ row: [Float]) -> [Float] {
        row.indices.map { (row[$0] - mean[$0 % mean.count]) / deviation[$0 % mean.count] }
    }
    /// The inputs that normalise to a row.
    func raw(_ row: [Float]) -> [Float] {
        row.indices.map { row[$0] * deviation[$0 % mean.count] + mean[$0 % mean.count] }
    }
}
