import Foundation

/// A temporary directory that is gone after `body`.
@discardableResult
public func withDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
    let path = NSTemporaryDirectory() + "nasd-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
}

/// Bytes of the formats under test.
public enum Files {
    /// Writes a file.
    public static func write(_ bytes: [UInt8], _ path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    /// Four bytes, the highest first.
    public static func big(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }

    /// An IDX file of images.
    public static func idxImages(
        magic: UInt32 = 0x803, count: UInt32 = 4, height: UInt32 = 2, width: UInt32 = 3, pixels: Int = 24
    ) -> [UInt8] {
        var bytes = [magic, count, height, width].flatMap { big($0) }
        for index in 0..<pixels { bytes.append(UInt8(index % 256)) }
        return bytes
    }

    /// An IDX file of labels.
    public static func idxLabels(magic: UInt32 = 0x801, count: UInt32 = 4, _ labels: [UInt8] = [0, 1, 2, 1]) -> [UInt8]
    {
        big(magic) + big(count) + labels
    }

    /// CIFAR-10 records.
    public static func cifar(_ labels: [UInt8]) -> [UInt8] {
        let planes = (0..<3072).map { (index: Int) -> UInt8 in UInt8(index / 1024 * 80 + index % 64) }
        var bytes: [UInt8] = []
        for label in labels { bytes += [label] + planes }
        return bytes
    }

    /// An array of NumPy.
    public static func npy(
        _ type: String, _ shape: String, _ body: [UInt8], version: UInt8 = 1, fortran: Bool = false
    ) -> [UInt8] {
        let text = "{'descr': '\(type)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }\n"
        let length = UInt32(text.utf8.count)
        var bytes: [UInt8] = [0x93]
        bytes += Array("NUMPY".utf8)
        bytes += [version, 0]
        bytes += little([length])[..<(version == 1 ? 2 : 4)]
        bytes += Array(text.utf8)
        return bytes + body
    }

    /// Bytes of numbers, the lowest first.
    public static func little<Value: FixedWidthInteger>(_ values: [Value]) -> [UInt8] {
        values.flatMap { value in withUnsafeBytes(of: value.littleEndian) { Array($0) } }
    }

    private static let gzipHead: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]

    /// One gzip member of stored blocks (RFC 1951, section 3.2.4).
    public static func gzip(_ bytes: [UInt8]) -> [UInt8] { gzipHead + storedBlocks(bytes) + gzipTail(bytes) }

    private static func storedBlocks(_ bytes: [UInt8]) -> [UInt8] {
        var packed: [UInt8] = []
        var start = 0
        repeat {
            let end = min(bytes.count, start + 60_000)
            let length = UInt16(end - start)
            packed.append(end == bytes.count ? 1 : 0)
            packed += little([length, ~length])
            packed += bytes[start..<end]
            start = end
        } while start < bytes.count
        return packed
    }

    /// A grey picture of 8 bits as PNG (RFC 2083), in stored blocks.
    public static func png(_ values: [UInt8], width: Int) -> [UInt8] {
        let height = values.count / width
        let rows = (0..<height).flatMap { [0] + values[$0 * width..<($0 + 1) * width] }
        var low: UInt32 = 1, high: UInt32 = 0
        for byte in rows {
            low = (low + UInt32(byte)) % 65_521
            high = (high + low) % 65_521
        }
        func chunk(_ kind: String, _ body: [UInt8]) -> [UInt8] {
            let named = Array(kind.utf8) + body
            return big(UInt32(body.count)) + named + big(checksum(named))
        }
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
            + chunk("IHDR", big(UInt32(width)) + big(UInt32(height)) + [8, 0, 0, 0, 0])
            + chunk("IDAT", [0x78, 0x01] + storedBlocks(rows) + big(high << 16 | low)) + chunk("IEND", [])
    }

    /// One gzip member in which runs of a byte take little room: fixed codes, and copies of 258 bytes from one before
    /// (RFC 1951, section 3.2.6).
    public static func gzipOfRuns(_ bytes: [UInt8]) -> [UInt8] {
        var packed = gzipHead
        var pending: UInt8 = 0, used = 0
        func bit(_ value: Int) {
            pending |= UInt8(value & 1) << UInt8(used)
            used += 1
            if used == 8 {
                packed.append(pending)
                (pending, used) = (0, 0)
            }
        }
        func code(_ value: Int, _ bits: Int) { for place in (0..<bits).reversed() { bit(value >> place) } }
        // The last block, of fixed codes.
        for value in [1, 1, 0] { bit(value) }
        var index = 0
        while index < bytes.count {
            let byte = bytes[index], end = index + 258
            if index > 0, end <= bytes.count, bytes[(index - 1)..<end].allSatisfy({ $0 == byte }) {
                code(0xC5, 8)
                code(0, 5)
                index = end
            } else {
                if byte < 144 { code(0x30 + Int(byte), 8) } else { code(0x190 + Int(byte) - 144, 9) }
                index += 1
            }
        }
        code(0, 7)
        while used != 0 { bit(0) }
        return packed + gzipTail(bytes)
    }

    private static func gzipTail(_ bytes: [UInt8]) -> [UInt8] { little([checksum(bytes), UInt32(bytes.count)]) }

    /// CRC-32 of bytes.
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var sum: UInt32 = .max
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        return ~sum
    }
}
