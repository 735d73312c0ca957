internal import Foundation

/// Whoever started the daemon and wants to know how it is: systemd, or what speaks its protocol (sd_notify(3)).
///
/// Messages are datagrams of `KEY=value` lines to the socket that `NOTIFY_SOCKET` names, by a path or, after `@`, in Linux's
/// abstract names. Nothing waits for a receiver: what it does not take is lost, or sent again by whoever has to.
public final class ServiceManager: Sendable {
    /// How long the daemon may show no life before it is ended; nil where nobody watches.
    public let watchdogPeriod: Duration?
    private let descriptor: Int32
    private let address: [UInt8]

    /// Takes what the environment says, and takes it out of there: it is not for programs that the daemon starts.
    ///
    /// To be called while the process has one thread.
    /// - Returns: Nil where nobody wants to know, or where the socket's name is none.
    public static func taken() -> ServiceManager? {
        let names = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]
        let environment = ProcessInfo.processInfo.environment
        for name in names { unsetenv(name) }
        return ServiceManager(environment: environment)
    }

    /// Looks at an environment.
    init?(environment: [String: String]) {
        guard let name = environment["NOTIFY_SOCKET"], let address = Self.address(name) else { return nil }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        self.descriptor = descriptor
        self.address = address
        // Meant for another process, such as the shell that started this one.
        let isMeant = environment["WATCHDOG_PID"].map { $0 == "\(getpid())" } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        watchdogPeriod = isMeant && microseconds > 0 ? .microseconds(microseconds) : nil
    }

    deinit { close(descriptor) }

    /// The daemon does its work.
    func ready(_ status: String) -> Bool { send("READY=1\n\(Self.line(status))") }

    /// What the daemon is at, in a line.
    func status(_ status: String) -> Bool { send(Self.line(status)) }

    /// The daemon lives; before it is ready it may take another while for that.
    ///
    /// - Parameter isReady: Whether it has been.
    func alive(isReady: Bool) {
        let period = watchdogPeriod.map { Int64($0 / .microseconds(1)) } ?? 0
        _ = send(isReady ? "WATCHDOG=1" : "WATCHDOG=1\nEXTEND_TIMEOUT_USEC=\(period)")
    }

    /// The daemon ends.
    func stopping() -> Bool { send("STOPPING=1\n\(Self.line("stopping: runs write their checkpoints"))") }

    /// The daemon reads its configuration anew; ``ready(_:)`` follows.
    func reloading() -> Bool {
        send("RELOADING=1\nMONOTONIC_USEC=\(Self.monotonicMicroseconds)")
    }

    /// The clock that systemd tells reloads apart by.
    static var monotonicMicroseconds: Int64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000
    }

    /// Sends something that must arrive, again and again for a second where the receiver takes nothing.
    func insist(_ message: (ServiceManager) -> Bool) async {
        for _ in 0..<50 where !message(self) { try? await Task.sleep(for: .milliseconds(20)) }
    }

    /// A line of its own, whatever the text has.
    private static func line(_ status: String) -> String { "STATUS=\(status.replacing("\n", with: " "))" }

    /// The bytes of `sockaddr_un` for a name; nil for one that is neither a path nor abstract, or too long.
    private static func address(_ name: String) -> [UInt8]? {
        guard name.hasPrefix("/") || (name.hasPrefix("@") && name.utf8.count > 1) else { return nil }
        let place = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? MemoryLayout<sa_family_t>.size
        guard name.utf8.count < MemoryLayout<sockaddr_un>.size - place else { return nil }
        let family = withUnsafeBytes(of: sa_family_t(AF_UNIX)) { Array($0) }
        // An abstract name begins with a zero and ends where the address does; a path ends with a zero.
        let bytes = name.hasPrefix("@") ? [0] + Array(name.utf8.dropFirst()) : Array(name.utf8) + [0]
        return family + [UInt8](repeating: 0, count: place - family.count) + bytes
    }

    /// Whether the receiver took a message.
    private func send(_ message: String) -> Bool {
        let bytes = Array(message.utf8)
        let count = address.withUnsafeBytes { address in
            sendto(
                descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT),
                address.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(address.count))
        }
        return count == bytes.count
    }
}
