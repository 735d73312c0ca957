"""A PyTorch supernet under nasd: an elastic CNN whose training nasd steers and whose subnets it searches.

    nasd run torch-training.yaml         # nasd draws what each step trains; this program trains and measures

or trained before, here by the sandwich rule, and then searched alone:

    python3 torch_supernet.py train --data DIR --steps 2000 --weights supernet.safetensors
    nasd run torch-search.yaml

nasd starts `torch_supernet.py serve` in as many slots as the run file says. Images are MNIST's IDX files, or any of their form (28x28,
10 classes). On a GPU the forward passes are in bfloat16; on the CPU they are in float32 on one thread, and the same run comes to the
same bytes. Weights are read from safetensors, or else by torch.load(weights_only=True): neither runs code of the file.
"""

import argparse
import gzip
import math
import os
import struct
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

import nasd_worker

try:
    from safetensors.torch import load_file, save_file
except ImportError:
    load_file = save_file = None

WIDTHS, DEPTHS, KERNELS, STAGES = (8, 16, 24, 32), (1, 2, 3), (3, 5, 7), 2
GROUP = 8  # channels of a group of the norm: every width is a multiple


class ElasticConv(nn.Module):
    """A convolution of which a subnet takes the leading channels and the middle of the kernel."""

    def __init__(self, channels_in: int, channels_out: int, stride: int = 1):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels_out, channels_in, max(KERNELS), max(KERNELS)))
        self.gain = nn.Parameter(torch.ones(channels_out))
        self.bias = nn.Parameter(torch.zeros(channels_out))
        self.stride = stride
        nn.init.kaiming_normal_(self.weight, nonlinearity="relu")

    def forward(self, x: torch.Tensor, width: int, kernel: int) -> torch.Tensor:
        edge = (max(KERNELS) - kernel) // 2
        weight = self.weight[:width, :x.shape[1], edge:edge + kernel, edge:edge + kernel]
        x = F.conv2d(x, weight, stride=self.stride, padding=kernel // 2)
        return F.group_norm(x, width // GROUP, self.gain[:width], self.bias[:width])


class Supernet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        most = max(WIDTHS)
        self.stem = ElasticConv(1, most, stride=2)
        self.downs = nn.ModuleList(ElasticConv(most, most, stride=2) for _ in range(STAGES - 1))
        self.blocks = nn.ModuleList(
            nn.ModuleList(ElasticConv(most, most) for _ in range(max(DEPTHS))) for _ in range(STAGES))
        self.head = nn.Linear(most, 10)

    def forward(self, x: torch.Tensor, genome: dict) -> torch.Tensor:
        width = genome["width"]
        x = F.relu(self.stem(x, width, 3))
        for stage in range(STAGES):
            if stage > 0:
                x = F.relu(self.downs[stage - 1](x, width, 3))
            for block in range(genome[f"depth.{stage}"]):
                x = x + F.relu(self.blocks[stage][block](x, width, genome[f"kernel.{stage}"]))
        return F.linear(x.mean((2, 3)), self.head.weight[:, :width], self.head.bias)


def multiply_adds(genome: dict) -> int:
    """Of one image, convolutions and the head."""
    width, size = genome["width"], 14
    total = size * size * width * 9
    for stage in range(STAGES):
        if stage > 0:
            size = (size + 1) // 2
            total += size * size * width * width * 9
        total += genome[f"depth.{stage}"] * size * size * width * width * genome[f"kernel.{stage}"] ** 2
    return total + width * 10


def latency(model: Supernet, genome: dict, device: torch.device) -> float:
    """Milliseconds for one image: the median of some passes. Two slots at a time disturb each other."""
    image, times = torch.zeros(1, 1, 28, 28, device=device), []
    for _ in range(40):
        begin = time.perf_counter()
        model(image, genome)
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        times.append(1000 * (time.perf_counter() - begin))
    return sorted(times[10:])[15]


def draw(random: torch.Generator) -> dict:
    def pick(options: tuple) -> int:
        return options[int(torch.randint(len(options), (), generator=random))]
    genome = {"width": pick(WIDTHS)}
    for stage in range(STAGES):
        genome[f"depth.{stage}"], genome[f"kernel.{stage}"] = pick(DEPTHS), pick(KERNELS)
    return genome


def extreme(choose) -> dict:
    genome = {"width": choose(WIDTHS)}
    for stage in range(STAGES):
        genome[f"depth.{stage}"], genome[f"kernel.{stage}"] = choose(DEPTHS), choose(KERNELS)
    return genome


def read_idx(path: str) -> torch.Tensor:
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        data = file.read()
    rank = data[3]
    shape = struct.unpack(f">{rank}I", data[4:4 + 4 * rank])
    return torch.frombuffer(bytearray(data[4 + 4 * rank:]), dtype=torch.uint8).reshape(shape)


def load_data(folder: str, device: torch.device) -> dict:
    """Training, held out for a sampler that learns (2,000), validation (the last 5,000 of the training files) and test part."""
    def part(name: str) -> tuple:
        for end in ("", ".gz"):
            path = os.path.join(folder, f"{name}-images-idx3-ubyte{end}")
            if os.path.exists(path):
                images = read_idx(path).float().div(255).sub(0.1307).div(0.3081).unsqueeze(1)
                labels = read_idx(path.replace("images-idx3", "labels-idx1")).long()
                return images.to(device), labels.to(device)
        raise SystemExit(f"no {name}-images-idx3-ubyte in {folder}")
    images, labels = part("train")
    return {"train": (images[:-7000], labels[:-7000]), "sampler": (images[-7000:-5000], labels[-7000:-5000]),
            "validation": (images[-5000:], labels[-5000:]), "search": (images[-5000:], labels[-5000:]), "test": part("t10k")}


def save(state: dict, path: str, is_plain: bool) -> None:
    """Writes tensors by their names: as safetensors, or else as a file of torch.save."""
    state = {name: value.detach().cpu().contiguous() for name, value in state.items()}
    if is_plain:
        torch.save(state, path)
    elif save_file is None:
        raise SystemExit("install safetensors, or name a file .pt")
    else:
        save_file(state, path)


def load(path: str, is_plain: bool) -> dict:
    if is_plain:
        return torch.load(path, map_location="cpu", weights_only=True)
    if load_file is None:
        raise SystemExit("install safetensors, or name a file .pt")
    return load_file(path)


def train(arguments: argparse.Namespace, device: torch.device) -> None:
    torch.manual_seed(arguments.seed)
    random = torch.Generator().manual_seed(arguments.seed)
    images, labels = load_data(arguments.data, device)["train"]
    model = Supernet().to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=arguments.steps)
    started = time.time()
    for step in range(arguments.steps):
        index = torch.randint(len(images), (arguments.batch,), generator=random)
        x, y = images[index.to(device)], labels[index.to(device)]
        optimizer.zero_grad(set_to_none=True)
        teacher = None
        # Sandwich: the largest learns from labels and teaches the smallest and two drawn ones.
        for genome in [extreme(max), extreme(min), draw(random), draw(random)]:
            with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
                logits = model(x, genome)
                loss = F.cross_entropy(logits, y) if teacher is None else F.cross_entropy(logits, teacher)
            loss.backward()
            if teacher is None:
                teacher = logits.detach().float().softmax(1)
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if (step + 1) % 100 == 0 or step + 1 == arguments.steps:
            print(f"step {step + 1} loss {float(loss.detach()):.4f} {time.time() - started:.0f} s", file=sys.stderr)
    save(model.state_dict(), arguments.weights + ".part", arguments.weights.endswith(".pt"))
    os.replace(arguments.weights + ".part", arguments.weights)


class Training(nasd_worker.Trainer):
    """The steps that nasd draws, with AdamW and one cycle of its rate."""

    PEAK, DECAY, CLIP = 2e-3, 0.01, 1.0

    def __init__(self, model: Supernet, parts: dict, device: torch.device):
        self.model, self.parts, self.device = model, parts, device
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=self.PEAK, weight_decay=self.DECAY)

    def begin(self, seed: int) -> None:
        torch.manual_seed(seed)
        self.model.load_state_dict(Supernet().state_dict())
        self.optimizer.state.clear()

    def _rate(self, step: nasd_worker.Step) -> float:
        """Rises over a tenth of the steps, and falls to 0 along half a cosine."""
        warm = max(1, step.steps // 10)
        if step.number < warm:
            return self.PEAK * (step.number + 1) / warm
        return self.PEAK * (1 + math.cos(math.pi * (step.number - warm) / max(1, step.steps - warm))) / 2

    def step(self, step: nasd_worker.Step) -> list:
        self.model.train()
        images, labels = self.parts["train"]
        # A function of seed and step alone: no state of a generator is to be kept.
        random = torch.Generator().manual_seed(step.seed * 1_000_003 + step.number)
        index = torch.randint(len(images), (step.batch,), generator=random).to(self.device)
        x, y = images[index], labels[index]
        self.optimizer.zero_grad(set_to_none=True)
        losses, targets = [], None
        for one in step.passes:
            told = []
            # With several genomes each has its own part of the batch, and all parts together are one mean.
            for part, genome in zip(torch.arange(len(x)).tensor_split(len(one.genomes)), one.genomes):
                rows = part.to(self.device)
                with torch.set_grad_enabled(not one.forward), torch.autocast(
                        self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
                    logits = self.model(x[rows], genome)
                    loss = F.cross_entropy(logits, y[rows])
                    if one.taught and targets is not None:
                        soft = F.cross_entropy(logits / step.temperature, targets[rows])
                        loss = (1 - step.soft_weight) * loss + step.soft_weight * soft
                if not one.forward:
                    (loss * len(rows) / len(x)).backward()
                    told.append(loss.detach())
                if one.teacher:
                    targets = (logits.detach().float() / step.temperature).softmax(1)
            if not one.forward:
                losses.append(told if len(told) > 1 else told[0])
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), self.CLIP)
        self.learning_rate = self._rate(step) * step.rate_factor
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate
        self.optimizer.step()
        self.metrics = {"gradientNorm": norm}
        return losses

    @torch.inference_mode()
    def probe(self, genomes: list, samples: int, part: int) -> list:
        self.model.eval()
        images, labels = self.parts["sampler"]
        rows = (part * samples + torch.arange(min(samples, len(images)))).remainder(len(images)).to(self.device)
        found = []
        for genome in genomes:
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
                logits = self.model(images[rows], genome)
            each = F.cross_entropy(logits.float(), labels[rows], reduction="none")
            found.append([chunk.mean() for chunk in each.split(32)])
        return found

    def save(self, path: str) -> None:
        state = {f"model.{name}": value for name, value in self.model.state_dict().items()}
        for (name, value) in self.model.named_parameters():
            for key, moment in self.optimizer.state.get(value, {}).items():
                state[f"optimizer.{name}.{key}"] = torch.as_tensor(moment)
        save(state, path, save_file is None)

    def load(self, path: str) -> None:
        state = load(path, load_file is None)
        self.model.load_state_dict({name[6:]: value for name, value in state.items() if name.startswith("model.")})
        self.optimizer.state.clear()
        for (name, value) in self.model.named_parameters():
            start = f"optimizer.{name}."
            moments = {key[len(start):]: moment for key, moment in state.items() if key.startswith(start)}
            if moments:
                self.optimizer.state[value] = {
                    key: moment if key == "step" else moment.to(self.device) for key, moment in moments.items()}


