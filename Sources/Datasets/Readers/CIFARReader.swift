/// Reads the binary layout of CIFAR-10, plain or gzip.
///
/// A file is a row of records of 3073 bytes: the label, then a red, a green and a blue plane of 32 x 32 bytes.
public enum CIFARReader {
    static let side = 32
    static let plane = side * side
    static let record = 1 + 3 * plane

    /// Reads one or more files, in order, into one set of 32 x 32 x 3 images with values 0...255.
    ///
    /// - Parameter classes: labels must lie in `0..<classes`.
    public static func read(files: [DataFile], classes: Int = 10) throws -> ImageSet {
        guard !files.isEmpty else {
            throw DatasetError.invalidSetting(name: "CIFAR files", value: "none", allowed: "at least one file")
        }
        var pixels: [UInt8] = []
        var labels: [Int32] = []
        for file in files {
            try append(file, classes: classes, pixels: &pixels, labels: &labels)
        }
        return try ImageSet(
            height: side, width: side, channels: 3, pixels: .bytes(pixels), labels: labels, classes: classes,
            name: files[0].path)
    }

    private static func append(
        _ file: DataFile, classes: Int, pixels: inout [UInt8], labels: inout [Int32]
    ) throws {
        let stream = try ByteStream(file)
        let bytes = try stream.readAll(limit: stream.most)
        guard !bytes.isEmpty else { throw DatasetError.empty(file: file.path) }
        let count = bytes.count / record
        guard bytes.count % record == 0 else {
            throw DatasetError.truncated(file: file.path, expected: (count + 1) * record, found: bytes.count)
        }
        let start = pixels.count
        pixels.append(contentsOf: repeatElement(0, count: count * 3 * plane))
        labels.reserveCapacity(labels.count + count)
        for index in 0..<count {
            let from = index * record
            let label = Int(bytes[from])
            guard label < classes else {
                throw DatasetError.labelOutOfRange(file: file.path, index: index, label: label, classes: classes)
            }
            labels.append(Int32(label))
            let to = start + index * 3 * plane
            for channel in 0..<3 {
                for pixel in 0..<plane {
                    pixels[to + pixel * 3 + channel] = bytes[from + 1 + channel * plane + pixel]
                }
            }
        }
    }
}
