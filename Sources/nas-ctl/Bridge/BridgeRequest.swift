/// The head of a request as the bridge reads it: strictly, since a daemon behind it must read it alike.
struct BridgeRequest: Equatable {
    /// Why a head is not taken.
    struct Refusal: Error, Equatable {
        let status: Int
        let detail: String
    }

    let method: String
    /// Path and query, as they came.
    let target: String
    private let fields: [(name: String, value: String)]

    static func == (left: BridgeRequest, right: BridgeRequest) -> Bool {
        left.method == right.method && left.target == right.target
            && left.fields.elementsEqual(right.fields, by: { $0.name == $1.name && $0.value == $1.value })
    }

    /// The most bytes of a head and of a body.
    static let longestHead = 16 << 10
    static let longestBody = 1 << 20

    /// What goes on to the daemon; nothing of origin, token, cookies or connection does.
    private static let passed = [
        "accept", "accept-encoding", "content-type", "idempotency-key", "if-none-match", "last-event-id", "user-agent",
    ]
    /// What may come once only, because it decides.
    private static let single = ["host", "origin", "authorization", "content-length", "expect"]

    /// Reads a head, without the empty line that ends it.
    init(_ head: some Sequence<UInt8>) throws(Refusal) {
        func refused(_ detail: String) -> Refusal { Refusal(status: 400, detail: detail) }
        let bytes = Array(head)
        guard bytes.allSatisfy({ (0x20...0x7E).contains($0) || [0x0D, 0x0A].contains($0) }) else {
            throw refused("expected a head of printable characters")
        }
        // By bytes: CR and LF together are one character of a text, whatever stands around them.
        for (place, byte) in bytes.enumerated() where byte == 0x0D || byte == 0x0A {
            let isWhole =
                byte == 0x0D
                ? bytes.indices.contains(place + 1) && bytes[place + 1] == 0x0A : place > 0 && bytes[place - 1] == 0x0D
            guard isWhole else { throw refused("expected lines that end with CR and LF") }
        }
        var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
        guard !lines.isEmpty else { throw refused("expected lines that end with CR and LF") }
        let words = lines.removeFirst().split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[2] == "HTTP/1.1",
            words[0].utf8.allSatisfy({ (0x41...0x5A).contains($0) }), (1...16).contains(words[0].utf8.count),
            words[1].hasPrefix("/"), !words[1].contains("#")
        else { throw refused("expected a method, a path and HTTP/1.1") }
        method = String(words[0])
        target = String(words[1])
        var fields: [(name: String, value: String)] = []
        for line in lines {
            guard let colon = line.firstIndex(of: ":"), Self.isName(line[..<colon]) else {
                throw refused("expected header fields of a name and a value")
            }
            fields.append(
                (
                    line[..<colon].lowercased(),
                    String(line[line.index(after: colon)...].trimmingPrefix(while: { $0 == " " }))
                ))
        }
        func value(_ name: String) -> String? { fields.first { $0.name == name }?.value }
        for name in Self.single where fields.count(where: { $0.name == name }) > 1 {
            throw refused("expected one \(name), found several")
        }
        guard value("transfer-encoding") == nil else {
            throw Refusal(status: 411, detail: "expected a body of a known length")
        }
        guard let length = Self.number(value("content-length") ?? "0") else {
            throw refused("expected a number as the length of the body")
        }
        guard length <= Self.longestBody else {
            throw Refusal(status: 413, detail: "the body is larger than the 1 MiB that are permitted")
        }
        self.fields = fields
        bodyLength = length
    }

    /// Bytes that follow the head.
    let bodyLength: Int

    /// The value of a header field; its name in lower case.
    subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    /// The bearer that it brings; empty without one.
    var bearer: String {
        let text = self["authorization"] ?? ""
        return text.prefix(7).lowercased() == "bearer " ? String(text.dropFirst(7)) : ""
    }

    /// Whether it asks for a file of the dashboard, by a path that nobody can read otherwise.
    var isOfDashboard: Bool {
        guard method == "GET" else { return false }
        if target == "/" { return true }
        let name = target.dropFirst("/ui/".count)
        return target.hasPrefix("/ui/") && !name.isEmpty && !name.contains("..")
            && name.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || "-.".utf8.contains($0)
            }
    }

    /// Whether it brings the key.
    var isExchange: Bool { method == "POST" && target == "/bridge/session" }

    /// The head that goes on to the daemon; its connection ends with the answer.
    var forwardedHead: String {
        let own = ["\(method) \(target) HTTP/1.1", "Host: localhost", "Connection: close"]
        let passed = fields.filter { Self.passed.contains($0.name) }.map { "\($0.name): \($0.value)" }
        let length = bodyLength > 0 || method != "GET" ? ["Content-Length: \(bodyLength)"] : []
        return (own + passed + length + ["", ""]).joined(separator: "\r\n")
    }

    private static func isName(_ text: Substring) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || (0x30...0x39).contains($0)
                    || "-_".utf8.contains($0)
            }
    }

    private static func number(_ text: String) -> Int? {
        text.utf8.count <= 9 && text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
    }
}

/// Which requests the bridge lets through: those of its own page, on its own port.
struct BridgeRule: Sendable {
    let port: Int

    /// What is wrong with a request, before anything is asked of the daemon; nil when nothing is.
    func refusal(of request: BridgeRequest, _ keys: BridgeKeys) -> BridgeRequest.Refusal? {
        let hosts = ["127.0.0.1:\(port)", "localhost:\(port)"]
        guard let host = request["host"]?.lowercased(), hosts.contains(host) else {
            return .init(status: 421, detail: "the bridge is reached at 127.0.0.1:\(port) alone")
        }
        if let origin = request["origin"], !hosts.contains(where: { origin == "http://\($0)" }) {
            return .init(status: 403, detail: "pages of other origins may not use the bridge")
        }
        if request.isOfDashboard || request.isExchange { return nil }
        guard keys.accepts(request.bearer) else {
            return .init(
                status: 401, detail: "expected the token of this session; open the address that nas-ctl printed")
        }
        return nil
    }
}
