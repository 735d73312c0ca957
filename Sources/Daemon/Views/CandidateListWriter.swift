internal import API
internal import Foundation

/// Writes a page of candidates as JSON: the hot route, for which a general encoder needs several times as long.
struct CandidateListWriter {
    private var bytes: [UInt8] = []
    private var isFirst = true
    /// Candidates of a generation were measured in the same second.
    private var lastTime: (second: Int, text: String)?

    /// The bytes of a list, keys in the order of the alphabet.
    static func bytes(of list: CandidateList) -> [UInt8] {
        var writer = CandidateListWriter()
        writer.bytes.reserveCapacity(400 * list.candidates.count + 200)
        writer.object {
            $0.field("apiVersion", list.apiVersion)
            $0.key("candidates")
            $0.bytes.append(UInt8(ascii: "["))
            for (index, item) in list.candidates.enumerated() {
                if index > 0 { $0.bytes.append(UInt8(ascii: ",")) }
                $0.write(item)
            }
            $0.bytes.append(UInt8(ascii: "]"))
            $0.field("kind", list.kind)
            if let next = list.next { $0.field("next", next) }
            $0.field("run", list.run)
        }
        return writer.bytes
    }

    private mutating func write(_ item: CandidateItem) {
        object {
            if let value = item.accuracy { $0.field("accuracy", value) }
            $0.field("candidate", item.candidate)
            if let value = item.feasible { $0.field("feasible", value) }
            $0.field("genome", item.genome)
            $0.field("key", item.key)
            if let value = item.latencyKind { $0.field("latencyKind", value) }
            if let value = item.latencyMilliseconds { $0.field("latencyMilliseconds", value) }
            if let value = item.loss { $0.field("loss", value) }
            if let value = item.measured { $0.field("measured", value) }
            $0.field("multiplyAdds", item.multiplyAdds)
            $0.field("onFront", item.onFront)
            $0.field("origin", item.origin)
            $0.field("params", item.params)
            $0.field("round", item.round)
            if let value = item.samples { $0.field("samples", value) }
            $0.field("state", item.state)
            if let value = item.testAccuracy { $0.field("testAccuracy", value) }
            if let value = item.validationAccuracy { $0.field("validationAccuracy", value) }
            if let value = item.violation { $0.field("violation", value) }
            $0.field("weightsStep", item.weightsStep)
        }
    }

    private mutating func object(_ body: (inout CandidateListWriter) -> Void) {
        bytes.append(UInt8(ascii: "{"))
        isFirst = true
        body(&self)
        bytes.append(UInt8(ascii: "}"))
        isFirst = false
    }

    private mutating func key(_ name: StaticString) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func field(_ name: StaticString, _ value: Int) {
        key(name)
        bytes.append(contentsOf: String(value).utf8)
    }

    /// A finite number, in the shortest form that reads back as the same.
    private mutating func field(_ name: StaticString, _ value: Double) {
        guard value.isFinite else { return }
        key(name)
        bytes.append(contentsOf: value.description.utf8)
    }

    private mutating func field(_ name: StaticString, _ value: Bool) {
        key(name)
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    private mutating func field(_ name: StaticString, _ value: Date) {
        let second = Int(value.timeIntervalSince1970.rounded(.down))
        if lastTime?.second != second { lastTime = (second, value.formatted(.iso8601)) }
        field(name, lastTime?.text ?? "")
    }

    private mutating func field(_ name: StaticString, _ value: String) {
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
}
