import Foundation
import Store
import TestSupport
import Testing

/// A run that a program of the user's own measures, in a folder of its own.
final class WorkerRun {
    let folder = NSTemporaryDirectory() + "nasd-worker-" + UUID().uuidString

    static let space = """
        apiVersion: nasd/v1
        kind: SearchSpace
        name: sizes
        family: external
        decisions:
          - {name: depth, options: [1, 2, 3, 4, 5, 6, 7, 8]}
          - {name: op, count: 4, options: [none, skip, conv, pool]}

        """

    /// What a worker answers: a number that is a function of the options, to the bit.
    static let worker = """
        import os, sys, time, signal, subprocess
        sys.path.insert(0, os.environ["NASD_CLIENT"])
        import nasd_worker

        mode, folder = os.environ.get("MODE", ""), os.environ.get("NOTES", ".")

        def note(name, text):
            with open(f"{folder}/{name}", "a") as file:
                file.write(f"{text}\\n")

        def first(name):
            "Whether this happens for the first time, whoever asks."
            try:
                os.close(os.open(f"{folder}/{name}", os.O_CREAT | os.O_EXCL))
                return True
            except FileExistsError:
                return False

        def evaluate(request):
            note("asked", request.key)
            if mode == "slow":
                time.sleep(0.02)
            score = request.genome["depth"] / 10 + 0.01 * sum(len(op) for op in request.values("op"))
            hard = request.genome["depth"] == 3
            if mode == "dies" and hard and first("died-" + request.key):
                os._exit(3)
            if mode == "killed" and hard and first("died-" + request.key):
                os.kill(os.getpid(), signal.SIGKILL)
            if mode == "hangs" and hard and first("hung"):
                time.sleep(3600)
            if mode == "garbage" and hard and first("garbage"):
                os.write(9, b"this is no message\\n")
            if mode == "long" and hard and first("long"):
                os.write(9, b"x" * (2 << 20) + b"\\n")
            if mode == "unknown":
                os.write(9, b'{"type":"result","id":987654321,"metrics":{"accuracy":1}}\\n')
            if mode == "twice":
                answer = '{"type":"result","id":%d,"samples":7,"metrics":{"accuracy":%r,"energy":%r}}\\n'
                os.write(9, (answer % (request.id, score, 10 * score)).encode())
                score += 0.5
            if mode == "floods":
                sys.stderr.write("e" * 300_000 + "\\n")
            if mode == "late" and hard and first("late"):
                time.sleep(3)
            if mode == "nan" and hard:
                return {"accuracy": float("nan"), "energy": 1.0}
            if mode == "missing" and hard:
                return {"energy": 1.0}
            if mode == "words" and hard:
                os.write(9, b'{"type":"result","id":%d,"metrics":{"accuracy":"high","energy":1}}\\n' % request.id)
                request._worker.cancelled.add(request.id)
            if mode == "raises" and hard:
                raise ValueError("no kernel for \\x1b[31mthis")
            return {"accuracy": score, "energy": 10 * score, "samples": 7}

        if mode == "children":
            quiet = dict(stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for extra in [{}, {"start_new_session": True}]:
                note("children", subprocess.Popen(["sleep", "3601"], **quiet, **extra).pid)
            note("children", os.getpid())
        if mode == "never":
            os._exit(4)
        if mode == "environment":
            note("environment", "\\n".join(f"{name}={value}" for name, value in sorted(os.environ.items())))
            note("descriptors", " ".join(sorted(os.listdir("/proc/self/fd"))))
        os.dup2(1, 9)
        # Where it connects to, and with what: "connect=PATH slot=1 …".
        where = dict(word.split("=", 1) for word in os.environ.get("WHERE", "").split())
        if where:
            where = {"command": "python", "longest_pause": 0.5, **where}
            where["slot"] = int(where["slot"]) if "slot" in where else None
        nasd_worker.serve(evaluate, {"accuracy": "maximize", "energy": "minimize"}, deterministic=True,
                          heartbeat=None if mode == "hangs" else 10, **where)
        """

    let mode: String

    init(
        _ mode: String = "", slots: Int = 2, deadline: Double = 60, evaluations: Int = 60, algorithm: String = "nsga2",
        evaluator: String? = nil, environment: String = ""
    ) throws {
        self.mode = mode
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let client = Repository.root.appending(path: "Deploy/workers").path
        let run = """
            apiVersion: nasd/v1
            kind: Run
            name: worker
            seed: 5
            space: sizes
            commands:
              python:
                argv: [\(Shell.python), -B, \(folder)/worker.py]
                slots: \(slots)
                deadline: \(deadline)
                environment:
                  MODE: "\(mode)"
                  NOTES: \(folder)
                  NASD_CLIENT: \(client)
                  OWN: [a, b]\(environment)
            evaluator: \(evaluator ?? Self.evaluator)
            search:
              algorithm: \(algorithm)
              objectives: [{metric: accuracy}, {metric: energy}]
              population: 10
              evaluations: \(evaluations)
            validate: {finalists: 3}

            """
        for (name, text) in [("run.yaml", run), ("sizes.yaml", Self.space), ("worker.py", Self.worker)] {
            try Files.write(Array(text.utf8), "\(folder)/\(name)")
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    static let evaluator =
        "{kind: command, name: python, metrics: {accuracy: maximize, energy: {unit: millijoules, goal: minimize}}, "
        + "validation: [accuracy], test: [accuracy]}"

    func arguments(_ output: String = "out") -> [String] {
        ["run", folder + "/run.yaml", "--output", "\(folder)/\(output)"]
    }

    func text(_ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: "\(folder)/\(name)") ?? Data(), as: UTF8.self)
    }

    var csv: String { text("out/results.csv") }

    func lines(_ name: String) -> [String] { text(name).split(separator: "\n").map(String.init) }

    /// Events of the run.
    func events() throws -> [Event] {
        let reader = try RunReader(DataDirectory(reading: folder + "/out"))
        let run = try #require(try reader.runs(limit: 1).first)
        return try reader.events(run.id, after: 0, limit: 1000)
    }

    /// Processes that have this run's folder in their environment.
    var processes: [Int32] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.compactMap(Int32.init).filter { pid in
            guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/environ") else { return false }
            let variables = data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            return variables.contains("NOTES=\(folder)")
        }
    }

    /// Waits until none of them is left; whether that is so within some seconds.
    func waitUntilGone(seconds: Double = 5) -> Bool {
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end {
            // One that is just being started has nothing in its environment yet.
            if processes.isEmpty {
                usleep(300_000)
                if processes.isEmpty { return true }
            }
            usleep(20_000)
        }
        return false
    }
}
