import Foundation
import TestSupport
import Testing

/// Where users let commands write: links, pipes, streams of the program, full disks.
@Suite struct OutputPlaceTests {
    private func finishedRun() throws -> SmallRun {
        let run = try SmallRun()
        try #require(try run.run().code == 0)
        return run
    }

    @Test func aLinkStaysALinkAndAFileKeepsItsMode() throws {
        let run = try finishedRun()
        let outcome = try Shell.run(
            """
            set -e
            echo mine > target; chmod 604 target; ln -s target link; ln -s link second; ln -s new dangling
            for f in second dangling; do $NASD export small --directory out --output $f; done
            $NASD plot small --directory out --output plain.svg >&2
            stat -c '%A %a' second link target new; head -c 9 target; cat new | wc -l; ls *.part* *.nasd-part* 2>/dev/null || true
            """, in: run.folder)
        #expect(outcome.code == 0, "\(outcome.error)")
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.prefix(2).allSatisfy { $0.hasPrefix("lrwx") })
        #expect(lines[2].hasSuffix(" 604"))
        // The header's first word, and as many lines as there are candidates and a header; no half file is left.
        #expect(lines.count == 5 && lines[4] == "candidate9", "\(outcome.output)")
    }

    @Test func pipesAndStreamsAreWrittenAsTheyCome() throws {
        let run = try finishedRun()
        let outcome = try Shell.run(
            """
            mkfifo fifo; cat fifo > through & $NASD export small --directory out --output fifo; echo "rc $?"; wait
            { echo first; $NASD export small --directory out --output /dev/stdout; echo last; } > all; echo "rc $?"
            { echo first; $NASD export small --directory out --output -; echo last; } > dash
            $NASD export small --directory out --output /dev/fd/5 5> five; $NASD export small --directory out > usual
            for f in through five; do cmp $f usual && echo same; done; stat -c %F fifo
            sed '1d;$d' all | cmp - usual && echo same; cmp all dash && echo same
            $NASD extract run.yaml --directory out --output - 2> told > net; head -c 8 net | wc -c; grep -c genome told
            """, in: run.folder)
        #expect(
            outcome.output
                == "rc 0\nrc 0\nsame\nsame\nfifo\nsame\nsame\n8\n1\n", "\(outcome.output) \(outcome.error)")
    }

    @Test(arguments: [
        ("gone/x.csv", Int32(3), "create its folder"), ("out", 2, "is a folder"), ("loop", 1, "circle"),
        ("/dev/full", 1, "free some space"), ("pipe", 1, "nobody reads"),
    ]) func whereNothingCanBeWritten(place: String, code: Int32, message: String) throws {
        let run = try finishedRun()
        symlink("loop", run.folder + "/loop")
        mkfifo(run.folder + "/pipe", 0o600)
        let outcome = try Shell.run("$NASD export small --directory out --output \(place)", in: run.folder)
        #expect(outcome.code == code && outcome.error.contains(message), "\(outcome.code) \(outcome.error)")
        #expect(outcome.output.isEmpty)
    }

    @Test func streamsThatTakeNothing() throws {
        let run = try finishedRun()
        let outcome = try Shell.run(
            """
            $NASD run run.yaml --output a > /dev/null 2> /dev/full; echo "run $?"
            $NASD run run.yaml --output b > /dev/null 2>&-; echo "run $?"
            $NASD run run.yaml --output c > /dev/full 2> err; echo "run $? $(grep -c 'standard output' err)"
            cmp a/results.csv c/results.csv && echo same
            for c in "validate run.yaml" "export small --directory out" "list --directory out" "doctor" "--help"; do
              $NASD $c > /dev/full 2> err; a=$?; $NASD $c >&- 2>> err; echo "$a $? $(grep -c 'standard output' err)"; done
            $NASD validate run.yaml | head -1 > /dev/null; echo "${PIPESTATUS[0]}"
            { $NASD run run.yaml --output d 2>&1 > /dev/null; echo "run $?" >&3; } 3> rc | true; cat rc
            $CTL --endpoint unix:/nowhere list 2> /dev/full; echo $?; $CTL --help > /dev/full 2> err; echo $?
            """, in: run.folder, seconds: 120)
        let lines = outcome.output.split(separator: "\n").map(String.init)
        #expect(lines.prefix(4) == ["run 0", "run 0", "run 1 1", "same"], "\(outcome.output)")
        #expect(lines.dropFirst(4).prefix(5).allSatisfy { $0 == "1 1 2" }, "\(outcome.output)")
        #expect(["141", "0"].contains(lines[9]), "\(lines[9])")
        #expect(lines.dropFirst(10) == ["run 0", "4", "1"], "\(outcome.output)")
    }

    @Test(.enabled(if: Shell.hasPython, "it takes Python")) func limitsOfFilesAndStreamsThatDoNotWait() throws {
        let run = try finishedRun()
        // A pipe of 4 KiB that does not wait for its reader, who comes late.
        try run.write(
            """
            import fcntl, os, subprocess, sys, time
            reader, writer = os.pipe()
            fcntl.fcntl(writer, 1031, 4096)
            os.set_blocking(writer, False)
            program = subprocess.Popen(sys.argv[1:], stdout=writer)
            os.close(writer)
            time.sleep(0.3)
            count = 0
            while part := os.read(reader, 4096):
                count += len(part)
            print(program.wait(), count)
            """, to: "late.py")
        let outcome = try Shell.run(
            """
            (ulimit -f 36; $NASD extract run.yaml --directory out --output big.safetensors; echo $?); ls -A | grep -c -e part
            $NASD export small --directory out --output "$(printf 'n%.0s' $(seq 250)).csv"; echo $?
            python3 late.py $NASD plot small --directory out --output - 2> /dev/null
            echo "0 $($NASD plot small --directory out --output - 2> /dev/null | wc -c)"
            $NASD run run.yaml --output piped 2> /dev/null | true; ls piped | grep -c -e wal -e open
            """, in: run.folder)
        let lines = outcome.output.split(separator: "\n").map(String.init)
        #expect(lines.prefix(3) == ["1", "0", "0"], "\(outcome.output) \(outcome.error)")
        #expect(outcome.error.contains("ulimit -f"))
        #expect(lines[3] == lines[4] && lines[3].count > 5, "\(outcome.output)")
        #expect(lines[5] == "0", "\(outcome.output)")
    }
}
