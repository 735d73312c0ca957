/// Reads numbers of a type from a stream, a piece at a time, so that nothing is ever held twice.
struct NumberReader {
    private let stream: ByteStream
    private let type: ElementType

    private static let pieceBytes = 1 << 18

    /// Reads from where the stream stands.
    init(_ stream: ByteStream, _ type: ElementType) {
        self.stream = stream
        self.type = type
    }

    /// What errors name.
    var file: String { stream.file }

    /// The next values as pixels: bytes as they are, all else as floats.
    ///
    /// - Throws: `DatasetError`, among others for numbers that 32 bits do not hold.
    func pixels(count: Int) throws -> ImageSet.Pixels {
        if type.isByte { return .bytes(try stream.read(count)) }
        return .floats(try floats(count: count))
    }

    private func floats(count: Int) throws -> [Float] {
        try Checked.room(4 * count, file: file)
        return try [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            switch (type.kind, type.width) {
            case (.float, 2): try fill(buffer, as: UInt16.self) { bits, _ in Float(Float16(bitPattern: bits)) }
            case (.float, 4): try fill(buffer, as: UInt32.self) { bits, _ in Float(bitPattern: bits) }
            case (.float, _): try fill(buffer, as: UInt64.self, convert: rounded)
            case (.signed, 1): try fill(buffer, as: Int8.self, convert: exact)
            case (.signed, 2): try fill(buffer, as: Int16.self, convert: exact)
            case (.signed, 4): try fill(buffer, as: Int32.self, convert: exact)
            case (.signed, _): try fill(buffer, as: Int64.self, convert: exact)
            case (_, 1): try fill(buffer, as: UInt8.self, convert: exact)
            case (_, 2): try fill(buffer, as: UInt16.self, convert: exact)
            case (_, 4): try fill(buffer, as: UInt32.self, convert: exact)
            default: try fill(buffer, as: UInt64.self, convert: exact)
            }
            initialized = count
        }
    }

    /// Hands the next values to `body` with their places, where all are whole numbers; those beyond `Int` as its ends.
    ///
    /// - Throws: `DatasetError` for a value that is not whole, and what `body` throws.
    func forEachWhole(count: Int, _ body: (_ index: Int, _ value: Int) throws -> Void) throws {
        switch (type.kind, type.width) {
        case (.float, 2):
            try forEach(count, UInt16.self) { try body($0, whole(Double(Float16(bitPattern: $1)), $0)) }
        case (.float, 4):
            try forEach(count, UInt32.self) { try body($0, whole(Double(Float(bitPattern: $1)), $0)) }
        case (.float, _): try forEach(count, UInt64.self) { try body($0, whole(Double(bitPattern: $1), $0)) }
        case (.signed, 1): try forEach(count, Int8.self) { try body($0, Int($1)) }
        case (.signed, 2): try forEach(count, Int16.self) { try body($0, Int($1)) }
        case (.signed, 4): try forEach(count, Int32.self) { try body($0, Int($1)) }
        case (.signed, _): try forEach(count, Int64.self) { try body($0, Int($1)) }
        case (_, 1): try forEach(count, UInt8.self) { try body($0, Int($1)) }
        case (_, 2): try forEach(count, UInt16.self) { try body($0, Int($1)) }
        case (_, 4): try forEach(count, UInt32.self) { try body($0, Int($1)) }
        default: try forEach(count, UInt64.self) { try body($0, Int(clamping: $1)) }
        }
    }

    /// Hands the next values to `body` with their places.
    ///
    /// - Throws: `DatasetError` for a whole number that 64-bit floats do not hold, and what `body` throws.
    func forEachNumber(count: Int, _ body: (_ index: Int, _ value: Double) throws -> Void) throws {
        func exact(_ value: some FixedWidthInteger, _ index: Int) throws -> Double {
            guard let number = Double(exactly: value) else { throw beyond("\(value)", index, bits: 64) }
            return number
        }
        switch (type.kind, type.width) {
        case (.float, 2): try forEach(count, UInt16.self) { try body($0, Double(Float16(bitPattern: $1))) }
        case (.float, 4): try forEach(count, UInt32.self) { try body($0, Double(Float(bitPattern: $1))) }
        case (.float, _): try forEach(count, UInt64.self) { try body($0, Double(bitPattern: $1)) }
        case (.signed, 1): try forEach(count, Int8.self) { try body($0, Double($1)) }
        case (.signed, 2): try forEach(count, Int16.self) { try body($0, Double($1)) }
        case (.signed, 4): try forEach(count, Int32.self) { try body($0, Double($1)) }
        case (.signed, _): try forEach(count, Int64.self) { try body($0, exact($1, $0)) }
        case (_, 1): try forEach(count, UInt8.self) { try body($0, Double($1)) }
        case (_, 2): try forEach(count, UInt16.self) { try body($0, Double($1)) }
        case (_, 4): try forEach(count, UInt32.self) { try body($0, Double($1)) }
        default: try forEach(count, UInt64.self) { try body($0, exact($1, $0)) }
        }
    }

    private func fill<Stored: FixedWidthInteger>(
        _ target: UnsafeMutableBufferPointer<Float>, as stored: Stored.Type,
        convert: (Stored, _ index: Int) throws -> Float
    ) throws {
        try forEach(target.count, stored) { target[$0] = try convert($1, $0) }
    }

    /// Hands the next values to `body`, each with its place.
    @inline(__always)
    private func forEach<Stored: FixedWidthInteger>(
        _ count: Int, _: Stored.Type, _ body: (Int, Stored) throws -> Void
    ) throws {
        let width = MemoryLayout<Stored>.size
        var piece = [UInt8](repeating: 0, count: min(Self.pieceBytes, count * width))
        var index = 0
        while index < count {
            let values = min(count - index, Self.pieceBytes / width)
            try piece.withUnsafeMutableBytes { bytes in
                try stream.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<(values * width)]))
                for place in 0..<values {
                    let value = bytes.loadUnaligned(fromByteOffset: place * width, as: Stored.self)
                    try body(index + place, type.isBigEndian ? Stored(bigEndian: value) : Stored(littleEndian: value))
                }
            }
            index += values
        }
    }

    private func exact<Value: FixedWidthInteger>(_ value: Value, _ index: Int) throws -> Float {
        guard let float = Float(exactly: value) else { throw beyond("\(value)", index) }
        return float
    }

    /// Networks compute with 32 bits, and so a pixel is rounded to them; only one that has no place there is refused.
    private func rounded(_ bits: UInt64, _ index: Int) throws -> Float {
        let value = Double(bitPattern: bits), float = Float(value)
        guard float.isFinite || !value.isFinite else { throw beyond("\(value)", index) }
        return float
    }

    private func beyond(_ value: String, _ index: Int, bits: Int = 32) -> DatasetError {
        .unsupported(
            file: file, expected: "values that \(bits)-bit floats hold",
            found: "\(value) as value \(index), which they do not; scale the data")
    }

    private func whole(_ value: Double, _ index: Int) throws -> Int {
        guard value == value.rounded(), abs(value) < 0x1p53 else {
            throw DatasetError.unsupported(
                file: file, expected: "labels that are whole numbers", found: "\(value) as value \(index)")
        }
        return Int(value)
    }
}
