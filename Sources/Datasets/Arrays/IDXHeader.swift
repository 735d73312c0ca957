/// The header of an IDX file: type and shape of the one array in it.
///
/// Two zero bytes, the type, the number of dimensions, and each dimension in four bytes, the highest first; so are all
/// values. Source: LeCun, Cortes and Burges, "The MNIST database", section "File formats".
enum IDXHeader {
    private static let types: [UInt8: ElementType] = [
        0x08: ElementType(kind: .unsigned, width: 1), 0x09: ElementType(kind: .signed, width: 1),
        0x0B: ElementType(kind: .signed, width: 2, isBigEndian: true),
        0x0C: ElementType(kind: .signed, width: 4, isBigEndian: true),
        0x0D: ElementType(kind: .float, width: 4, isBigEndian: true),
        0x0E: ElementType(kind: .float, width: 8, isBigEndian: true),
    ]

    /// Reads the header and leaves the stream at the first value.
    ///
    /// - Parameter rank: The dimensions that are usual for what is wanted: 3 for images, 1 for labels. Where it is the
    ///   other one of these, images and labels are swapped.
    static func read(_ stream: ByteStream, rank: Int) throws -> ArrayHeader {
        let magic = try stream.read(4)
        guard magic[0] == 0, magic[1] == 0, let type = types[magic[2]], magic[3] > 0, magic[3] != (rank == 3 ? 1 : 3)
        else {
            throw DatasetError.wrongMagic(
                file: stream.file, expected: hex([0, 0, 8, UInt8(rank)]), found: hex(magic))
        }
        let dimensions = try stream.read(4 * Int(magic[3]))
        let shape = stride(from: 0, to: dimensions.count, by: 4).map { start in
            dimensions[start..<(start + 4)].reduce(0) { $0 << 8 | Int($1) }
        }
        return ArrayHeader(type: type, shape: shape)
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        "0x" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
