"""A client of nasd-worker/1: copy this file beside your own and write a function.

    import nasd_worker

    def evaluate(request):
        genome = request.genome                     # {"depth": 3, "op.0": "conv3x3", ...}
        return {"accuracy": measure(genome)}        # one number for each metric that you declare

    nasd_worker.serve(evaluate, metrics={"accuracy": "maximize"})

A worker that trains what it measures hands over a Trainer, too: serve(evaluate, metrics, trainer=MyTrainer()).
A worker that is started elsewhere connects to a daemon: serve(…, connect="host:port", command="NAME", token_file="token").

Python 3.10 or later, nothing but the standard library. Standard output belongs to the protocol: whatever your code prints goes to
standard error instead, which nasd keeps as the slot's log. Documentation/workers.md describes the messages.
"""

from __future__ import annotations

import json
import math
import os
import platform
import queue
import re
import socket
import ssl
import sys
import threading
import time
import traceback
from dataclasses import dataclass, field
from typing import Any, Callable

PROTOCOL = "nasd-worker/1"


@dataclass
class Hello:
    """What nasd says first: the run, its space, and the folder that is this slot's own."""

    run: str = ""
    seed: int = 0
    slot: int = 0
    folder: str = "."
    metrics: list[str] = field(default_factory=list)
    space: dict[str, Any] = field(default_factory=dict)
    states: str = ""


class Cancelled(Exception):
    """Nobody waits for the answer any more."""


class Failed(Exception):
    """The candidate comes to nothing, and another try would not change that."""


class Retry(Exception):
    """The candidate came to nothing, and another try may come to something: a device that was busy, say."""


class Request:
    """One architecture to measure."""

    def __init__(self, message: dict[str, Any], worker: "Worker"):
        self.id: int = message["id"]
        self.genome: dict[str, Any] = message["genome"]
        self.key: str = message.get("key", "")
        self.stage: str = message.get("stage", "search")
        self.samples: int = message.get("samples", 0)
        self.weights_step: int = message.get("weightsStep", 0)
        self.metrics: list[str] = message.get("metrics", [])
        self._worker = worker

    def progress(self, share: float | None = None) -> None:
        """Says that the work goes on; raises Cancelled where nobody waits for it."""
        self.check()
        self._worker.send({"type": "progress", "id": self.id, "share": share})

    def check(self) -> None:
        """Raises Cancelled where nobody waits for the answer any more."""
        if self.id in self._worker.cancelled:
            raise Cancelled()

    def values(self, name: str) -> list[Any]:
        """The options of all decisions of a name, name.0, name.1, …, that count in this architecture."""
        found: list[Any] = []
        while (key := f"{name}.{len(found)}") in self.genome:
            found.append(self.genome[key])
        return found


@dataclass
class Pass:
    """A pass of a step: a subnet on the whole batch, or genomes[i] on the i-th of len(genomes) parts of it."""

    genomes: list[dict[str, Any]]
    teacher: bool  # its outputs are targets of the passes after it
    taught: bool  # it learns from the teacher's outputs, too
    forward: bool  # it runs forward alone, for what it teaches

    @property
    def genome(self) -> dict[str, Any]:
        return self.genomes[0]


@dataclass
class Step:
    """One training step: all passes, then one update of the weights."""

    number: int  # counted from 0
    steps: int  # of the whole training
    batch: int
    seed: int
    rate_factor: float  # of the learning rate: halved each time that training had diverged
    passes: list[Pass]
    soft_weight: float  # share of the teacher's targets in the loss of a pass that is taught
    temperature: float


class Trainer:
    """What a worker that trains has to do; the weights are those that evaluate measures.

    Everything that a step does may depend on nothing but its arguments, and on what save writes and load reads: weights, moments of
    the optimiser and the like. Then a run comes to the same after any kill.
    """

    learning_rate: float | None = None  # of the last step, told where it is set
    metrics: dict[str, float] = {}  # of the last step, for the log

    def begin(self, seed: int) -> None:
        """Takes the weights that training begins with."""
        raise NotImplementedError

    def step(self, step: Step) -> list[Any]:
        """Trains a step; returns the mean loss of each pass that is not forward alone (of several genomes a number, or one of each)."""
        raise NotImplementedError

    def probe(self, genomes: list[dict[str, Any]], samples: int, part: int) -> list[Any]:
        """The mean loss of each architecture, or those of chunks of examples, on so many held-out examples: of a part always the same."""
        raise NotImplementedError

    def save(self, path: str) -> None:
        """Writes a file."""
        raise NotImplementedError

    def load(self, path: str) -> None:
        """Reads what save wrote, and never runs code that is in it."""
        raise NotImplementedError


