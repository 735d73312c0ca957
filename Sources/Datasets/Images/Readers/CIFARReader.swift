/// Which of the two sets records are of.
public enum CIFARKind: Sendable {
    /// One label below 10.
    case ten
    /// A coarse label below 20, and a fine one below 100, which counts.
    case hundred

    /// What each label that a record begins with stays below; the last one counts.
    var bounds: [Int] { self == .ten ? [10] : [20, 100] }
    /// The number of classes.
    var classes: Int { self == .ten ? 10 : 100 }
    /// Bytes of a record.
    var record: Int { bounds.count + 3 * CIFARReader.plane }
    /// What errors call a file of the format.
    var name: String { self == .ten ? "CIFAR-10 records" : "CIFAR-100 records, with two labels each" }
    /// The file of the names of its classes, as it is published.
    var namesFile: String { self == .ten ? "batches.meta.txt" : "fine_label_names.txt" }
}

/// Reads the binary layouts of CIFAR-10 and CIFAR-100, plain or gzip.
///
/// A file is a row of records: the label or the two labels, then a red, a green and a blue plane of 32 x 32 bytes. It has no
/// header, so that its size and its labels alone tell it from other files.
public enum CIFARReader {
    static let side = 32
    static let plane = side * side
    private static let recordsOfPiece = 256

    /// What the sizes of the files say; packed ones are unpacked to be counted, as far as the budget of their folder goes, and
    /// their labels looked at on the way.
    ///
    /// - Throws: `DatasetError` for a size that is no whole number of records.
    public static func layout(files: [DataFile], kind: CIFARKind = .ten) throws -> ImageLayout {
        var count = 0
        for file in files { count += try records(of: file, kind) }
        try ImageSet.checkCount(count, name: files.first?.path ?? kind.name)
        return ImageLayout(count: count, height: side, width: side, channels: 3, valueBytes: 1)
    }

    /// Reads one or more files, in order, into one set of 32 x 32 x 3 images with values 0...255.
    ///
    /// - Parameter layout: What `layout` said of the files; nil asks it.
    public static func read(
        files: [DataFile], kind: CIFARKind = .ten, layout known: ImageLayout? = nil
    ) throws -> ImageSet {
        guard !files.isEmpty else {
            throw DatasetError.invalidSetting(name: "CIFAR files", value: "none", allowed: "at least one file")
        }
        let count = try (known ?? layout(files: files, kind: kind)).count
        try Checked.room(count * 3 * plane, file: files[0].path)
        var labels: [Int32] = []
        labels.reserveCapacity(count)
        var pixels: [UInt8] = []
        pixels.reserveCapacity(count * 3 * plane)
        for file in files { try append(file, kind, to: &pixels, labels: &labels) }
        return try ImageSet(
            height: side, width: side, channels: 3, pixels: .bytes(pixels), labels: labels, classes: kind.classes,
            name: files[0].path)
    }

    private static func records(of file: DataFile, _ kind: CIFARKind) throws -> Int {
        let record = kind.record
        let stream = try ByteStream(file)
        if stream.isPacked {
            var count = 0
            return try forEachRecord(stream, of: file, kind, within: file.budget) { _ in count += 1 }.all(count)
        }
        let bytes = stream.most
        guard bytes > 0 else { throw DatasetError.empty(file: file.path) }
        guard bytes % record == 0 else {
            let error = DatasetError.truncated(
                file: file.path, expected: (bytes / record + 1) * record, found: bytes)
            throw ContentKind.explain(error, file, expected: kind.name)
        }
        return bytes / record
    }

    private static func append(
        _ file: DataFile, _ kind: CIFARKind, to pixels: inout [UInt8], labels: inout [Int32]
    ) throws {
        let first = kind.bounds.count
        try forEachRecord(try ByteStream(file), of: file, kind) { record in
            let to = pixels.count
            pixels.append(contentsOf: repeatElement(0, count: 3 * plane))
            for channel in 0..<3 {
                for pixel in 0..<plane {
                    pixels[to + pixel * 3 + channel] = record[first + channel * plane + pixel]
                }
            }
            labels.append(Int32(record[first - 1]))
        }
    }

    /// Hands all records to `body`, each whole and with a label of the format.
    ///
    /// - Throws: `DatasetError` for a record that is neither, and for a file without any.
    @discardableResult
    private static func forEachRecord(
        _ stream: ByteStream, of file: DataFile, _ kind: CIFARKind, within budget: LookBudget? = nil,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> Look {
        let record = kind.record, labels = kind.bounds.count
        var count = 0
        let look = try stream.forEachPiece(of: recordsOfPiece * record, within: budget) { bytes in
            for start in stride(from: 0, to: bytes.count, by: record) {
                let isWhole = bytes.count - start >= record
                let wrong = zip(bytes[start..<min(start + labels, bytes.count)], kind.bounds).first { $0 >= $1 }
                guard isWhole, wrong == nil else {
                    throw ContentKind.explain(
                        failure(stream, kind, wrong.map { (Int($0), $1) }, index: count), file, expected: kind.name)
                }
                try body(UnsafeRawBufferPointer(rebasing: bytes[start..<(start + record)]))
                count += 1
            }
        }
        guard count > 0 else { throw DatasetError.empty(file: file.path) }
        return look
    }

    /// What is wrong with a record: a label, or that it is not whole.
    private static func failure(
        _ stream: ByteStream, _ kind: CIFARKind, _ wrong: (label: Int, bound: Int)?, index: Int
    ) -> DatasetError {
        if let wrong {
            return .labelOutOfRange(file: stream.file, index: index, label: wrong.label, classes: wrong.bound)
        }
        return .truncated(file: stream.file, expected: (index + 1) * kind.record, found: stream.position)
    }
}
