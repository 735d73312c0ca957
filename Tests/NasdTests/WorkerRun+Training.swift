import Foundation
import TestSupport
import Testing

/// A run whose worker trains, too: its weights are a number for each option, and a step moves those that it draws, to the bit.
extension WorkerRun {
    static let trainingWorker = """
        import json, math, os, random, signal, sys, time
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

        class Options(nasd_worker.Trainer):
            weights, moments, done, learning_rate = {}, {}, 0, None

            def begin(self, seed):
                note("began", seed)
                self.weights, self.moments, self.done = {}, {}, 0

            def loss(self, genome):
                names = [f"{name}={option}" for name, option in sorted(genome.items())]
                return sum(math.exp(-self.weights.get(name, 0.1)) for name in names) / len(names)

            def step(self, step):
                assert step.number == self.done, (step.number, self.done)
                assert step.batch == 64 and step.steps in (60, 80)
                note("trained", step.number)
                note("passes", json.dumps([[len(one.genomes), one.teacher, one.taught, one.forward] for one in step.passes]))
                if mode in ("slow", "random"):
                    time.sleep(0.01)
                if mode == "dies" and step.number in (7, 33) and first(f"died-{step.number}"):
                    os._exit(3)
                if mode == "hangs" and step.number == 27 and first("hung"):
                    time.sleep(3600)
                if mode == "mortal" and step.number == 25:
                    os._exit(3)
                if mode == "raises" and step.number == 25:
                    raise ValueError("no kernel")
                self.learning_rate = 0.1 * step.rate_factor * (1 - step.number / step.steps)
                if mode == "random":
                    self.learning_rate *= random.random()
                losses = []
                for one in step.passes:
                    told = []
                    for genome in one.genomes:
                        told.append(self.loss(genome))
                        if one.forward:
                            continue
                        for name, option in genome.items():
                            key = f"{name}={option}"
                            gain = math.exp(-self.weights.get(key, 0.1)) * (1 - step.soft_weight / 3 if one.taught else 1)
                            self.moments[key] = 0.9 * self.moments.get(key, 0.0) + 0.1 * gain
                            self.weights[key] = self.weights.get(key, 0.1) + self.learning_rate * self.moments[key]
                    if not one.forward:
                        losses.append(told if len(told) > 1 else told[0])
                self.done += 1
                if mode == "nan" and step.number == 33 and step.rate_factor > 0.3:
                    losses[0] = float("nan")
                if mode == "always-nan" and step.number == 33:
                    losses[0] = float("nan")
                if mode == "short" and step.number == 33 and first("short"):
                    losses = losses[1:]
                self.metrics = {"options": len(self.weights)}
                return losses

            def probe(self, genomes, samples, part):
                note("probed", f"{self.done} {len(genomes)} {samples} {part}")
                if mode == "probe-dies" and self.done > 20 and first("probe-died"):
                    os.kill(os.getpid(), signal.SIGKILL)
                return [[self.loss(genome) * (1 + 0.01 * chunk) for chunk in range(4)] for genome in genomes]

            def save(self, path):
                note("saved", self.done)
                if mode == "save-once" and self.done == 40 and first("unsaved"):
                    raise OSError("no space left")
                if mode == "save-never" and self.done == 40:
                    raise OSError("no space left")
                if mode == "save-dies" and self.done == 40 and first("save-died"):
                    os.kill(os.getpid(), signal.SIGKILL)
                with open(path, "w") as file:
                    json.dump([self.done, self.weights, self.moments], file)

            def load(self, path):
                note("loaded", os.path.basename(path))
                if mode == "load-never":
                    raise OSError("out of memory")
                with open(path) as file:
                    self.done, self.weights, self.moments = json.load(file)

        trainer = Options()

        def energy(genome):
            return genome.get("depth", 1) * (2 + sum(option == "conv" for option in genome.values()))

        def evaluate(request):
            if request.stage == "cost":
                note("costed", request.key)
                assert request.metrics == ["energy"] and request.weights_step == 0, request.metrics
                if mode == "slow":
                    time.sleep(0.02)
                if mode == "cost-dies" and first("cost-died"):
                    os._exit(3)
                if mode == "cost-huge":
                    return {"energy": sys.float_info.max}
                if mode == "costless":
                    raise ValueError("no meter")
                return {"energy": energy(request.genome)}
            note("asked", f"{request.weights_step} {request.key}")
            assert request.weights_step == trainer.done, (request.weights_step, trainer.done)
            score = 1 - trainer.loss(request.genome)
            return {"accuracy": score, "energy": energy(request.genome), "samples": 7}

        where = dict(word.split("=", 1) for word in os.environ.get("WHERE", "").split())
        if where:
            where = {"command": "python", "longest_pause": 0.5, **where}
        nasd_worker.serve(evaluate, {"accuracy": "maximize", "energy": "minimize"}, deterministic=mode != "random",
                          trainer=trainer, heartbeat=None if mode == "hangs" else 10, **where)
        """

    static let spaceWithCosts = """
        apiVersion: nasd/v1
        kind: SearchSpace
        name: sizes
        family: mlp
        input: {features: 8, classes: 3}
        choices: {width: [8, 16, 24], depth: [1, 2, 3], expansion: [1, 2]}

        """

    static let sandwich = "{kind: sandwich, random: 2}"
    static let shift = "{kind: shift, generator: table, bins: 4, warm: 8, period: 4, window: 3, samples: 32}"
    /// The same by what the worker measures, in a space that knows no costs.
    static let measuredShift = shift.replacing("bins: 4", with: "metric: energy, measured: 40, bins: 4")

    /// - Parameter more: Further keys of `train`.
    static func training(
        _ mode: String = "", sampler: String = sandwich, slots: Int = 2, deadline: Double = 60, more: String = "",
        hasCosts: Bool = false
    ) throws -> WorkerRun {
        let run = try WorkerRun(mode, slots: slots, deadline: deadline, evaluations: 30)
        let text = run.text("run.yaml").replacing(
            "search:\n",
            with: """
                train: {worker: python, steps: 60, checkpointEvery: 10, sampler: \(sampler)\(more)}
                search:
                  during: {every: 20, evaluations: 10}

                """)
        try Files.write(Array(text.utf8), run.folder + "/run.yaml")
        try Files.write(Array(trainingWorker.utf8), run.folder + "/worker.py")
        if hasCosts { try Files.write(Array(spaceWithCosts.utf8), run.folder + "/sizes.yaml") }
        return run
    }

    /// The folder of the run within its data directory.
    var runFolder: String {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/out/runs")) ?? []
        return "out/runs/\(names.first ?? "none")"
    }

    var log: String { text(runFolder + "/log.jsonl") }

    /// What the worker has kept, by name.
    var states: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(runFolder)/checkpoints/worker")) ?? [])
            .sorted()
    }
}
