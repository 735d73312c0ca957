public import Datasets
internal import Foundation
public import SearchSpaces
internal import Store

/// Measured latencies in a CSV file.
///
/// Every record has `milliseconds` and says its architecture, in a column `genome` as in results.csv or in columns that are called as
/// the decisions. All else may be absent, as in a file that somebody writes by hand for a device of his own: `device`, whatever tells
/// one from another; `ratio`, `reference` and `referenceMilliseconds`; `deviation`, `ratioDeviation`; `space` and `key`, that of the
/// architecture in the space; `time`.
public struct LatencyFile: Sendable {
    /// The name of the file, for faults.
    public let name: String
    /// The records in the order of the file.
    public private(set) var records: [LatencyRecord]
    /// The space that the records name; nil where they do not, or name several.
    public let spaceName: String?

    /// What a time or a ratio may be: products of two are numbers still.
    private static let numbers = 1e-9...1e9

    /// The columns that this program writes, in their order.
    static let columns = [
        "space", "genome", "milliseconds", "deviation", "ratio", "ratioDeviation", "reference", "referenceMilliseconds",
        "disturbed", "device", "time", "key",
    ]

    /// A file without records.
    public init(name: String) {
        self.name = name
        records = []
        spaceName = nil
    }

    /// What one device has of a file.
    private init(name: String, records: [LatencyRecord], spaceName: String?) {
        (self.name, self.records, self.spaceName) = (name, records, spaceName)
    }

    /// Reads a file.
    ///
    /// - Throws: `DatasetError` for a file that cannot be read or lacks a column, `LatencyError` with file and line for a record that
    ///   is none.
    public init(_ file: String, of space: SearchSpace, in folder: DataFolder) throws {
        let source = RecordSource(csv: [file], join: nil, missing: []), header = try source.columns(in: folder)
        let genomeColumns = space.genomeColumns.filter(header.contains)
        guard !genomeColumns.isEmpty else {
            throw DatasetError.records(
                file: file, line: 1, .noneOf(space.genomeColumns, purpose: "a decision of the space", columns: header))
        }
        // Texts, so that what is no number is told with its line.
        let wanted =
            ["milliseconds"] + Self.columns.filter { !["genome", "milliseconds"].contains($0) && header.contains($0) }
        let table = try source.read(
            texts: (wanted + genomeColumns).map { .init($0, key: "a latency file") }, numbers: [], in: folder)
        var lines: [[String]: Int] = [:], names: Set<String> = [], records: [LatencyRecord] = []
        for (row, line) in table.lines.enumerated() {
            func text(_ column: String) -> String {
                wanted.firstIndex(of: column).map { table.texts[$0][row] } ?? ""
            }
            func number(_ column: String) throws -> Double? {
                let text = text(column)
                guard !text.isEmpty else { return nil }
                guard let value = Double(text), value.isFinite,
                    Self.numbers.contains(value) || (value == 0 && column.hasSuffix("eviation"))
                        || (value == 0 && column == "disturbed")
                else { throw LatencyError.noDuration(file: file, line: line, column: column, value: text) }
                return value
            }
            let genome: Genome
            do throws(SearchSpaceError) {
                genome = try space.genome { column in
                    genomeColumns.firstIndex(of: column).map { table.texts[wanted.count + $0][row] }
                }
            } catch {
                throw LatencyError.noArchitecture(file: file, line: line, reason: "\(error)")
            }
            let key = text("key")
            guard key.isEmpty || key == space.key(of: genome) else {
                throw LatencyError.otherSpace(file: file, line: line, space: space.name)
            }
            guard let milliseconds = try number("milliseconds") else {
                throw LatencyError.noDuration(file: file, line: line, column: "milliseconds", value: "")
            }
            var comparison: LatencyRecord.Comparison?
            if let ratio = try number("ratio"), let reference = try number("referenceMilliseconds") {
                comparison = .init(
                    reference: text("reference"), milliseconds: reference, ratio: ratio,
                    deviation: try number("ratioDeviation"))
            }
            let record = LatencyRecord(
                genome, milliseconds: milliseconds, deviation: try number("deviation"), comparison: comparison,
                disturbed: try number("disturbed"), device: text("device"), time: text("time"))
            let identity = [record.device, space.key(of: genome)]
            if let first = lines[identity] {
                throw LatencyError.repeated(
                    file: file, line: line, firstLine: first, genome: space.text(of: genome))
            }
            lines[identity] = line
            names.insert(text("space"))
            records.append(record)
        }
        name = file
        self.records = records
        spaceName = names.count == 1 ? names.first.flatMap { $0.isEmpty ? nil : $0 } : nil
    }

