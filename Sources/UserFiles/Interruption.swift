internal import CSystemCalls
public import Foundation
internal import Synchronization

/// SIGINT and SIGTERM end the program at once with 130 or 143, after the terminal is as it was and half a file is gone.
public enum Interruption {
    // A handler may only read atomics and call what is safe in it: unlink, write, tcsetattr, _exit. What the addresses
    // point to is never freed.
    private static let halfFile = Atomic<UInt>(0)
    private static let terminal = Atomic<UInt>(0)

    /// What leaves the screen of a watcher: the other screen goes, the cursor comes.
    public static let leavingScreen: StaticString = "\u{1B}[?25h\u{1B}[?1049l"

    /// Takes the signals over.
    public static func install() {
        // Touched here, so that the handler finds them made.
        halfFile.store(0, ordering: .relaxed)
        terminal.store(0, ordering: .relaxed)
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

    /// Names the settings that the terminal goes back to; nil when it is as it was.
    public static func setTerminal(_ settings: UnsafePointer<termios>?) {
        terminal.store(UInt(bitPattern: settings), ordering: .releasing)
    }

    private static func stop(_ code: Int32) {
        if let path = UnsafePointer<CChar>(bitPattern: halfFile.load(ordering: .acquiring)) { unlink(path) }
        if let settings = UnsafePointer<termios>(bitPattern: terminal.load(ordering: .acquiring)) {
            _ = nasd_write_all(STDOUT_FILENO, leavingScreen.utf8Start, leavingScreen.utf8CodeUnitCount)
            tcsetattr(STDIN_FILENO, TCSANOW, settings)
        }
        _exit(128 + code)
    }
}
