/// Writes float tensors in the safetensors format: 8 bytes of header length, a JSON header, then the data.
///
/// Tensors lie in the order they were added and metadata in the order of their keys, so that equal contents give equal
/// bytes. The caller owns the file: bytes go to a sink.
public struct SafetensorsWriter {
    private struct Entry {
        let name: String
        let view: MatrixView
        let shape: [Int]
        let arrangement: TensorArrangement
    }

    private var entries: [Entry] = []
    private var metadata: [String: String]

    /// Creates a writer with the texts of the header's `__metadata__`.
    public init(metadata: [String: String] = [:]) { self.metadata = metadata }

    /// Adds a tensor; a slice is written without what lies beside it. The memory must live until `write`.
    ///
    /// - Parameters:
    ///   - shape: What the header says; the matrix's rows and columns unless given.
    ///   - arrangement: How the file has the values.
    public mutating func add(
        _ name: String, _ view: MatrixView, shape: [Int]? = nil, arrangement: TensorArrangement = .rows
    ) {
        let shape = shape ?? [view.rows, view.columns]
        precondition(shape.reduce(1, *) == view.rows * view.columns, "a shape holds the tensor's values")
        precondition(!entries.contains { $0.name == name }, "a tensor is added once")
        entries.append(Entry(name: name, view: view, shape: shape, arrangement: arrangement))
    }

    /// Hands out the file's bytes from front to back.
    public func write<Failure: Error>(_ sink: (UnsafeRawBufferPointer) throws(Failure) -> Void) throws(Failure) {
        let header = self.header
        var length = UInt64(header.count).littleEndian
        let prefix = withUnsafeBytes(of: &length) { Array($0) } + header
        try Self.hand(prefix, to: sink)
        for entry in entries {
            let view = entry.view
            if let places = entry.arrangement.places(rows: view.rows, columns: view.columns) {
                let values = places.map { view.base[$0 / view.columns * view.stride + $0 % view.columns] }
                try Self.hand(values, to: sink)
            } else if view.stride == view.columns {
                try sink(UnsafeRawBufferPointer(start: view.base, count: view.rows * view.columns * 4))
            } else {
                for row in 0..<view.rows { try sink(UnsafeRawBufferPointer(view.row(row))) }
            }
        }
    }

    /// Bytes of the whole file.
    public var byteCount: Int { 8 + header.count + entries.reduce(0) { $0 + $1.view.rows * $1.view.columns * 4 } }

    private static func hand<Value: BitwiseCopyable, Failure: Error>(
        _ values: [Value], to sink: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        let copy = UnsafeMutableBufferPointer<Value>.allocate(capacity: values.count)
        defer { copy.deallocate() }
        _ = copy.initialize(from: values)
        try sink(UnsafeRawBufferPointer(copy))
    }

    /// JSON padded with spaces, so that the data starts at a multiple of 8.
    private var header: [UInt8] {
        var parts: [String] = []
        if !metadata.isEmpty {
            let texts = metadata.sorted { $0.key < $1.key }.map { "\(Self.quoted($0.key)):\(Self.quoted($0.value))" }
            parts.append("\"__metadata__\":{\(texts.joined(separator: ","))}")
        }
        var offset = 0
        for entry in entries {
            let end = offset + entry.view.rows * entry.view.columns * 4
            let shape = entry.shape.map(String.init).joined(separator: ",")
            parts.append(
                "\(Self.quoted(entry.name)):{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}"
            )
            offset = end
        }
        var bytes = Array("{\(parts.joined(separator: ","))}".utf8)
        while bytes.count % 8 != 0 { bytes.append(0x20) }
        return bytes
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
