/// Reads IDX files of unsigned bytes, the format of MNIST and its kin, plain or gzip.
///
/// All numbers are big-endian. Images: magic 0x803, count, rows, columns, then the pixels. Labels: magic 0x801,
/// count, then the labels.
public enum IDXReader {
    static let imageMagic: UInt32 = 0x0000_0803
    static let labelMagic: UInt32 = 0x0000_0801

    /// Reads a file of images and the file of their labels.
    ///
    /// - Parameter classes: labels must lie in `0..<classes`; nil takes the largest label plus one.
    /// - Returns: images of one channel with values 0...255.
    public static func read(images: DataFile, labels: DataFile, classes: Int? = nil) throws -> ImageSet {
        let labelValues = try readLabels(labels)
        let (count, height, width, pixels) = try readImages(images)
        guard count == labelValues.count else {
            throw DatasetError.countMismatch(
                images: images.path, imageCount: count, labels: labels.path, labelCount: labelValues.count)
        }
        return try ImageSet(
            height: height, width: width, channels: 1, pixels: .bytes(pixels), labels: labelValues.map(Int32.init),
            classes: classes, name: images.path, labelsName: labels.path)
    }

    private static func readImages(_ file: DataFile) throws -> (Int, Int, Int, [UInt8]) {
        let stream = try ByteStream(file)
        try checkMagic(stream, imageMagic)
        let header = try stream.read(12)
        let count = number(header, at: 0)
        let height = number(header, at: 4)
        let width = number(header, at: 8)
        guard count > 0 else { throw DatasetError.empty(file: file.path) }
        guard height > 0, width > 0 else {
            throw DatasetError.badHeader(file: file.path, reason: "image shape \(height) x \(width)")
        }
        let size = try Checked.product([count, height, width], file: file.path, most: .max)
        try stream.checkClaim(size, "\(count) x \(height) x \(width) bytes")
        let pixels = try stream.read(size)
        try stream.expectEnd()
        return (count, height, width, pixels)
    }

    private static func readLabels(_ file: DataFile) throws -> [UInt8] {
        let stream = try ByteStream(file)
        try checkMagic(stream, labelMagic)
        let count = number(try stream.read(4), at: 0)
        guard count > 0 else { throw DatasetError.empty(file: file.path) }
        try stream.checkClaim(count, "\(count) labels")
        let labels = try stream.read(count)
        try stream.expectEnd()
        return labels
    }

    private static func checkMagic(_ stream: ByteStream, _ expected: UInt32) throws {
        let found = number(try stream.read(4), at: 0)
        guard found == Int(expected) else {
            throw DatasetError.wrongMagic(
                file: stream.file, expected: hex(Int(expected)), found: hex(found))
        }
    }

    private static func number(_ bytes: [UInt8], at start: Int) -> Int {
        bytes[start..<(start + 4)].reduce(0) { $0 << 8 | Int($1) }
    }

    private static func hex(_ value: Int) -> String {
        let digits = String(value, radix: 16)
        return "0x" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }
}
