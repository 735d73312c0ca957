internal import CSystemCalls
public import Foundation
internal import Synchronization

/// SIGINT and SIGTERM end the program at once with 130 or 143, after the terminal is as it was, the line that is drawn on it is whole,
/// and half a file is gone.
public enum Interruption {
    // A handler may only read atomics and call what is safe in it: unlink, write, tcsetattr, _exit. What the addresses
    // point to is never freed.
    private static let halfFile = Atomic<UInt>(0)
    private static let terminal = Atomic<UInt>(0)
    private static let openLine = Atomic<UInt>(0)

    /// What leaves the screen of a watcher: the other screen goes, the cursor comes.
    public static let leavingScreen: StaticString = "\u{1B}[?25h\u{1B}[?1049l"

    /// Takes the signals over.
    public static func install() {
        // Touched here, so that the handler finds them made.
        halfFile.store(0, ordering: .relaxed)
        terminal.store(0, ordering: .relaxed)
        openLine.store(0, ordering: .relaxed)
        // Whoever starts this program may have blocked them, and a child inherits that.
        unblock([SIGINT, SIGTERM])
        for code in [SIGINT, SIGTERM] {
            // A shell that starts it in the background ignores SIGINT for it.
            if code == SIGINT, isIgnored(code) { continue }
            signal(code) { code in Interruption.stop(code) }
        }
    }

    /// Lets signals come that whoever started this program may have blocked.
    public static func unblock(_ codes: [Int32]) {
        var set = sigset_t()
        sigemptyset(&set)
        for code in codes { sigaddset(&set, code) }
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    /// Whether a signal is ignored, as `nohup` leaves SIGHUP.
    public static func isIgnored(_ code: Int32) -> Bool {
        var present = sigaction()
        return sigaction(code, nil, &present) == 0
            && unsafeBitCast(present.__sigaction_handler.sa_handler, to: Int.self)
                == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// Names the file that must not stay when a signal ends the program; nil for none.
    static func setHalfFile(_ path: String?) {
        let copy = path.map { UInt(bitPattern: strdup($0)) } ?? 0
        halfFile.store(copy, ordering: .releasing)
    }

    private static let longestLine = 1 << 12
    // In turn, so that what a handler may be writing is not written over by the next line.
    private static let lines = Mutex(
        (
            next: 0,
            places: (0..<2).map { _ in
                UInt(bitPattern: UnsafeMutableRawPointer.allocate(byteCount: longestLine, alignment: 1))
            }
        ))

    /// Says what a signal that ends the program leaves of the line that is drawn on standard error; nil for none.
    static func setOpenLine(_ text: String?) {
        guard let text, text.utf8.count < longestLine else { return openLine.store(0, ordering: .releasing) }
        lines.withLock { lines in
            lines.next = 1 - lines.next
            let place = lines.places[lines.next]
            guard let bytes = UnsafeMutablePointer<CChar>(bitPattern: place) else { return }
            _ = text.withCString { strcpy(bytes, $0) }
            openLine.store(place, ordering: .releasing)
        }
    }

    /// Leaves the line that is drawn on standard error whole; may be called in a signal handler.
    public static func leaveLine() {
        guard let text = UnsafePointer<CChar>(bitPattern: openLine.load(ordering: .acquiring)) else { return }
        _ = nasd_write_all(STDERR_FILENO, text, strlen(text))
    }

    /// Names the settings that the terminal goes back to; nil when it is as it was.
    public static func setTerminal(_ settings: UnsafePointer<termios>?) {
        terminal.store(UInt(bitPattern: settings), ordering: .releasing)
    }

    private static func stop(_ code: Int32) {
        if let path = UnsafePointer<CChar>(bitPattern: halfFile.load(ordering: .acquiring)) { unlink(path) }
        leaveLine()
        if let settings = UnsafePointer<termios>(bitPattern: terminal.load(ordering: .acquiring)) {
            _ = nasd_write_all(STDOUT_FILENO, leavingScreen.utf8Start, leavingScreen.utf8CodeUnitCount)
            tcsetattr(STDIN_FILENO, TCSANOW, settings)
        }
        _exit(128 + code)
    }
}
