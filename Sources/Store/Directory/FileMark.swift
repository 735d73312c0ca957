import Foundation
internal import SearchSpaces

/// The size of a file and a digest of its bytes, by which a copy is told from one that was cut short or has other bits.
struct FileMark: Codable, Sendable, Hashable {
    let bytes: Int
    let digest: String

    private static let block = 1 << 18

    /// Reads a file to its end.
    ///
    /// - Parameter take: Gets the bytes, block by block.
    init(
        reading descriptor: Int32, of file: String, _ take: (ArraySlice<UInt8>) throws(StoreError) -> Void
    ) throws(StoreError) {
        var block = [UInt8](repeating: 0, count: Self.block), hash = StableHash(), size = 0
        var isOver = false
        while !isOver {
            // Blocks are full but for the last, so that the digest does not depend on how reads come.
            var count = 0
            while count < block.count, !isOver {
                let read = block.withUnsafeMutableBytes {
                    Foundation.read(descriptor, $0.baseAddress?.advanced(by: count), $0.count - count)
                }
                if read < 0, errno == EINTR { continue }
                guard read >= 0 else { throw StoreError(errno: errno, path: file, doing: "read") }
                isOver = read == 0
                count += read
            }
            block.withUnsafeBytes { hash.combine(words: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            try take(block[..<count])
            size += count
        }
        bytes = size
        digest = hash.hexadecimal
    }

    /// Reads a file to its end.
    init(_ file: String) throws(StoreError) {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StoreError(errno: errno, path: file, doing: "open") }
        defer { close(descriptor) }
        try self.init(reading: descriptor, of: file) { _ in }
    }
}
