/// Reads `text/event-stream` as it comes, in parts of any size.
///
/// Source: HTML Living Standard, section 9.2 "Server-sent events". An event that the end of the stream cuts off is lost,
/// as the standard has it: it comes again after `lastEventID`.
public struct EventStreamParser: Sendable {
    /// The most bytes of one event, a bound on memory; the daemon's events stay under 20 kB.
    public static let longestEvent = 1 << 20

    /// The id after which to resume; empty when there was none.
    public private(set) var lastEventID: String
    /// How long to wait before connecting again, when the stream said so.
    public private(set) var retryMilliseconds: Int?
    /// Whether an event was longer than permitted; nothing more is read.
    public private(set) var isOverlong = false

    private var line: [UInt8] = []
    private var idBuffer: String
    private var type = ""
    private var data: [UInt8] = []
    private var hasData = false
    private var isAfterCarriageReturn = false
    private var isAtStart = true

    /// Starts on a stream, after the event of an earlier one.
    public init(lastEventID: String = "") {
        self.lastEventID = lastEventID
        idBuffer = lastEventID
    }

    /// Takes the next part and returns the events that it completes.
    public mutating func push(_ part: some Sequence<UInt8>) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        for byte in part where !isOverlong {
            // CR, LF and CRLF each end one line.
            let isSecondHalf = isAfterCarriageReturn && byte == 0x0A
            isAfterCarriageReturn = byte == 0x0D
            if isSecondHalf { continue }
            if byte == 0x0A || byte == 0x0D {
                if let event = endLine() { events.append(event) }
            } else {
                line.append(byte)
                isOverlong = line.count + data.count > Self.longestEvent
            }
        }
        return events
    }

    private mutating func endLine() -> ServerSentEvent? {
        defer { line.removeAll(keepingCapacity: true) }
        if isAtStart {
            isAtStart = false
            if line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        }
        guard !line.isEmpty else { return dispatch() }
        let colon = line.firstIndex(of: 0x3A)
        if colon == 0 { return nil }
        var value = colon.map { line[($0 + 1)...] } ?? []
        if value.first == 0x20 { value = value.dropFirst() }
        switch String(decoding: line[..<(colon ?? line.count)], as: UTF8.self) {
        case "event": type = String(decoding: value, as: UTF8.self)
        case "data":
            if hasData { data.append(0x0A) }
            hasData = true
            data += value
        case "id":
            if !value.contains(0) { idBuffer = String(decoding: value, as: UTF8.self) }
        case "retry":
            // A day is longer than any daemon means.
            if !value.isEmpty, value.allSatisfy({ (0x30...0x39).contains($0) }) {
                retryMilliseconds = min(Int(String(decoding: value, as: UTF8.self)) ?? Int.max, 86_400_000)
            }
        default: break
        }
        return nil
    }

    private mutating func dispatch() -> ServerSentEvent? {
        defer {
            type = ""
            data.removeAll(keepingCapacity: true)
            hasData = false
        }
        lastEventID = idBuffer
        guard hasData else { return nil }
        return ServerSentEvent(
            id: lastEventID, type: type.isEmpty ? "message" : type, data: String(decoding: data, as: UTF8.self))
    }
}

/// One event of an event stream.
public struct ServerSentEvent: Sendable, Hashable {
    /// The id to resume after; empty when the stream has named none.
    public var id: String
    /// The type; `message` unless the stream names one.
    public var type: String
    /// The data, lines joined by line feeds.
    public var data: String

    /// Creates an event.
    public init(id: String, type: String, data: String) {
        self.id = id
        self.type = type
        self.data = data
    }
}
