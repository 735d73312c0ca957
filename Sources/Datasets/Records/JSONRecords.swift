/// Reads records from a JSON object (RFC 8259) whose members are numbers, or objects of them.
///
/// A parser of its own, since a record that stands twice and the line of a fault are told, which a dictionary has not.
struct JSONRecords {
    /// The column of a member that is a number.
    static let valueColumn = "value"
    private static let mostDepth = 64

    private let file: String
    private let bytes: [UInt8]
    private var at = 0
    private var line = 1

    /// A member of a record, as far as it is wanted.
    private enum Value {
        case number(Double)
        case missing
        case other(String)
    }

    static func read(_ source: DataFile, numbers: [RecordSource.Column]) throws -> RecordTable {
        let stream = try ByteStream(source)
        let size = try source.unpackedBytes()
        var reader = JSONRecords(file: source.path, bytes: try stream.read(size))
        return try reader.table(numbers)
    }

    /// The members of an object, by the colons that stand in it and in nothing within, and the bytes of its text;
    /// estimates where the file is not looked through.
    static func size(of source: DataFile) throws -> (records: Int, bytes: Int) {
        var records = 0, depth = 0, isText = false, isEscaped = false
        let look = try ByteStream(source).forEachPiece(within: source.budget) { piece in
            for byte in piece {
                if isText {
                    if isEscaped {
                        isEscaped = false
                    } else {
                        isEscaped = byte == UInt8(ascii: "\\")
                        isText = byte != UInt8(ascii: "\"")
                    }
                    continue
                }
                switch byte {
                case UInt8(ascii: "\""): isText = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
                case UInt8(ascii: ":"): records += depth == 1 ? 1 : 0
                default: break
                }
            }
        }
        return (look.all(records), look.bytes)
    }

    private init(file: String, bytes: [UInt8]) {
        self.file = file
        self.bytes = bytes
    }

    private mutating func table(_ numbers: [RecordSource.Column]) throws -> RecordTable {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
        var table = RecordTable(file: file, texts: 1, numbers: numbers.count)
        let file = file
        var isKnown = Array(repeating: false, count: numbers.count), columns: [String] = []
        try members { name, line, reader throws(DatasetError) in
            table.texts[0].append(name)
            table.lines.append(line)
            for place in numbers.indices { table.numbers[place].append(.nan) }
            let record = table.lines.count - 1
            func take(_ column: String, _ value: Value, _ line: Int) throws(DatasetError) {
                if !columns.contains(column), columns.count < 64 { columns.append(column) }
                for place in numbers.indices where numbers[place].name == column {
                    isKnown[place] = true
                    switch value {
                    case .number(let number): table.numbers[place][record] = number
                    case .missing: break
                    case .other(let text):
                        throw .records(file: file, line: line, .notANumber(column: column, value: text))
                    }
                }
            }
            if reader.peek() == UInt8(ascii: "{") {
                var seen: Set<String> = []
                try reader.members { column, line, inner throws(DatasetError) in
                    guard seen.insert(column).inserted else {
                        throw .records(file: file, line: line, .repeatedColumn(column))
                    }
                    try take(column, try inner.value(depth: 2), line)
                }
            } else {
                let line = reader.line
                try take(Self.valueColumn, try reader.value(depth: 1), line)
            }
        }
        skipBlanks()
        guard at == bytes.count else { throw fault("the end after the object") }
        guard table.count > 0 else { throw DatasetError.records(file: file, line: nil, .none) }
        if let place = isKnown.firstIndex(of: false) {
            throw DatasetError.records(
                file: file, line: nil,
                .unknownColumn(numbers[place].name, key: numbers[place].key, columns: columns))
        }
        return table
    }

    // MARK: Grammar

    /// Reads an object and hands out each member's name with its line, at its value.
    private mutating func members(
        _ body: (String, Int, inout JSONRecords) throws(DatasetError) -> Void
    ) throws(DatasetError) {
        try expect(UInt8(ascii: "{"), "an object")
        if peek() == UInt8(ascii: "}") {
            at += 1
            return
        }
        while true {
            guard peek() == UInt8(ascii: "\"") else { throw fault("a name in double quotes") }
            let line = line
            let name = try string()
            try expect(UInt8(ascii: ":"), "a colon")
            try body(name, line, &self)
            switch peek() {
            case UInt8(ascii: ","): at += 1
            case UInt8(ascii: "}"):
                at += 1
                return
            default: throw fault("a comma, or the end of an object")
            }
        }
    }

