internal import Foundation
internal import Synchronization

/// SIGINT and SIGTERM end the program at once with 130 or 143, after the terminal is as it was and half a file is gone.
enum Interruption {
    // A handler may only read atomics and call what is safe in it: unlink, write, tcsetattr, _exit. What the addresses
    // point to is never freed.
    private static let halfFile = Atomic<UInt>(0)
    private static let terminal = Atomic<UInt>(0)

    /// What leaves the screen of a watcher: the other screen goes, the cursor comes.
    static let leavingScreen: StaticString = "\u{1B}[?25h\u{1B}[?1049l"

    /// Takes the signals over.
    static func install() {
        // Touched here, so that the handler finds them made.
        halfFile.store(0, ordering: .relaxed)
        terminal.store(0, ordering: .relaxed)
        // Whoever starts this program may have blocked them, and a child inherits that.
        var stops = sigset_t()
        sigemptyset(&stops)
        sigaddset(&stops, SIGINT)
        sigaddset(&stops, SIGTERM)
        pthread_sigmask(SIG_UNBLOCK, &stops, nil)
        for code in [SIGINT, SIGTERM] {
            var present = sigaction()
            // A shell that starts it in the background ignores SIGINT for it.
            if code == SIGINT, sigaction(code, nil, &present) == 0,
                unsafeBitCast(present.__sigaction_handler.sa_handler, to: Int.self)
                    == unsafeBitCast(SIG_IGN, to: Int.self)
            {
                continue
            }
            signal(code) { code in Interruption.stop(code) }
        }
        // A closed pipe is an error of write(), also deep within TLS.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Names the file that must not stay when a signal ends the program; nil for none.
    static func setHalfFile(_ path: String?) {
        let copy = path.map { UInt(bitPattern: strdup($0)) } ?? 0
        halfFile.store(copy, ordering: .releasing)
    }

    /// Names the settings that the terminal goes back to; nil when it is as it was.
    static func setTerminal(_ settings: UnsafePointer<termios>?) {
        terminal.store(UInt(bitPattern: settings), ordering: .releasing)
    }

    private static func stop(_ code: Int32) {
        if let path = UnsafePointer<CChar>(bitPattern: halfFile.load(ordering: .acquiring)) { unlink(path) }
        if let settings = UnsafePointer<termios>(bitPattern: terminal.load(ordering: .acquiring)) {
            _ = write(STDOUT_FILENO, leavingScreen.utf8Start, leavingScreen.utf8CodeUnitCount)
            tcsetattr(STDIN_FILENO, TCSANOW, settings)
        }
        _exit(128 + code)
    }
}