    /// The space that the first record of a file names, for whoever knows no other; nil where it names none.
    ///
    /// - Throws: `DatasetError` for a file that cannot be read.
    public static func spaceName(of file: String) throws -> String? {
        let source = RecordSource(csv: [file], join: nil, missing: []), folder = DataFolder(".")
        guard try source.columns(in: folder).contains("space") else { return nil }
        let table = try source.read(texts: [.init("space", key: "a latency file")], numbers: [], in: folder)
        return table.texts.first?.first.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The devices that the records are of, in the order of the file.
    public var devices: [String] {
        records.map(\.device).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// The records of one device.
    ///
    /// - Parameter device: Nil for the only one.
    /// - Throws: `LatencyError.severalDevices`, or `unknownDevice`.
    public func only(_ device: String?) throws(LatencyError) -> LatencyFile {
        let devices = devices
        if let device {
            guard devices.contains(device) else {
                throw .unknownDevice(file: name, device: device, devices: devices)
            }
            return LatencyFile(name: name, records: records.filter { $0.device == device }, spaceName: spaceName)
        }
        guard devices.count < 2 else { throw .severalDevices(file: name, devices: devices) }
        return self
    }

    /// How long the reference takes when the machine does what it did in the median of all records, in milliseconds; nil where not
    /// all records were compared with the same one.
    public var referenceMilliseconds: Double? {
        let comparisons = records.compactMap(\.comparison)
        guard comparisons.count == records.count, Set(comparisons.map(\.reference)).count == 1 else { return nil }
        return TrimmedMedian(comparisons.map(\.milliseconds), trimmed: 0).value
    }

    /// The duration of each record's network, where the reference takes ``referenceMilliseconds``.
    public var milliseconds: [Double] {
        let reference = referenceMilliseconds
        return records.map { $0.milliseconds(whereReferenceTakes: reference) }
    }

    /// How far the reference was from its median, at the least and at the most, as a share; nil without a reference.
    public var drift: ClosedRange<Double>? {
        guard let reference = referenceMilliseconds else { return nil }
        let shares = records.compactMap(\.comparison).map { $0.milliseconds / reference - 1 }.sorted()
        return shares.first.flatMap { first in shares.last.map { first...$0 } }
    }

    /// Adds a record.
    mutating func append(_ record: LatencyRecord) { records.append(record) }

    /// Writes the file, complete or not at all.
    ///
    /// - Parameter spaceName: What the space is called where the file is read again.
    func write(of space: SearchSpace, called spaceName: String, to path: String) throws {
        let csv = CSVWriter()
        var bytes = csv.record(Self.columns.map { .symbol($0) })
        for record in records {
            let comparison = record.comparison
            bytes += csv.record([
                .symbol(spaceName), .symbol(space.text(of: record.genome)), .number(record.milliseconds),
                record.deviation.map { .number($0) } ?? .empty, comparison.map { .number($0.ratio) } ?? .empty,
                comparison?.deviation.map { .number($0) } ?? .empty,
                comparison.map { .symbol($0.reference) } ?? .empty,
                comparison.map { .number($0.milliseconds) } ?? .empty,
                record.disturbed.map { .number($0) } ?? .empty, .symbol(record.device), .symbol(record.time),
                .symbol(space.key(of: record.genome)),
            ])
        }
        try AtomicFile.write(bytes, to: path)
    }
}
