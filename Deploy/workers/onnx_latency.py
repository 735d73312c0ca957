"""A worker of nasd: what architectures of a trained supernet take and know as ONNX files, computed by ONNX Runtime.

    python3 onnx_latency.py run.yaml --directory nasd-runs/NAME [--nasd nasd] [--threads 1] [--cpu N] [--batch 1]
    python3 onnx_latency.py … --connect host:port --command onnx --token-file token --ca-file ca.pem    # on the device itself

run.yaml is the run that trained the supernet, --directory its data directory, NASD the program that cuts networks out of it (`nasd
extract --format onnx`, which holds each file against the network before it leaves). A file that is there is not made again (the
slot's own folder, or --models), so that another process, or another machine, may lay them ready under genome.onnx.

Answers, for nasd-worker/1: latencyMilliseconds, the median of what a pass takes after warm-ups, without the lowest and highest tenth;
deviationMilliseconds, the median absolute deviation of the same; and accuracy, that of the subnet on the validation data, as extract
has measured it. Needs onnxruntime and numpy.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import time

import nasd_worker
import numpy
import onnxruntime

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("run")
parser.add_argument("--directory", required=True)
parser.add_argument("--nasd", default="nasd")
parser.add_argument("--models", help="folder of the files; default the slot's own")
parser.add_argument("--provider", default="CPUExecutionProvider")
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--cpu", type=int, help="the first of the processors to stay on; default the slot's number times threads")
parser.add_argument("--batch", type=int, default=1)
parser.add_argument("--warmups", type=int, default=20)
parser.add_argument("--passes", type=int, default=100)
for name in ("connect", "command", "token-file", "ca-file"):
    parser.add_argument("--" + name)
options = parser.parse_args()
allowed = sorted(os.sched_getaffinity(0))
place = {"models": ".", "processors": allowed}


def prepare(hello):
    """Measures on processors of its own, where there are so many."""
    place["models"] = options.models or hello.folder
    first = options.cpu if options.cpu is not None else hello.slot * options.threads
    place["processors"] = [allowed[(first + index) % len(allowed)] for index in range(options.threads)]
    print(f"slot {hello.slot} measures on the processors {place['processors']}", file=sys.stderr, flush=True)


def text(genome):
    """The architecture as results.csv has it: depth=2;heads=1,2."""
    lists = {}
    for name, value in genome.items():
        base, _, index = name.rpartition(".")
        is_one_of_many = base and index.isdigit()
        lists.setdefault(base if is_one_of_many else name, {})[int(index) if is_one_of_many else 0] = value
    return ";".join(f"{name}={','.join(str(values[index]) for index in sorted(values))}" for name, values in lists.items())


def model(request):
    """The file of an architecture, made where it is not there."""
    path = os.path.join(place["models"], hashlib.sha256(request.key.encode()).hexdigest()[:32] + ".onnx")
    if not os.path.exists(path):
        arguments = [options.nasd, "extract", options.run, "--directory", options.directory, "--workers", "1",
                     "--genome", text(request.genome), "--format", "onnx", "--output", path]
        made = subprocess.run(arguments, capture_output=True, text=True)
        if made.returncode != 0:
            raise nasd_worker.Failed(made.stderr.strip()[-200:] or f"nasd extract ended with {made.returncode}")
    return path


def trimmed(values):
    """The values in order, without the lowest and the highest tenth."""
    values = sorted(values)
    cut = len(values) // 10
    return values[cut:len(values) - cut]


def evaluate(request):
    path = model(request)
    os.sched_setaffinity(0, place["processors"])
    try:
        return measured(path, request)
    finally:
        os.sched_setaffinity(0, allowed)


def measured(path, request):
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads, settings.inter_op_num_threads = options.threads, 1
    session = onnxruntime.InferenceSession(path, settings, providers=[options.provider])
    entry = session.get_inputs()[0]
    shape = [options.batch] + [size for size in entry.shape[1:]]
    batch = {entry.name: numpy.random.default_rng(0).standard_normal(shape, dtype=numpy.float32)}
    for _ in range(options.warmups):
        session.run(None, batch)
    taken = []
    for _ in range(options.passes):
        begin = time.perf_counter_ns()
        session.run(None, batch)
        taken.append((time.perf_counter_ns() - begin) / 1e6)
        request.check()
    kept = trimmed(taken)
    median = float(numpy.median(kept))
    answer = {"latencyMilliseconds": median,
              "deviationMilliseconds": float(numpy.median([abs(value - median) for value in kept]))}
    known = session.get_modelmeta().custom_metadata_map
    if "validationAccuracy" in known:
        answer["accuracy"] = float(known["validationAccuracy"])
    return answer


def serve():
    metrics = {"latencyMilliseconds": "minimize", "deviationMilliseconds": "minimize", "accuracy": "maximize"}
    about = dict(name="onnx-latency", device=options.provider, prepare=prepare,
                 versions={"onnxruntime": onnxruntime.__version__, "numpy": numpy.__version__})
    if options.connect:
        about |= dict(connect=options.connect, command=options.command, token_file=options.token_file,
                      ca_file=options.ca_file)
    nasd_worker.serve(evaluate, metrics, **about)


if __name__ == "__main__":
    serve()
