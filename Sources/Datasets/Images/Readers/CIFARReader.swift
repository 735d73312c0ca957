/// Reads the binary layout of CIFAR-10, plain or gzip.
///
/// A file is a row of records of 3073 bytes: the label, then a red, a green and a blue plane of 32 x 32 bytes. It has no
/// header, so that its size and its labels alone tell it from other files.
public enum CIFARReader {
    static let side = 32
    static let plane = side * side
    static let record = 1 + 3 * plane
    /// The number of classes.
    static let classes = 10
    /// What errors call a file of the format.
    static let name = "CIFAR-10 records"
    private static let recordsOfPiece = 256

    /// What the sizes of the files say; packed ones are unpacked to be counted, as far as the budget of their folder goes, and
    /// their labels looked at on the way.
    ///
    /// - Throws: `DatasetError` for a size that is no whole number of records.
    public static func layout(files: [DataFile]) throws -> ImageLayout {
        var count = 0
        for file in files { count += try records(of: file) }
        try ImageSet.checkCount(count, name: files.first?.path ?? name)
        return ImageLayout(count: count, height: side, width: side, channels: 3, valueBytes: 1)
    }

    /// Reads one or more files, in order, into one set of 32 x 32 x 3 images with values 0...255.
    ///
    /// - Parameter layout: What `layout` said of the files; nil asks it.
    public static func read(files: [DataFile], layout known: ImageLayout? = nil) throws -> ImageSet {
        guard !files.isEmpty else {
            throw DatasetError.invalidSetting(name: "CIFAR files", value: "none", allowed: "at least one file")
        }
        let count = try (known ?? layout(files: files)).count
        try Checked.room(count * 3 * plane, file: files[0].path)
        var labels: [Int32] = []
        labels.reserveCapacity(count)
        var pixels: [UInt8] = []
        pixels.reserveCapacity(count * 3 * plane)
        for file in files { try append(file, to: &pixels, labels: &labels) }
        return try ImageSet(
            height: side, width: side, channels: 3, pixels: .bytes(pixels), labels: labels, classes: classes,
            name: files[0].path)
    }

    private static func records(of file: DataFile) throws -> Int {
        let stream = try ByteStream(file)
        if stream.isPacked {
            var count = 0
            return try forEachRecord(stream, of: file, within: file.budget) { _ in count += 1 }.all(count)
        }
        let bytes = stream.most
        guard bytes > 0 else { throw DatasetError.empty(file: file.path) }
        guard bytes % record == 0 else {
            let error = DatasetError.truncated(
                file: file.path, expected: (bytes / record + 1) * record, found: bytes)
            throw ContentKind.explain(error, file, expected: name)
        }
        return bytes / record
    }

    private static func append(
        _ file: DataFile, to pixels: inout [UInt8], labels: inout [Int32]
    ) throws {
        try forEachRecord(try ByteStream(file), of: file) { record in
            let to = pixels.count
            pixels.append(contentsOf: repeatElement(0, count: 3 * plane))
            for channel in 0..<3 {
                for pixel in 0..<plane {
                    pixels[to + pixel * 3 + channel] = record[1 + channel * plane + pixel]
                }
            }
            labels.append(Int32(record[0]))
        }
    }

    /// Hands all records to `body`, each whole and with a label of the format.
    ///
    /// - Throws: `DatasetError` for a record that is neither, and for a file without any.
    @discardableResult
    private static func forEachRecord(
        _ stream: ByteStream, of file: DataFile, within budget: LookBudget? = nil,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> Look {
        var count = 0
        let look = try stream.forEachPiece(of: recordsOfPiece * record, within: budget) { bytes in
            for start in stride(from: 0, to: bytes.count, by: record) {
                let label = Int(bytes[start])
                guard bytes.count - start >= record, label < classes else {
                    throw ContentKind.explain(failure(stream, label, index: count), file, expected: name)
                }
                try body(UnsafeRawBufferPointer(rebasing: bytes[start..<(start + record)]))
                count += 1
            }
        }
        guard count > 0 else { throw DatasetError.empty(file: file.path) }
        return look
    }

    /// What is wrong with a record: its label, or that it is not whole.
    private static func failure(_ stream: ByteStream, _ label: Int, index: Int) -> DatasetError {
        guard label < classes else {
            return .labelOutOfRange(file: stream.file, index: index, label: label, classes: classes)
        }
        return .truncated(file: stream.file, expected: (index + 1) * record, found: stream.position)
    }
}
