/// The header of an NPY file: type, order and shape of the one array in it.
///
/// Source: NumPy, "The NPY format" (numpy.lib.format), versions 1.0, 2.0 and 3.0.
enum NPYHeader {
    static let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]
    private static let longest = 65_536
    private static let types: [String: (ElementType.Kind, Int)] = [
        "b1": (.boolean, 1), "u1": (.unsigned, 1), "u2": (.unsigned, 2), "u4": (.unsigned, 4), "u8": (.unsigned, 8),
        "i1": (.signed, 1), "i2": (.signed, 2), "i4": (.signed, 4), "i8": (.signed, 8), "f2": (.float, 2),
        "f4": (.float, 4), "f8": (.float, 8),
    ]

    /// Reads the header and leaves the stream at the first value.
    static func read(_ stream: ByteStream) throws -> ArrayHeader {
        let start = try stream.read(8)
        guard Array(start[..<6]) == magic else {
            let found = start[..<6].map { String($0, radix: 16) }.joined(separator: " ")
            throw DatasetError.wrongMagic(file: stream.file, expected: "93 4e 55 4d 50 59", found: found)
        }
        guard (1...3).contains(start[6]) else {
            throw DatasetError.unsupported(
                file: stream.file, expected: "NPY version 1, 2 or 3", found: "version \(start[6])")
        }
        // Version 1 counts its header in two bytes, the later ones in four.
        let length = try stream.read(start[6] == 1 ? 2 : 4).reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length <= longest else {
            throw DatasetError.badHeader(file: stream.file, reason: "it claims to be \(length) bytes long")
        }
        var parser = Parser(bytes: try stream.read(length), file: stream.file)
        let (type, isFortran, shape) = try parser.dictionary()
        return ArrayHeader(type: try element(type, file: stream.file), shape: shape, isFortran: isFortran)
    }

    /// The type of a text such as `<f4`: the order of bytes, what it is, and its width.
    private static func element(_ text: String, file: String) throws -> ElementType {
        let order = text.first.flatMap { "<>|=".contains($0) ? $0 : nil }
        let name = order == nil ? text : String(text.dropFirst())
        if let (kind, width) = types[name] {
            return ElementType(kind: kind, width: width, isBigEndian: order == ">" && width > 1)
        }
        let remedy =
            switch name.first {
            case "U", "S", "a": "texts; write numbers, such as numpy.unique(a, return_inverse=True)[1]"
            case "O": "Python objects; write a plain array, such as numpy.array(list(a), dtype=numpy.uint8)"
            case "c": "complex numbers; write their real part"
            default: "which has no meaning here; write a.astype(numpy.float32)"
            }
        throw DatasetError.unsupported(
            file: file, expected: "numbers (b1, u1-u8, i1-i8, f2, f4 or f8)", found: "\(text): \(remedy)")
    }

    /// Parses the Python literal that NumPy writes: three known keys in any order.
    private struct Parser {
        let bytes: [UInt8]
        let file: String
        var at = 0

        init(bytes: [UInt8], file: String) {
            self.bytes = bytes
            self.file = file
        }

        mutating func dictionary() throws -> (String, Bool, [Int]) {
            var type: String?
            var order: Bool?
            var shape: [Int]?
            try expect("{")
            while !accept("}") {
                let key = try text()
                try expect(":")
                switch key {
                case "descr": type = try typeText()
                case "fortran_order": order = try boolean()
                case "shape": shape = try tuple()
                default: throw failure("unknown key '\(key)'")
                }
                if !accept(",") {
                    try expect("}")
                    break
                }
            }
            skipSpace()
            guard at == bytes.count else { throw failure("something follows the dictionary") }
            guard let type, let order, let shape else {
                throw failure("one of descr, fortran_order and shape is missing")
            }
            return (type, order, shape)
        }

        /// A text; of records, whose types are a list, no more than its beginning is of use.
        private mutating func typeText() throws -> String {
            skipSpace()
            guard at < bytes.count, bytes[at] == UInt8(ascii: "[") else { return try text() }
            throw DatasetError.unsupported(
                file: file, expected: "an array of numbers",
                found: "an array of records; write one of their fields, such as a['name']")
        }

        private mutating func text() throws -> String {
            skipSpace()
            guard at < bytes.count, bytes[at] == 0x27 || bytes[at] == 0x22 else { throw failure("expected a string") }
            let quote = bytes[at]
            let start = at + 1
            guard let end = bytes[start...].firstIndex(of: quote), end - start <= 64 else {
                throw failure("a string has no end")
            }
            at = end + 1
            return String(decoding: bytes[start..<end], as: UTF8.self)
        }

        private mutating func boolean() throws -> Bool {
            for (word, value) in [("True", true), ("False", false)] where accept(word) { return value }
            throw failure("expected True or False")
        }

        private mutating func tuple() throws -> [Int] {
            var values: [Int] = []
            try expect("(")
            while !accept(")") {
                values.append(try number())
                if !accept(",") {
                    try expect(")")
                    break
                }
            }
            return values
        }

        /// A size: `8`, `8L` of Python 2, or `np.int64(8)` of a shape that was NumPy's own.
        private mutating func number() throws -> Int {
            skipSpace()
            let isWrapped = at < bytes.count && Self.isLetter(bytes[at])
            if isWrapped {
                while at < bytes.count, Self.isLetter(bytes[at]) || Self.isDigit(bytes[at]) || bytes[at] == 0x2E {
                    at += 1
                }
                try expect("(")
            }
            let value = try digits()
            if isWrapped { try expect(")") } else if at < bytes.count, bytes[at] == UInt8(ascii: "L") { at += 1 }
            return value
        }

        private mutating func digits() throws -> Int {
            skipSpace()
            let start = at
            while at < bytes.count, Self.isDigit(bytes[at]) { at += 1 }
            guard let value = Int(String(decoding: bytes[start..<at], as: UTF8.self)) else {
                throw failure("expected a size below 2^63")
            }
            return value
        }

        private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

        private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }

        private mutating func accept(_ word: String) -> Bool {
            skipSpace()
            guard bytes[at...].starts(with: word.utf8) else { return false }
            at += word.utf8.count
            return true
        }

        private mutating func expect(_ word: String) throws {
            guard accept(word) else { throw failure("expected '\(word)'") }
        }

        private mutating func skipSpace() {
            while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x0A { at += 1 }
        }

        private func failure(_ reason: String) -> DatasetError {
            .badHeader(file: file, reason: "\(reason) at byte \(at) of the dictionary")
        }
    }
}
