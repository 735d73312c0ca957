/// All records of a CSV file with a header, as texts: for tables that are looked things up in, not trained on.
public struct TextRecords: Sendable {
    /// The names of the columns.
    public let header: [String]
    /// The records below it, each with the line that it begins at.
    public let records: [(line: Int, fields: [String])]

    /// Reads a file, plain or gzip.
    ///
    /// - Throws: `DatasetError` for a file that cannot be read, has no header or ragged records.
    public init(_ source: DataFile) throws {
        let reader = try CSVReader(source, delimiter: UInt8(ascii: ","))
        guard try reader.next() else { throw DatasetError.empty(file: source.path) }
        let header = try reader.texts()
        if let twice = header.enumerated().first(where: { header[..<$0.offset].contains($0.element) })?.element {
            throw reader.fault(.duplicateColumn(twice))
        }
        var records: [(line: Int, fields: [String])] = []
        while try reader.next() {
            let fields = try reader.texts()
            guard fields.count == header.count else {
                throw reader.fault(.raggedRow(expected: header.count, found: fields.count))
            }
            records.append((reader.line, fields))
        }
        self.header = header
        self.records = records
    }
}