def _numbers(values: Any) -> Any:
    return [_numbers(value) for value in values] if isinstance(values, (list, tuple)) else float(values)


class Worker:
    """The loop: reads requests, answers each by its id, and ends at the end of its input."""

    def __init__(self, evaluate: Callable[[Request], dict[str, float]], metrics: dict[str, str],
                 name: str = "", device: str = "cpu", versions: dict[str, str] | None = None,
                 deterministic: bool = False, heartbeat: float | None = 10.0, capacity: int = 1,
                 stages: list[str] | None = None, prepare: Callable[[Hello], None] | None = None,
                 trainer: Trainer | None = None):
        self._evaluate = evaluate
        self._trainer = trainer
        # What was saved or loaded last, as long as the weights are still those.
        self._held: tuple[Any, ...] | None = None
        self._prepare = prepare
        self.cancelled: set[int] = set()
        self.hello = Hello()
        self._lock = threading.Lock()
        self._queue: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._beat = heartbeat
        self._busy = False
        self._take_streams()
        self._own = {
            "type": "hello", "protocol": PROTOCOL, "name": name or os.path.basename(sys.argv[0]),
            "can": ["evaluate"] + (["train", "probe"] if trainer is not None else []),
            "metrics": {metric: {"goal": goal} for metric, goal in metrics.items()},
            "device": device, "versions": {"python": platform.python_version(), **(versions or {})},
            "deterministic": deterministic, "capacity": capacity,
        }
        if heartbeat is not None:
            self._own["heartbeat"] = heartbeat
        if stages is not None:
            self._own["stages"] = stages

    def _take_streams(self) -> None:
        # The protocol has the stream for itself: what anything else prints must not get into it.
        self._out = os.fdopen(os.dup(1), "wb", buffering=0)
        os.dup2(2, 1)
        self._in = os.fdopen(os.dup(0), "rb")
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)

    def send(self, message: dict[str, Any]) -> None:
        line = json.dumps(message, separators=(",", ":"), allow_nan=True).encode() + b"\n"
        with self._lock:
            while line:
                line = line[self._out.write(line) or 0:]

    def run(self) -> None:
        threading.Thread(target=self._read, daemon=True).start()
        first = self._queue.get()
        if first is None:
            return
        if first.get("type") != "hello" or first.get("protocol") != PROTOCOL:
            raise SystemExit(f"expected the hello of {PROTOCOL}, found {str(first)[:200]}")
        self.hello = Hello(**{key: first[key] for key in Hello.__dataclass_fields__ if key in first})
        self._held = None
        if self._prepare is not None:
            self._prepare(self.hello)
        self.send(self._own)
        if self._beat is not None:
            threading.Thread(target=self._say, daemon=True).start()
        while (message := self._queue.get()) is not None:
            self._busy = True
            if message.get("type") == "evaluate":
                self._answer(message["id"], lambda: self._measured(Request(message, self)))
            elif message.get("type") in ("train", "probe", "save", "load") and self._trainer is not None:
                self._answer(message["id"], lambda: getattr(self, "_" + message["type"])(self._trainer, message))
            elif "id" in message:
                self.send({"type": "error", "id": message["id"], "message": f"cannot {message.get('type')}"})
            self._busy = False

    def _read(self) -> None:
        for line in self._in:
            try:
                message = json.loads(line)
            except ValueError:
                print(f"not a message: {line[:200]!r}", file=sys.stderr)
                continue
            if message.get("type") == "cancel":
                self.cancelled.add(message.get("id"))
            elif message.get("type") == "bye":
                break
            else:
                self._queue.put(message)
        self._queue.put(None)
        self._leave()

    def _leave(self) -> None:
        # Whoever is in the middle of something has nobody to tell it to.
        time.sleep(1.0)
        os._exit(0)

    def _say(self) -> None:
        while True:
            time.sleep(self._beat or 10.0)
            if self._busy:
                self.send({"type": "progress"})

    def _measured(self, request: Request) -> dict[str, Any]:
        request.check()
        found = self._evaluate(request)
        values = {name: float(value) for name, value in found.items() if name != "samples"}
        for name, value in values.items():
            if not math.isfinite(value):
                print(f"{name} of {request.genome} is {value}", file=sys.stderr)
        answer: dict[str, Any] = {"metrics": values}
        if "samples" in found:
            answer["samples"] = int(found["samples"])
        return answer

    def _train(self, trainer: Trainer, message: dict[str, Any]) -> dict[str, Any]:
        self._held = None
        soft = message.get("distillation", {})
        losses, rates = [], []
        for offset, passes in enumerate(message["passes"]):
            if message["id"] in self.cancelled:
                raise Cancelled()
            losses.append(trainer.step(Step(
                number=message["from"] + offset, steps=message["steps"], batch=message["batch"], seed=message["seed"],
                rate_factor=message["rateFactor"], soft_weight=soft.get("weight", 0.0),
                temperature=soft.get("temperature", 1.0),
                passes=[Pass(genomes=one.get("genomes") or [one["genome"]], teacher=one.get("teacher", False),
                             taught=one.get("taught", False), forward=one.get("forward", False)) for one in passes])))
            rates.append(trainer.learning_rate)
        # Numbers at the end: what a GPU has is waited for once.
        answer: dict[str, Any] = {"losses": _numbers(losses)}
        if None not in rates:
            answer["learningRates"] = _numbers(rates)
        if trainer.metrics:
            answer["metrics"] = {name: float(value) for name, value in trainer.metrics.items()}
        return answer

    def _probe(self, trainer: Trainer, message: dict[str, Any]) -> dict[str, Any]:
        return {"losses": _numbers(trainer.probe(message["genomes"], message["samples"], message["part"]))}

    def _save(self, trainer: Trainer, message: dict[str, Any]) -> dict[str, Any]:
        path = self._place(message["name"])
        trainer.save(path + ".part")
        with open(path + ".part", "rb+") as file:
            os.fsync(file.fileno())
        os.replace(path + ".part", path)
        self._held = self._wanted(message)
        return {}

    def _load(self, trainer: Trainer, message: dict[str, Any]) -> dict[str, Any]:
        wanted = self._wanted(message)
        if self._held != wanted:
            self._held = None
            if message.get("name") is None:
                trainer.begin(message["seed"])
            else:
                trainer.load(self._place(message["name"]))
            self._held = wanted
        return {}

    def _wanted(self, message: dict[str, Any]) -> tuple[Any, ...]:
        # A step that was trained again is saved under the name that it had before.
        if message.get("name") is None:
            return (message["step"],)
        try:
            file = os.stat(self._place(message["name"]))
        except FileNotFoundError:
            raise Failed(f"there is no saved {message['name']}")
        return (message["step"], message["name"], file.st_ino, file.st_mtime_ns, file.st_size)

    def _place(self, name: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", name):
            raise Failed(f"no plain name: {name}")
        return os.path.join(self.hello.states, name)

    def _answer(self, id: int, work: Callable[[], dict[str, Any]]) -> None:
        try:
            answer = work()
            if id not in self.cancelled:
                self.send({"type": "result", "id": id, **answer})
        except Cancelled:
            pass
        except (Failed, Retry) as error:
            self.send({"type": "error", "id": id, "message": str(error)[:200], "retry": isinstance(error, Retry)})
        except Exception as error:  # The next request may well be fine.
            traceback.print_exc()
            self.send({"type": "error", "id": id, "message": f"{type(error).__name__}: {error}"[:200], "retry": False})


class _Everything(set):
    """What has every request in it: nobody waits for any."""

    def __contains__(self, _: object) -> bool:
        return True


class ConnectedWorker(Worker):
    """A worker that connects to a daemon (workerListen of its configuration), again after each run and whenever the connection is lost."""

    def __init__(self, evaluate: Callable[[Request], dict[str, float]], metrics: dict[str, str], connect: str,
                 command: str, slot: int | None = None, token_file: str | None = None, ca_file: str | None = None,
                 tls: bool = False, longest_pause: float = 30.0, **about: Any):
        self._address, self._is_tls, self._ca_file = connect, tls or ca_file is not None, ca_file
        self._claim: dict[str, Any] = {"type": "connect", "protocol": PROTOCOL, "command": command}
        if slot is not None:
            self._claim["slot"] = slot
        self._token_file = token_file
        self._longest_pause = longest_pause
        self._session = 0
        if "/" not in connect:
            host = connect.rpartition(":")[0].strip("[]")
            if token_file and not self._is_tls and host not in ("localhost", "::1") and not host.startswith("127."):
                raise ValueError("a token goes to another machine over TLS alone: say ca_file, or tls=True")
        super().__init__(evaluate, metrics, **about)

    def _take_streams(self) -> None:
        pass

    def run(self) -> None:
        pause = 0.25
        while True:
            try:
                stream = self._connected()
            except (OSError, ValueError) as error:
                print(f"{self._address}: {error}; again in {pause} s", file=sys.stderr, flush=True)
                time.sleep(pause)
                pause = min(2 * pause, self._longest_pause)
                continue
            pause = 0.25
            self._session += 1
            self.cancelled, self._queue, self._busy = set(), queue.Queue(), False
            try:
                super().run()
            finally:
                stream.close()

    def _connected(self) -> socket.socket:
        """A connection that has its slot."""
        if "/" in self._address:
            stream = socket.socket(socket.AF_UNIX)
            stream.settimeout(10)
            stream.connect(os.path.expanduser(self._address))
        else:
            host, _, port = self._address.rpartition(":")
            host = host.strip("[]")
            stream = socket.create_connection((host, int(port)), timeout=10)
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._is_tls:
                stream = ssl.create_default_context(cafile=self._ca_file).wrap_socket(stream, server_hostname=host)
        try:
            claim = dict(self._claim)
            if self._token_file is not None:
                with open(self._token_file) as file:
                    claim["token"] = file.read().strip()
            self._out, self._in = stream.makefile("wb", buffering=0), stream.makefile("rb")
            self.send(claim)
            answer = json.loads(self._in.readline(1 << 16) or '{"message": "the daemon closed the connection"}')
            if answer.get("type") != "connected":
                raise ValueError(f"no slot: {answer.get('message')}")
            print(f"connected to {self._address} as slot {answer.get('slot')}", file=sys.stderr, flush=True)
            # The next word may take days: it comes with the next run.
            stream.settimeout(None)
            return stream
        except BaseException:
            stream.close()
            raise

    def send(self, message: dict[str, Any]) -> None:
        try:
            super().send(message)
        except OSError:
            # The end of the input, which comes too, is what ends the session.
            self._leave()

    def _read(self) -> None:
        try:
            super()._read()
        except OSError:
            self._queue.put(None)
            self._leave()

    def _leave(self) -> None:
        self.cancelled = _Everything()

    def _say(self) -> None:
        session = self._session
        while session == self._session:
            time.sleep(self._beat or 10.0)
            if self._busy and session == self._session:
                self.send({"type": "progress"})


def serve(evaluate: Callable[[Request], dict[str, float]], metrics: dict[str, str], connect: str | None = None,
          **about: Any) -> None:
    """Answers requests until nasd says goodbye or is gone.

    evaluate  gets a Request and returns a number for each metric, with "samples" where it likes; Failed, Retry and
              any other exception are answers too
    metrics   {name: "maximize" | "minimize"}
    trainer   a Trainer, of a worker that trains what it measures
    about     name, device, versions, deterministic, heartbeat (seconds; None for none), stages, capacity (requests
              that may wait here, worth more than 1 where each takes milliseconds), and prepare, which gets the
              Hello before the first request, to load what is large: data, and weights that no trainer has
    connect   "host:port" or the path of a Unix socket: a worker that a daemon has not started. It then needs command, the
              name of a command with `connect: true`, and may have slot (any free one without), token_file, ca_file or
              tls=True (another machine's daemon is spoken to over TLS alone). It goes on until it is ended
    """
    if connect is None:
        Worker(evaluate, metrics, **about).run()
    else:
        ConnectedWorker(evaluate, metrics, connect, **about).run()
