/// Reads images and their labels from files that hold one array each, plain or gzip.
///
/// Images are of shape (count, rows, columns) or (count, rows, columns, channels), and of any number type: unsigned bytes
/// stay bytes, everything else becomes 32-bit floats. Labels are whole numbers of any type: a list, a row, a column, or
/// rows of zeros with a single one.
public struct ArrayReader: Sendable {
    /// The format of both files.
    public let format: ArrayFormat

    /// Reads a format.
    public init(_ format: ArrayFormat) { self.format = format }

    /// What the headers say, held against each other.
    ///
    /// - Parameter classes: The classes that labels must keep to; nil for any number.
    /// - Throws: `DatasetError` for what reading would refuse by the headers.
    public func layout(images: DataFile, labels: DataFile, classes: Int? = nil) throws -> ImageLayout {
        let labelCount = try self.labels(labels, classes: classes).count
        return try self.images(images, labels: (labels.path, labelCount)).layout
    }

    /// Reads a file of images and the file of their labels.
    ///
    /// - Parameter classes: Labels must lie in `0..<classes`; nil takes the largest label plus one.
    /// - Returns: Unsigned bytes as bytes, which count as value / 255; all else as floats, as they are.
    public func read(images: DataFile, labels: DataFile, classes: Int? = nil) throws -> ImageSet {
        let labelValues = try readLabels(labels, classes: classes)
        let (stream, header, layout) = try self.images(images, labels: (labels.path, labelValues.count))
        let pixels = try NumberReader(stream, header.type).pixels(count: header.count(file: images.path))
        try stream.expectEnd()
        return try ImageSet(
            height: layout.height, width: layout.width, channels: layout.channels, pixels: pixels,
            labels: labelValues, classes: classes, name: images.path, labelsName: labels.path)
    }

    private func images(
        _ file: DataFile, labels: (path: String, count: Int)
    ) throws -> (stream: ByteStream, header: ArrayHeader, layout: ImageLayout) {
        let stream = try ByteStream(file)
        let header = try format.header(stream, of: file, rank: 3)
        let layout = try header.layout(file: file.path)
        try stream.checkClaim(header.count(file: file.path) * header.type.width, header.claim)
        try ImageSet.checkCount(layout.count, name: file.path)
        guard layout.count == labels.count else {
            throw DatasetError.countMismatch(
                images: file.path, imageCount: layout.count, labels: labels.path, labelCount: labels.count)
        }
        return (stream, header, layout)
    }

    /// How many labels a file has, by its header.
    func labelCount(_ file: DataFile) throws -> Int { try labels(file, classes: nil).count }

    private func labels(
        _ file: DataFile, classes: Int?
    ) throws -> (stream: ByteStream, type: ElementType, count: Int, width: Int) {
        let stream = try ByteStream(file)
        let header = try format.header(stream, of: file, rank: 1)
        let (count, width) = try header.labelLayout(file: file.path)
        let claim = header.shape.count == 1 && header.type.width == 1 ? "\(count) labels" : header.claim
        try stream.checkClaim(header.count(file: file.path) * header.type.width, claim)
        if let classes, width > classes {
            throw Self.noLabels(file.path, found: "rows of \(width) for \(classes) classes")
        }
        return (stream, header.type, count, width)
    }

    /// The labels of a file.
    func readLabels(_ file: DataFile, classes: Int?) throws -> [Int32] {
        let (stream, type, count, width) = try labels(file, classes: classes)
        let numbers = NumberReader(stream, type)
        let labels = try width == 1 ? list(numbers, count, classes) : oneHot(numbers, count, width)
        try stream.expectEnd()
        return labels
    }

    private func list(_ numbers: NumberReader, _ count: Int, _ classes: Int?) throws -> [Int32] {
        let most = classes ?? ImageSet.mostClasses
        try Checked.room(4 * count, file: numbers.file)
        var labels: [Int32] = []
        labels.reserveCapacity(count)
        try numbers.forEachWhole(count: count) { index, value in
            guard value >= 0, value < most else {
                throw DatasetError.labelOutOfRange(file: numbers.file, index: index, label: value, classes: most)
            }
            labels.append(Int32(value))
        }
        return labels
    }

    /// The places of the ones in rows that have nothing else but zeros.
    private func oneHot(_ numbers: NumberReader, _ count: Int, _ width: Int) throws -> [Int32] {
        func failure(_ found: String) -> DatasetError { Self.noLabels(numbers.file, found: found) }
        try Checked.room(4 * count, file: numbers.file)
        var labels = [Int32](repeating: -1, count: count)
        try numbers.forEachWhole(count: count * width) { index, value in
            guard value != 0 else { return }
            let row = index / width
            guard value == 1, labels[row] < 0 else { throw failure("other values in row \(row)") }
            labels[row] = Int32(index % width)
        }
        if let row = labels.firstIndex(of: -1) { throw failure("only zeros in row \(row)") }
        return labels
    }
    private static func noLabels(_ file: String, found: String) -> DatasetError {
        .otherShape(
            file: file, expected: "one label an image, or rows of zeros with a single one", found: found,
            remedy: "write the labels as a list of whole numbers, such as a.argmax(axis=1)")
    }
}
