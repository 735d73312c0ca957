internal import CCurl
internal import Glibc
internal import Synchronization

/// Requests over libcurl, on the calling thread; connections are kept between the requests of one client.
///
/// No proxy from the environment, no redirects, no other protocol than http and https, HTTP/1.1, certificates checked.
/// One thread at a time may use it, and not from within the callbacks of one of its own requests.
public final class HTTPClient {
    private let userAgent: String
    private let easy: EasyHandle?
    private let multi: UnsafeMutableRawPointer?
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

    /// Creates a client without connections, which names itself, such as `nas-ctl/1.0`.
    public init(userAgent: String) {
        self.userAgent = userAgent
        easy = Self.isReady ? EasyHandle() : nil
        multi = Self.isReady ? curl_multi_init() : nil
    }

    deinit {
        if let multi { curl_multi_cleanup(multi) }
    }

    /// Sends a request and collects its answer, whatever its status.
    ///
    /// - Throws: ``HTTPClientError/tooLarge(url:limitBytes:)`` when the body goes beyond ``HTTPLimits/bodyBytes``.
    public func send(_ request: HTTPRequest) throws(HTTPClientError) -> HTTPResponse {
        var head = HTTPHead(status: 0, fields: [])
        var body: [UInt8] = []
        var isTooLarge = false
        do {
            try stream(request) {
                head = $0
                return true
            } body: { part in
                isTooLarge = part.count > request.limits.bodyBytes - body.count
                if !isTooLarge { body.append(contentsOf: part) }
                return !isTooLarge
            }
        } catch {
            guard case .cancelled(let url) = error, isTooLarge else { throw error }
            throw .tooLarge(url: url, limitBytes: request.limits.bodyBytes)
        }
        return HTTPResponse(head: head, body: body)
    }

    /// Sends a request and hands its answer on as it comes, on this thread, until it ends.
    ///
    /// - Parameters:
    ///   - head: Gets status and header once, before any of the body; false ends the request.
    ///   - body: Gets every part of the body, valid during the call only; false ends the request.
    /// - Throws: ``HTTPClientError/cancelled(url:)`` when a callback or ``HTTPRequest/cancellation`` ended it.
    public func stream(
        _ request: HTTPRequest, head: (HTTPHead) -> Bool, body: (UnsafeRawBufferPointer) -> Bool
    ) throws(HTTPClientError) {
        let url = try request.checked().description
        let failure = withoutActuallyEscaping(head) { head in
            withoutActuallyEscaping(body) { body in
                perform(request, Transfer(url: url, permits: request.permits, head: head, body: body))
            }
        }
        if let failure { throw failure }
    }

    private func perform(_ request: HTTPRequest, _ transfer: Transfer) -> HTTPClientError? {
        guard let easy, let multi else { return .broken(url: transfer.url, reason: "libcurl cannot start") }
        let outcome = withExtendedLifetime(transfer) {
            let code = easy.set(request, userAgent: userAgent, context: transfer)
            guard code == CURLE_OK else { return Outcome.ended(code) }
            guard curl_multi_add_handle(multi, easy.raw) == CURLM_OK else { return .ended(CURLE_FAILED_INIT) }
            defer { curl_multi_remove_handle(multi, easy.raw) }
            return drive(easy, multi, request)
        }
        switch outcome {
        case .ended(let code): return transfer.failure(code) { easy.reason(code) }
        case .silent: return .timedOut(url: transfer.url)
        case .cancelled: return .cancelled(url: transfer.url)
        }
    }

    private enum Outcome {
        case ended(CURLcode)
        case silent
        case cancelled
    }

    private func drive(_ easy: EasyHandle, _ multi: UnsafeMutableRawPointer, _ request: HTTPRequest) -> Outcome {
        let clock = ContinuousClock()
        let silence = request.limits.silenceMilliseconds.map { Duration.milliseconds(max(1, $0)) }
        var traffic: Int64 = 0
        var lastTraffic = clock.now
        while true {
            if request.cancellation?.isCancelled == true { return .cancelled }
            var running: Int32 = 0
            guard curl_multi_perform(multi, &running) == CURLM_OK else { return .ended(CURLE_RECV_ERROR) }
            var code = CURLE_OK
            if nasd_curl_finished(multi, &code) != 0 { return .ended(code) }
            var patience = Duration.seconds(60)
            if let silence {
                // While it connects, the limit for connecting counts.
                let now = easy.traffic
                if now.bytes != traffic || !now.hasStarted { lastTraffic = clock.now }
                traffic = now.bytes
                patience = lastTraffic + silence - clock.now
                if patience <= .zero { return .silent }
                if !now.hasStarted { patience = .milliseconds(50) }
            }
            var wake = curl_waitfd(fd: -1, events: Int16(CURL_WAIT_POLLIN), revents: 0)
            if let cancellation = request.cancellation {
                wake.fd = cancellation.descriptor
                if wake.fd < 0 { patience = min(patience, .milliseconds(100)) }
            }
            let milliseconds =
                patience.components.seconds * 1000 + patience.components.attoseconds / 1_000_000_000_000_000
            curl_multi_poll(multi, &wake, wake.fd < 0 ? 0 : 1, Int32(milliseconds + 1), nil)
        }
    }
}

/// How long a request may take and how much its answer may bring.
public struct HTTPLimits: Sendable, Hashable {
    /// Until the connection stands, TLS included.
    public var connectMilliseconds: Int
    /// From start to end; nil for a stream without one.
    public var totalMilliseconds: Int?
    /// Without a single byte of the answer; nil for no such limit.
    public var silenceMilliseconds: Int?
    /// The most bytes of a body that is collected; streams have no limit.
    public var bodyBytes: Int

    /// Creates limits.
    public init(
        connectMilliseconds: Int = 5_000, totalMilliseconds: Int? = 30_000, silenceMilliseconds: Int? = nil,
        bodyBytes: Int = 64 << 20
    ) {
        self.connectMilliseconds = connectMilliseconds
        self.totalMilliseconds = totalMilliseconds
        self.silenceMilliseconds = silenceMilliseconds
        self.bodyBytes = bodyBytes
    }
}

/// Ends a request from elsewhere: from another thread, or from a signal handler.
public final class HTTPCancellation: Sendable {
    private let flag = Atomic<Bool>(false)
    /// Readable once cancelled, so that whoever waits for a socket wakes up; -1 when no descriptor was left, and the
    /// flag is looked at from time to time instead.
    let descriptor: Int32

    /// Creates a token that cancels nothing yet.
    public init() {
        descriptor = nasd_curl_wake_descriptor()
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Whether ``cancel()`` was called.
    public var isCancelled: Bool { flag.load(ordering: .acquiring) }

    /// Ends the requests that carry this token, those to come included; safe in a signal handler.
    public func cancel() {
        flag.store(true, ordering: .releasing)
        guard descriptor >= 0 else { return }
        var one: UInt64 = 1
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }
}
