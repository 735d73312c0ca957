internal import Foundation

/// Writes JSON by hand, for the hot routes: a general encoder needs several times as long.
///
/// Fields are written in the order of the alphabet, as ``WireFormat`` has them.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    private var isFirst = true
    /// Candidates of a generation were measured in the same second.
    private var lastTime: (second: Int, text: String)?

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func object(_ body: (inout JSONWriter) -> Void) {
        bytes.append(UInt8(ascii: "{"))
        isFirst = true
        body(&self)
        bytes.append(UInt8(ascii: "}"))
        isFirst = false
    }

    mutating func array<Item>(_ name: StaticString, _ items: [Item], _ body: (inout JSONWriter, Item) -> Void) {
        key(name)
        bytes.append(UInt8(ascii: "["))
        for (index, item) in items.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            object { body(&$0, item) }
        }
        bytes.append(UInt8(ascii: "]"))
    }

    mutating func field(_ name: StaticString, _ value: Int?) {
        guard let value else { return }
        key(name)
        bytes.append(contentsOf: String(value).utf8)
    }

    /// A finite number, in the shortest form that reads back as the same.
    mutating func field(_ name: StaticString, _ value: Double?) {
        guard let value, value.isFinite else { return }
        key(name)
        bytes.append(contentsOf: value.description.utf8)
    }

    /// An object of finite numbers by names that need no quoting.
    mutating func field(_ name: StaticString, _ values: [String: Double]?) {
        guard let values else { return }
        key(name)
        bytes.append(UInt8(ascii: "{"))
        for (index, (name, value)) in values.filter(\.value.isFinite).sorted(by: { $0.key < $1.key }).enumerated() {
            bytes.append(contentsOf: "\(index > 0 ? "," : "")\"\(name)\":\(value)".utf8)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    mutating func field(_ name: StaticString, _ value: Bool?) {
        guard let value else { return }
        key(name)
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    mutating func field(_ name: StaticString, _ value: Date?) {
        guard let value else { return }
        let second = Int(value.timeIntervalSince1970.rounded(.down))
        if lastTime?.second != second { lastTime = (second, value.formatted(.iso8601)) }
        field(name, lastTime?.text ?? "")
    }

    mutating func field(_ name: StaticString, _ value: String?) {
        guard let value else { return }
        key(name)
        bytes.append(UInt8(ascii: "\""))
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0..<0x20: bytes.append(contentsOf: "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func key(_ name: StaticString) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }
}