    private mutating func value(depth: Int) throws(DatasetError) -> Value {
        guard depth <= Self.mostDepth else { throw fault("at most \(Self.mostDepth) levels") }
        switch peek() {
        case UInt8(ascii: "\""): return .other(try string())
        case UInt8(ascii: "{"):
            try members { _, _, reader throws(DatasetError) in _ = try reader.value(depth: depth + 1) }
            return .other("an object")
        case UInt8(ascii: "["):
            at += 1
            if peek() == UInt8(ascii: "]") {
                at += 1
                return .other("a list")
            }
            while true {
                _ = try value(depth: depth + 1)
                switch peek() {
                case UInt8(ascii: ","): at += 1
                case UInt8(ascii: "]"):
                    at += 1
                    return .other("a list")
                default: throw fault("a comma, or the end of a list")
                }
            }
        default: return try word()
        }
    }

    /// A number, or one of the three words.
    private mutating func word() throws(DatasetError) -> Value {
        let start = at
        while at < bytes.count, !" \t\r\n,:]}[{\"".utf8.contains(bytes[at]) { at += 1 }
        let word = bytes[start..<at]
        switch String(decoding: word.prefix(80), as: UTF8.self) {
        case "null", "NaN": return .missing
        case "true": return .other("true")
        case "false": return .other("false")
        case let text:
            if let value = word.withUnsafeBufferPointer(DecimalNumber.parse), value.isFinite { return .number(value) }
            at = start
            throw fault("a value", found: text)
        }
    }

    private mutating func string() throws(DatasetError) -> String {
        at += 1
        let start = at
        var text: [UInt8] = []
        while at < bytes.count {
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") {
                at += 1
                guard let result = String(validating: text, as: UTF8.self) else { throw fault("text in UTF-8") }
                return result
            }
            guard byte >= 0x20 else { break }
            if byte == UInt8(ascii: "\\") {
                text += try escape()
            } else {
                text.append(byte)
                at += 1
            }
        }
        at = start
        throw fault("a closing double quote")
    }

    /// The bytes of an escape, which begins here.
    private mutating func escape() throws(DatasetError) -> [UInt8] {
        guard at + 1 < bytes.count else { throw fault("an escape") }
        let plain: [UInt8: UInt8] = [
            0x22: 0x22, 0x5C: 0x5C, 0x2F: 0x2F, 0x62: 0x08, 0x66: 0x0C, 0x6E: 0x0A, 0x72: 0x0D, 0x74: 0x09,
        ]
        if let byte = plain[bytes[at + 1]] {
            at += 2
            return [byte]
        }
        var units = [try codeUnit()]
        if UTF16.isLeadSurrogate(units[0]) { units.append(try codeUnit()) }
        guard let text = String(validating: units, as: UTF16.self) else { throw fault("a pair of surrogates") }
        return Array(text.utf8)
    }

    private mutating func codeUnit() throws(DatasetError) -> UInt16 {
        guard at + 6 <= bytes.count, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u"),
            bytes[(at + 2)..<(at + 6)].allSatisfy({ "0123456789abcdefABCDEF".utf8.contains($0) }),
            let unit = UInt16(String(decoding: bytes[(at + 2)..<(at + 6)], as: UTF8.self), radix: 16)
        else { throw fault("an escape") }
        at += 6
        return unit
    }

    private mutating func expect(_ byte: UInt8, _ what: String) throws(DatasetError) {
        guard peek() == byte else { throw fault(what) }
        at += 1
    }

    /// The next byte that is no blank; 0 at the end.
    private mutating func peek() -> UInt8 {
        skipBlanks()
        return at < bytes.count ? bytes[at] : 0
    }

    private mutating func skipBlanks() {
        while at < bytes.count {
            switch bytes[at] {
            case 0x0A: line += 1
            case 0x20, 0x09, 0x0D: break
            default: return
            }
            at += 1
        }
    }

    private func fault(_ expected: String, found: String? = nil) -> DatasetError {
        let rest = String(decoding: bytes[min(at, bytes.count)...].prefix(20), as: UTF8.self)
        return .records(
            file: file, line: line,
            .notJSON(expected: expected, found: found ?? (rest.isEmpty ? "the end" : "'\(rest)'")))
    }
}
