/// Reads the records of a table as RFC 4180 has them, a piece at a time, plain or gzip.
///
/// Fields are separated by one delimiter and may stand in double quotes, within which a double quote is written twice and
/// delimiters and line breaks are text. Lines end with LF or CRLF, the last one with or without. Blank lines are passed
/// over, and so is a byte order mark. Blanks around a field without quotes are no part of it.
final class CSVReader {
    /// Where a field of the current record stands.
    struct Field {
        /// Its bytes, without quotes.
        var bytes: UnsafeBufferPointer<UInt8>
        /// Whether double quotes in it are doubled.
        var hasDoubledQuotes: Bool
    }

    /// The most fields of a record, and so columns of a table.
    static let mostFields = 1_000_000
    /// The most bytes of a record.
    static let mostRecordBytes = 1 << 26

    /// The file.
    let file: String
    /// The line that the current record begins at, from 1.
    private(set) var line = 0
    /// The fields of the current record; valid until the next one is read.
    private(set) var fields: UnsafeBufferPointer<Field>

    private let stream: ByteStream
    private let delimiter: UInt8
    private var nextLine = 1
    private var room: UnsafeMutableBufferPointer<Field>
    private var buffer: UnsafeMutableBufferPointer<UInt8>
    /// What of the buffer is read and not yet handed out.
    private var start = 0, end = 0
    private var isAtEnd = false

    /// Begins to read a file.
    ///
    /// - Throws: `DatasetError` for a file that cannot be read or is of another kind.
    init(_ source: DataFile, delimiter: TableDelimiter) throws {
        file = source.path
        self.delimiter = delimiter.rawValue
        stream = try ByteStream(source)
        buffer = .allocate(capacity: 1 << 18)
        room = .allocate(capacity: 64)
        fields = UnsafeBufferPointer(start: nil, count: 0)
        try refill()
        if end >= 3, buffer[0] == 0xEF, buffer[1] == 0xBB, buffer[2] == 0xBF { start = 3 }
        let start = buffer[..<min(2, end)]
        if start.elementsEqual([0xFF, 0xFE]) || start.elementsEqual([0xFE, 0xFF]) {
            throw fault(.notText(found: "UTF-16"), 0)
        }
        if hasReturnsAlone { throw fault(.returnsAlone, 0) }
    }

    /// Whether carriage returns outside of quotes are followed by something, and nothing is a line feed.
    private var hasReturnsAlone: Bool {
        let bytes = buffer[start..<end]
        guard !bytes.contains(0x0A) else { return false }
        var isQuoted = false
        for byte in bytes.dropLast() {
            if byte == 0x22 { isQuoted.toggle() }
            if byte == 0x0D, !isQuoted { return true }
        }
        return false
    }

    deinit {
        buffer.deallocate()
        room.deallocate()
    }

    /// Reads the next record; false at the end.
    ///
    /// - Throws: `DatasetError.table` with the line of what is wrong.
    func next() throws -> Bool {
        while true {
            switch try scan() {
            case .record: return true
            case .blank: continue
            case .end: return false
            case .incomplete: try refill()
            }
        }
    }

    private enum Scanned { case record, blank, end, incomplete }

