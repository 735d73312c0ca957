/// Reads arrays that NumPy saved (`numpy.save`), plain or gzip.
///
/// Images are uint8 or little-endian float32, of shape (count, rows, columns) or (count, rows, columns, channels);
/// labels are integers of any width, of shape (count). Only C order is taken.
public enum NPYReader {
    /// Reads a file of images and the file of their labels.
    ///
    /// - Parameter classes: labels must lie in `0..<classes`; nil takes the largest label plus one.
    /// - Returns: uint8 images as bytes, which count as value / 255; float32 images as they are.
    public static func read(images: DataFile, labels: DataFile, classes: Int? = nil) throws -> ImageSet {
        let bound = min(classes ?? ImageSet.mostClasses, ImageSet.mostClasses)
        let labelValues = try readLabels(labels, classes: bound)
        let stream = try ByteStream(images)
        let header = try NPYHeader(stream)
        let itemSize: Int
        switch header.type {
        case "|u1", "<u1", "u1": itemSize = 1
        case "<f4": itemSize = 4
        default:
            throw DatasetError.unsupported(
                file: images.path, expected: "images of type |u1 or <f4", found: header.type)
        }
        try check(header, dimensions: 3...4, file: images.path)
        let size = try bytes(header, itemSize: itemSize, stream: stream)
        let raw = try stream.read(size)
        try stream.expectEnd()
        let pixels: ImageSet.Pixels
        if itemSize == 1 {
            pixels = .bytes(raw)
        } else {
            pixels = .floats(
                raw.withUnsafeBytes { source in
                    (0..<(size / 4)).map { index in
                        let bits = source.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
                        return Float(bitPattern: UInt32(littleEndian: bits))
                    }
                })
        }
        let shape = header.shape
        guard shape[0] == labelValues.count else {
            throw DatasetError.countMismatch(
                images: images.path, imageCount: shape[0], labels: labels.path, labelCount: labelValues.count)
        }
        return try ImageSet(
            height: shape[1], width: shape[2], channels: shape.count == 4 ? shape[3] : 1, pixels: pixels,
            labels: labelValues, classes: classes, name: images.path, labelsName: labels.path)
    }

    private static func readLabels(_ file: DataFile, classes: Int) throws -> [Int32] {
        let stream = try ByteStream(file)
        let header = try NPYHeader(stream)
        let allowed = "labels of type i1, i2, i4, i8, u1, u2, u4 or u8, little-endian"
        let kind = header.type.utf8.filter { $0 != 0x3C && $0 != 0x7C }  // < and |
        let known = ["i1": 1, "i2": 2, "i4": 4, "i8": 8, "u1": 1, "u2": 2, "u4": 4, "u8": 8]
        guard let itemSize = known[String(decoding: kind, as: UTF8.self)], header.type.utf8.count <= 3 else {
            throw DatasetError.unsupported(file: file.path, expected: allowed, found: header.type)
        }
        try check(header, dimensions: 1...1, file: file.path)
        let raw = try stream.read(try bytes(header, itemSize: itemSize, stream: stream))
        try stream.expectEnd()
        let signed = kind.first == 0x69  // i
        return try (0..<header.shape[0]).map { index in
            var bits: UInt64 = 0
            for byte in (0..<itemSize).reversed() { bits = bits << 8 | UInt64(raw[index * itemSize + byte]) }
            let value: Int
            if signed {
                let shift = UInt64(64 - 8 * itemSize)
                value = Int(truncatingIfNeeded: Int64(bitPattern: bits << shift) >> Int64(shift))
            } else {
                value = Int(clamping: bits)
            }
            guard (0..<classes).contains(value) else {
                throw DatasetError.labelOutOfRange(file: file.path, index: index, label: value, classes: classes)
            }
            return Int32(value)
        }
    }

    private static func check(_ header: NPYHeader, dimensions: ClosedRange<Int>, file: String) throws {
        guard !header.fortranOrder else {
            throw DatasetError.unsupported(
                file: file, expected: "C order (save numpy.ascontiguousarray(a))", found: "Fortran order")
        }
        guard dimensions.contains(header.shape.count) else {
            throw DatasetError.unsupported(
                file: file, expected: "an array of \(dimensions.lowerBound) to \(dimensions.upperBound) dimensions",
                found: "\(header.shape.count) dimensions")
        }
        guard header.shape[0] > 0 else { throw DatasetError.empty(file: file) }
        guard !header.shape.contains(0) else {
            throw DatasetError.badHeader(file: file, reason: "a dimension is zero in \(header.shape)")
        }
    }

    private static func bytes(_ header: NPYHeader, itemSize: Int, stream: ByteStream) throws -> Int {
        let size = try Checked.product(header.shape + [itemSize], file: stream.file, most: .max)
        try stream.checkClaim(size, (header.shape + [itemSize]).map(String.init).joined(separator: " x ") + " bytes")
        return size
    }
}
