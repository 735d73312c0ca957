/// A JSON value that a worker has sent.
///
/// Read by hand for three reasons: its size and depth are bounded before anything is built of it, `NaN` and `Infinity` as programs
/// write them are numbers that are told as such, and a reader of thousands of lines a second needs no other.
indirect enum WorkerJSON: Sendable, Hashable {
    case null
    case truth(Bool)
    case number(Double)
    case text(String)
    case list([WorkerJSON])
    case object([String: WorkerJSON])

    /// How deep values may nest.
    static let mostDepth = 16

    /// Reads one value that is all of a line; nil where it is none.
    init?(_ line: some Collection<UInt8>) {
        var reader = Reader(bytes: Array(line))
        guard let value = reader.value(depth: 0), reader.isAtEnd else { return nil }
        self = value
    }

    /// The member of an object; nil for anything else.
    subscript(_ key: String) -> WorkerJSON? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    /// The text; nil for anything else.
    var text: String? { if case .text(let text) = self { text } else { nil } }
    /// The number; nil for anything else.
    var number: Double? { if case .number(let number) = self { number } else { nil } }
    /// The whole number; nil for anything else.
    var integer: Int? { number.flatMap { Int(exactly: $0) } }
    /// The texts of a list of nothing else; nil for anything else.
    var texts: [String]? {
        guard case .list(let items) = self else { return nil }
        let texts = items.compactMap(\.text)
        return texts.count == items.count ? texts : nil
    }

    private struct Reader {
        let bytes: [UInt8]
        private var place = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

        private mutating func skipBlanks() {
            while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { place += 1 }
        }

        /// Whether nothing but blanks is left.
        var isAtEnd: Bool {
            var rest = self
            rest.skipBlanks()
            return rest.next == nil
        }

        private mutating func takes(_ word: StaticString) -> Bool {
            let count = word.utf8CodeUnitCount
            guard place + count <= bytes.count,
                word.withUTF8Buffer({ $0.elementsEqual(bytes[place..<place + count]) })
            else { return false }
            place += count
            return true
        }

        mutating func value(depth: Int) -> WorkerJSON? {
            guard depth <= WorkerJSON.mostDepth else { return nil }
            skipBlanks()
            switch next {
            case UInt8(ascii: "{"): return object(depth: depth)
            case UInt8(ascii: "["): return list(depth: depth)
            case UInt8(ascii: "\""): return string().map { .text($0) }
            case UInt8(ascii: "t"): return takes("true") ? .truth(true) : nil
            case UInt8(ascii: "f"): return takes("false") ? .truth(false) : nil
            case UInt8(ascii: "n"): return takes("null") ? .null : nil
            case UInt8(ascii: "N"): return takes("NaN") ? .number(.nan) : nil
            case UInt8(ascii: "I"): return takes("Infinity") ? .number(.infinity) : nil
            default: return number().map { .number($0) }
            }
        }

        private mutating func object(depth: Int) -> WorkerJSON? {
            place += 1
            var members: [String: WorkerJSON] = [:]
            skipBlanks()
            if takes("}") { return .object(members) }
            while true {
                skipBlanks()
                guard next == UInt8(ascii: "\""), let key = string() else { return nil }
                skipBlanks()
                guard takes(":"), let value = value(depth: depth + 1), members.updateValue(value, forKey: key) == nil
                else { return nil }
                skipBlanks()
                if takes("}") { return .object(members) }
                guard takes(",") else { return nil }
            }
        }

        private mutating func list(depth: Int) -> WorkerJSON? {
            place += 1
            var items: [WorkerJSON] = []
            skipBlanks()
            if takes("]") { return .list(items) }
            while true {
                guard let item = value(depth: depth + 1) else { return nil }
                items.append(item)
                skipBlanks()
                if takes("]") { return .list(items) }
                guard takes(",") else { return nil }
            }
        }

        /// Digits, a sign, a point and an exponent as JSON has them.
        private mutating func number() -> Double? {
            if takes("-Infinity") { return -.infinity }
            let start = place
            if next == UInt8(ascii: "-") { place += 1 }
            let whole = place
            guard digits() > 0, place - whole == 1 || bytes[whole] != UInt8(ascii: "0") else { return nil }
            if next == UInt8(ascii: ".") {
                place += 1
                guard digits() > 0 else { return nil }
            }
            if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
                place += 1
                if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { place += 1 }
                guard digits() > 0 else { return nil }
            }
            return Double(String(decoding: bytes[start..<place], as: UTF8.self))
        }

        private mutating func digits() -> Int {
            let start = place
            while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { place += 1 }
            return place - start
        }

        private mutating func string() -> String? {
            place += 1
            var text: [UInt8] = []
            while let byte = next {
                place += 1
                switch byte {
                case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self)
                case UInt8(ascii: "\\"):
                    guard let scalar = escape() else { return nil }
                    text.append(contentsOf: Array(String(Character(scalar)).utf8))
                case ..<0x20: return nil
                default: text.append(byte)
                }
            }
            return nil
        }

        private mutating func escape() -> Unicode.Scalar? {
            guard let byte = next else { return nil }
            place += 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
            case UInt8(ascii: "b"): return "\u{8}"
            case UInt8(ascii: "f"): return "\u{C}"
            case UInt8(ascii: "n"): return "\n"
            case UInt8(ascii: "r"): return "\r"
            case UInt8(ascii: "t"): return "\t"
            case UInt8(ascii: "u"):
                guard let first = unit() else { return nil }
                guard (0xD800..<0xDC00).contains(first) else { return Unicode.Scalar(first) }
                guard takes("\\u"), let second = unit(), (0xDC00..<0xE000).contains(second) else { return nil }
                return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
            default: return nil
            }
        }

        private mutating func unit() -> UInt32? {
            guard place + 4 <= bytes.count else { return nil }
            let digits = bytes[place..<place + 4]
            guard digits.allSatisfy({ UInt8(ascii: "+") != $0 && UInt8(ascii: "-") != $0 }) else { return nil }
            place += 4
            return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        }
    }
}