    /// Takes the next record out of what is in the buffer.
    private func scan() throws -> Scanned {
        guard start < end else { return isAtEnd ? .end : .incomplete }
        guard let base = buffer.baseAddress else { return .end }
        let end = end, delimiter = delimiter
        var slots = room
        var at = start, count = 0, breaks = 0
        while true {
            if count == slots.count {
                try growFields()
                slots = room
            }
            var field = Field(bytes: UnsafeBufferPointer(start: nil, count: 0), hasDoubledQuotes: false)
            if at < end, base[at] == 0x22 {
                let opened = at
                var isClosed = false
                at += 1
                while at < end {
                    let byte = base[at]
                    if byte == 0x22 {
                        guard at + 1 < end else { break }
                        if base[at + 1] != 0x22 {
                            isClosed = true
                            break
                        }
                        field.hasDoubledQuotes = true
                        at += 1
                    } else if byte == 0x0A {
                        breaks += 1
                    } else if byte == 0 {
                        throw fault(.notText(found: "a zero byte"), breaks)
                    }
                    at += 1
                }
                if !isClosed {
                    // A quote in the very last byte closes the field only where nothing can follow.
                    guard isAtEnd || end - start > Self.mostRecordBytes else { return .incomplete }
                    guard at < end, isAtEnd else {
                        let before = UnsafeBufferPointer(start: base + start, count: opened - start).count {
                            $0 == 0x0A
                        }
                        throw fault(.unterminatedQuote, before)
                    }
                }
                field.bytes = UnsafeBufferPointer(start: base + opened + 1, count: at - opened - 1)
                at += 1
                if at < end, base[at] == 0x0D {
                    guard at + 1 < end || isAtEnd else { return .incomplete }
                    if at + 1 == end || base[at + 1] == 0x0A { at += 1 }
                }
                if at < end, base[at] != delimiter, base[at] != 0x0A { throw fault(.textAfterQuote, breaks) }
            } else {
                let first = at
                while at < end {
                    let byte = base[at]
                    if byte == delimiter || byte == 0x0A { break }
                    if byte == 0 { throw fault(.notText(found: "a zero byte"), breaks) }
                    at += 1
                }
                field.bytes = Self.trimmed(base, first, at)
            }
            slots[count] = field
            count += 1
            if at < end, base[at] == delimiter {
                at += 1
                // A delimiter at the very end is followed by an empty field.
                if at < end || isAtEnd { continue }
                return .incomplete
            }
            guard at < end || isAtEnd else { return .incomplete }
            break
        }
        let isBlank = count == 1 && slots[0].bytes.isEmpty && base[start] != 0x22
        start = min(at + 1, end)
        line = nextLine
        nextLine += breaks + 1
        fields = UnsafeBufferPointer(rebasing: slots[..<count])
        return isBlank ? .blank : .record
    }

    @inline(__always)
    private static func trimmed(
        _ base: UnsafeMutablePointer<UInt8>, _ first: Int, _ end: Int
    ) -> UnsafeBufferPointer<UInt8> {
        var first = first, end = end
        while end > first, base[end - 1] == 0x20 || base[end - 1] == 0x09 || base[end - 1] == 0x0D { end -= 1 }
        while first < end, base[first] == 0x20 || base[first] == 0x09 { first += 1 }
        return UnsafeBufferPointer(start: base + first, count: end - first)
    }

    private func growFields() throws {
        guard room.count <= Self.mostFields else {
            throw fault(.tooMany(what: "columns", found: room.count, most: Self.mostFields), 0)
        }
        let larger = UnsafeMutableBufferPointer<Field>.allocate(capacity: room.count * 4)
        _ = larger.moveInitialize(fromContentsOf: room)
        room.deallocate()
        room = larger
    }

    /// Reads on, behind what is not yet handed out.
    private func refill() throws {
        let kept = end - start
        guard kept <= Self.mostRecordBytes else {
            throw fault(.longRecord(mostBytes: Self.mostRecordBytes), 0)
        }
        if kept > buffer.count / 2 {
            try Checked.room(buffer.count * 2, file: file)
            let larger = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: buffer.count * 2)
            _ = larger.moveInitialize(fromContentsOf: buffer[start..<end])
            buffer.deallocate()
            buffer = larger
        } else if kept > 0, start > 0, let base = buffer.baseAddress {
            base.update(from: base + start, count: kept)
        }
        start = 0
        end = kept
        let wanted = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[kept...]))
        let found = try stream.readSome(into: wanted)
        end += found
        isAtEnd = found < wanted.count
    }

    /// What is wrong, some lines after the first of the record.
    private func fault(_ fault: TableFault, _ lines: Int) -> DatasetError {
        .table(file: file, line: nextLine + lines, fault)
    }

    /// What is wrong with the current record.
    func fault(_ fault: TableFault) -> DatasetError { .table(file: file, line: line, fault) }

    /// The text of a field.
    ///
    /// - Throws: `DatasetError.table` where it is no UTF-8.
    func text(_ field: Field) throws -> String {
        let text: String?
        if field.hasDoubledQuotes {
            var bytes: [UInt8] = []
            var isSecond = false
            for byte in field.bytes {
                isSecond = byte == 0x22 && !isSecond
                // The first of two quotes stands for both.
                if byte != 0x22 || isSecond { bytes.append(byte) }
            }
            text = String(validating: bytes, as: UTF8.self)
        } else {
            text = String(validating: field.bytes, as: UTF8.self)
        }
        guard let text else { throw fault(.notText(found: "bytes that are none")) }
        return text
    }

    /// All fields of the current record as texts.
    func texts() throws -> [String] { try fields.map(text) }
}