def serve(arguments: argparse.Namespace, device: torch.device) -> None:
    parts: dict = {}
    model = Supernet().to(device)

    def prepare(hello: nasd_worker.Hello) -> None:
        # With training, nasd says which weights there are.
        if not hello.states:
            model.load_state_dict(load(arguments.weights, arguments.weights.endswith(".pt")))
        parts.update(load_data(arguments.data, device))

    @torch.inference_mode()
    def evaluate(request: nasd_worker.Request) -> dict:
        model.eval()
        costs = {"megaMultiplyAdds": multiply_adds(request.genome) / 1e6}
        if arguments.latency and "latencyMilliseconds" in request.metrics:
            costs["latencyMilliseconds"] = latency(model, request.genome, device)
        # Asked before training, for the bins of a sampler.
        if request.stage == "cost":
            return costs
        images, labels = parts[request.stage]
        count = request.samples or len(images)
        images, labels, right = images[:count], labels[:count], 0
        for start in range(0, len(images), arguments.batch):
            request.check()
            with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
                found = model(images[start:start + arguments.batch], request.genome).argmax(1)
            right += int((found == labels[start:start + arguments.batch]).sum())
        return {"accuracy": right / len(images), "samples": len(images), **costs}

    nasd_worker.serve(
        evaluate, {"accuracy": "maximize", "megaMultiplyAdds": "minimize",
                   **({"latencyMilliseconds": "minimize"} if arguments.latency else {})}, name="torch_supernet",
        device=str(device) + (f" {torch.cuda.get_device_name(device)}" if device.type == "cuda" else ""),
        versions={"torch": torch.__version__}, deterministic=device.type == "cpu" and not arguments.latency, prepare=prepare,
        trainer=Training(model, parts, device))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=["train", "serve"])
    parser.add_argument("--data", required=True, help="folder of the IDX files, plain or .gz")
    parser.add_argument("--weights", default="supernet.safetensors")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--latency", action="store_true", help="measure latencyMilliseconds, too, where it is asked for")
    arguments = parser.parse_args()
    device = torch.device(arguments.device)
    if device.type == "cpu" and arguments.verb == "serve":
        torch.set_num_threads(1)
    torch.use_deterministic_algorithms(device.type == "cpu")
    {"train": train, "serve": serve}[arguments.verb](arguments, device)


if __name__ == "__main__":
    main()
