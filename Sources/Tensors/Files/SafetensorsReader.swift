public import Foundation

/// A safetensors file in memory: its texts and its float tensors, every offset checked before anything is read.
public struct SafetensorsReader: Sendable {
    /// One tensor of the header.
    private struct Entry: Sendable {
        let shape: [Int]
        let range: Range<Int>
    }

    /// The name that errors are reported under.
    public let file: String
    /// The texts of `__metadata__`.
    public let metadata: [String: String]
    private let entries: [String: Entry]
    private let data: Data

    /// The greatest header that is read; real ones take kilobytes.
    private static let mostHeaderBytes = 64 << 20

    /// Reads a file.
    ///
    /// - Throws: `unreadable`, or `damaged` with the reason.
    public init(file: String) throws(TensorFileError) {
        try self.init(data: FileBytes.read(file), file: file)
    }

    /// Reads a file's bytes.
    public init(data: Data, file: String) throws(TensorFileError) {
        self.file = file
        self.data = data
        guard data.count >= 8 else { throw .damaged(file: file, reason: "it has \(data.count) bytes and no header") }
        let claimed = data.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard claimed >= 2, claimed <= UInt64(min(Self.mostHeaderBytes, data.count - 8)) else {
            throw .damaged(file: file, reason: "its header claims \(claimed) bytes of \(data.count)")
        }
        let start = 8 + Int(claimed)
        let json = data.subdata(in: data.startIndex + 8..<data.startIndex + start)
        guard let object = try? JSONSerialization.jsonObject(with: json), let header = object as? [String: Any] else {
            throw .damaged(file: file, reason: "its header is no JSON object")
        }
        var entries: [String: Entry] = [:]
        var metadata: [String: String] = [:]
        for (name, value) in header {
            if name == "__metadata__" {
                guard let texts = value as? [String: String] else {
                    throw .damaged(file: file, reason: "its metadata is not made of texts")
                }
                metadata = texts
                continue
            }
            entries[name] = try Self.entry(name, value, dataCount: data.count - start, file: file)
        }
        let ordered = entries.values.map(\.range).sorted { $0.lowerBound < $1.lowerBound }
        var end = 0
        for range in ordered {
            guard range.lowerBound == end else {
                throw .damaged(file: file, reason: "its tensors overlap or leave gaps at byte \(end)")
            }
            end = range.upperBound
        }
        guard end == data.count - start else {
            throw .damaged(file: file, reason: "its tensors take \(end) bytes, but \(data.count - start) follow")
        }
        self.entries = entries
        self.metadata = metadata
        dataStart = start
    }

    private let dataStart: Int

    private static func entry(
        _ name: String, _ value: Any, dataCount: Int, file: String
    ) throws(TensorFileError) -> Entry {
        guard let fields = value as? [String: Any], let type = fields["dtype"] as? String,
            let shape = fields["shape"] as? [Int], let offsets = fields["data_offsets"] as? [Int], offsets.count == 2
        else { throw .damaged(file: file, reason: "the header of tensor '\(name)' is incomplete") }
        guard type == "F32" else {
            throw .foreign(file: file, reason: "tensor '\(name)' has type \(type), and only F32 is read")
        }
        var count = 1
        for size in shape {
            let (product, over) = count.multipliedReportingOverflow(by: size)
            guard size >= 0, !over, product <= dataCount else {
                throw .damaged(file: file, reason: "tensor '\(name)' claims the shape \(shape)")
            }
            count = product
        }
        guard offsets[0] >= 0, offsets[0] <= offsets[1], offsets[1] <= dataCount, offsets[1] - offsets[0] == count * 4
        else { throw .damaged(file: file, reason: "tensor '\(name)' does not fit its place or the file") }
        return Entry(shape: shape, range: offsets[0]..<offsets[1])
    }

    /// The names of the tensors, sorted.
    public var names: [String] { entries.keys.sorted() }

    /// Hands out every tensor with its bytes, in the order in which they lie in the file.
    public func forEach(_ body: (_ name: String, UnsafeRawBufferPointer) -> Void) {
        let ordered = entries.sorted {
            ($0.value.range.lowerBound, $0.value.range.upperBound) < (
                $1.value.range.lowerBound, $1.value.range.upperBound
            )
        }
        data.withUnsafeBytes { bytes in
            for (name, entry) in ordered {
                let place = dataStart + entry.range.lowerBound..<dataStart + entry.range.upperBound
                body(name, UnsafeRawBufferPointer(rebasing: bytes[place]))
            }
        }
    }

    /// The shape of a tensor; nil when there is none of the name.
    public func shape(of name: String) -> [Int]? { entries[name]?.shape }

    /// Bytes of all tensors together.
    public var tensorByteCount: Int { data.count - dataStart }

    /// Copies a tensor into a matrix of as many values.
    ///
    /// - Parameters:
    ///   - shape: That of the tensor; the matrix's rows and columns unless given.
    ///   - arrangement: How the file has the values.
    /// - Throws: `mismatch` when it is missing or has another number of values, or of several dimensions another shape.
    public func read(
        _ name: String, into view: MatrixView, shape: [Int]? = nil, arrangement: TensorArrangement = .rows
    ) throws(TensorFileError) {
        let shape = shape ?? [view.rows, view.columns]
        func mismatch(_ found: String) -> TensorFileError {
            .mismatch(
                file: file, tensor: name, expected: shape.map(String.init).joined(separator: " x "), found: found)
        }
        guard let entry = entries[name] else { throw mismatch("nothing") }
        guard entry.shape.reduce(1, *) == view.rows * view.columns, entry.shape.count < 2 || entry.shape == shape
        else { throw mismatch("\(entry.shape)") }
        let places = arrangement.places(rows: view.rows, columns: view.columns)
        data.withUnsafeBytes { bytes in
            if let places {
                for (index, place) in places.enumerated() {
                    view.base[place / view.columns * view.stride + place % view.columns] = bytes.loadUnaligned(
                        fromByteOffset: dataStart + entry.range.lowerBound + index * 4, as: Float.self)
                }
                return
            }
            for row in 0..<view.rows where view.columns > 0 {
                let from = dataStart + entry.range.lowerBound + row * view.columns * 4
                UnsafeMutableRawBufferPointer(view.row(row)).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: bytes[from..<from + view.columns * 4]))
            }
        }
    }
}
