internal import Foundation

/// What the header of a network file says of its network.
struct NetworkHeader {
    /// The architecture, as in results.csv.
    let genome: String
    /// Trainable scalars.
    let params: Int
    /// Multiply-adds of one forward pass of one example.
    let multiplyAdds: Int
    /// What was measured, such as `validationAccuracy`.
    let measured: [String: Double]

    /// Headers are smaller than that.
    private static let mostBytes = 1 << 20

    /// Reads the header of a safetensors file; nil for a file that has none.
    init?(file: String) {
        guard let handle = FileHandle(forReadingAtPath: file) else { return nil }
        defer { try? handle.close() }
        guard let first = try? handle.read(upToCount: 8), first.count == 8 else { return nil }
        let count = first.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard count <= Self.mostBytes, let bytes = try? handle.read(upToCount: Int(count)),
            let header = try? JSONDecoder().decode(Header.self, from: bytes),
            let description = try? JSONDecoder().decode(Description.self, from: Data(header.metadata.nasd.utf8))
        else { return nil }
        genome = description.genome
        params = description.params
        multiplyAdds = description.multiplyAdds
        measured = description.measured
    }

    private struct Header: Decodable {
        struct Metadata: Decodable { let nasd: String }
        let metadata: Metadata

        private enum CodingKeys: String, CodingKey { case metadata = "__metadata__" }
    }

    private struct Description: Decodable {
        let genome: String
        let params: Int
        let multiplyAdds: Int
        let measured: [String: Double]
    }
}
