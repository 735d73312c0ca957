/// The header of an NPY file: type, order and shape of the one array in it.
///
/// Source: NumPy, "The NPY format" (numpy.lib.format), versions 1.0, 2.0 and 3.0.
struct NPYHeader {
    let type: String
    let fortranOrder: Bool
    let shape: [Int]

    private static let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]
    private static let longest = 65_536

    /// Reads the header and leaves the stream at the first value.
    init(_ stream: ByteStream) throws {
        let start = try stream.read(8)
        guard Array(start[..<6]) == Self.magic else {
            let found = start[..<6].map { String($0, radix: 16) }.joined(separator: " ")
            throw DatasetError.wrongMagic(file: stream.file, expected: "93 4e 55 4d 50 59", found: found)
        }
        guard (1...3).contains(start[6]) else {
            throw DatasetError.unsupported(
                file: stream.file, expected: "NPY version 1, 2 or 3", found: "version \(start[6])")
        }
        // Version 1 counts its header in two bytes, the later ones in four.
        let length = try stream.read(start[6] == 1 ? 2 : 4).reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length <= Self.longest else {
            throw DatasetError.tooLarge(file: stream.file, claimed: "a header of \(length)", most: Self.longest)
        }
        var parser = Parser(bytes: try stream.read(length), file: stream.file)
        (type, fortranOrder, shape) = try parser.dictionary()
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
                case "descr": type = try text()
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

        private mutating func number() throws -> Int {
            skipSpace()
            let start = at
            while at < bytes.count, (0x30...0x39).contains(bytes[at]) { at += 1 }
            guard let value = Int(String(decoding: bytes[start..<at], as: UTF8.self)) else {
                throw failure("expected a size below 2^63")
            }
            return value
        }

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
