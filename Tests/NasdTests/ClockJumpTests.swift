import Foundation
import TestSupport
import Testing

/// Runs under a clock of the day that somebody sets by more than a year, forth and back, many times a second.
@Suite(.enabled(if: ClockJumps.library != nil, "needs gcc or clang")) struct ClockJumpTests {
    /// Deadlines go by a clock that nobody sets: none passes early, and one that passes ends the worker.
    @Test(.enabled(if: Shell.hasPython), arguments: ["slow", "hangs"])
    func deadlinesOfWorkersKeep(mode: String) throws {
        // Long enough for a busy machine where none is to pass.
        let deadline: Double = mode == "hangs" ? 2 : 60
        let still = try WorkerRun(mode, deadline: deadline)
        #expect(try Program(still.arguments()).wait().code == 0)
        let jumping = try WorkerRun(mode, deadline: deadline)
        let outcome = try Program(jumping.arguments(), environment: ClockJumps.environment).wait()
        #expect(outcome.code == 0, "\(outcome.error)")
        #expect(jumping.csv == still.csv && jumping.csv.split(whereSeparator: \.isNewline).count == 61)
        #expect(jumping.waitUntilGone())
        let name = try FileManager.default.subpathsOfDirectory(atPath: jumping.folder + "/out")
            .first { $0.hasSuffix("log.jsonl") }
        let log = jumping.text("out/\(name ?? "")")
        #expect(log.contains("worker failed: deadline") == (mode == "hangs"), "\(log)")
        guard mode == "slow" else { return }
        // It did jump: answers that came over more than three tenths of a second, some of them more than a year from now.
        let days = try Shell.run(
            "\(Shell.python) -c \"import sqlite3, time; print(max(abs(t - time.time() * 1000) for t, in "
                + "sqlite3.connect('out/nasd.sqlite').execute('SELECT time FROM measurements')) // 86_400_000)\"",
            in: jumping.folder)
        #expect((Double(days.output.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0) >= 390, "\(days)")
    }

    /// A run that trains ends with the bytes of one under a clock that runs as clocks do.
    @Test func trainingKeepsItsBytes() throws {
        let train = "{steps: 400, batch: 16, shards: 4, checkpointEvery: 50}"
        let still = try SmallRun(train: train), jumping = try SmallRun(train: train)
        #expect(try still.run().code == 0)
        let outcome = try Program(jumping.arguments, environment: ClockJumps.environment).wait()
        #expect(outcome.code == 0, "\(outcome.error)")
        #expect(try Results(of: still) == Results(of: jumping))
    }
}

/// A library to preload whose clock of the day is ahead by 400 days, right, or behind, in turn, a tenth of a second each.
enum ClockJumps {
    private static let source = """
        #define _GNU_SOURCE
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <time.h>
        #include <unistd.h>
        static long jump(void) {
            struct timespec now;
            syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
            return ((now.tv_sec * 10 + now.tv_nsec / 100000000) % 3 - 1) * 400 * 86400;
        }
        int clock_gettime(clockid_t clock, struct timespec *told) {
            int code = syscall(SYS_clock_gettime, clock, told);
            if (code == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) told->tv_sec += jump();
            return code;
        }
        int gettimeofday(struct timeval *restrict told, void *restrict zone) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            if (told) { told->tv_sec = now.tv_sec; told->tv_usec = now.tv_nsec / 1000; }
            return 0;
        }
        time_t time(time_t *told) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            if (told) *told = now.tv_sec;
            return now.tv_sec;
        }

        """

    /// The library's file; nil where nothing compiles it.
    static let library: String? = {
        let folder = NSTemporaryDirectory() + "nasd-clock-\(getpid())"
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try? Files.write(Array(source.utf8), folder + "/clock.c")
        let outcome = try? Shell.run(
            "for cc in gcc clang; do $cc -shared -fPIC -O1 -o clock.so clock.c && exit 0; done; exit 1", in: folder)
        return outcome?.code == 0 ? folder + "/clock.so" : nil
    }()

    static var environment: [String: String] { library.map { ["LD_PRELOAD": $0] } ?? [:] }
}
