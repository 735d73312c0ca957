#!/usr/bin/env python3
"""Writes cnn.safetensors: an elastic convolutional network as PyTorch computes it.

Initial weights under nasd's names, one batch, and for four subnets (largest, smallest, two random) logits, mean loss and the
gradient of every parameter, with batch norms over each half of the batch; then the pooled moments of its norms over other images
in chunks of 32, and the logits of the batch by these.

needs: python3 -m pip install torch numpy safetensors      (made with torch 2.15.0)
usage: make_cnn_fixtures.py [cnn.safetensors]
"""
import json
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

torch.manual_seed(12)
torch.set_num_threads(1)
# Weights are 32-bit floats; what comes of them is computed with 64 and then rounded.
torch.set_default_dtype(torch.float64)
HEIGHT, WIDTH, CHANNELS, CLASSES, EPSILON = 9, 7, 2, 5, 1e-5
BATCH, GROUP, CALIBRATION, CHUNK = 8, 4, 40, 32
STEM, HEAD, MIX = 8, 16, 8
# Blocks 1 and 2 are of the elastic stage, block 3 is the last. Widths, depth, kernels and ratios:
GENOMES = {
    "width=16,16;depth=2;kernel=7,7,5;expand=3,3": (16, 16, 2, [7, 7, 5], [3, 3]),
    "width=8,8;depth=1;kernel=3,3;expand=2": (8, 8, 1, [3, 3], [2]),
    "width=16,8;depth=2;kernel=5,3,3;expand=2,3": (16, 8, 2, [5, 3, 3], [2, 3]),
    "width=8,16;depth=1;kernel=7,5;expand=3": (8, 16, 1, [7, 5], [3]),
}


def blocks(genome):
    """Number, input, middle and output channels, kernel, stride, activation, whether it squeezes, whether it has a shortcut."""
    first, last, depth, kernels, ratios = genome
    yield 0, STEM, STEM, STEM, 3, 1, F.relu, False, True
    channels = STEM
    for place in range(depth):
        yield (1 + place, channels, channels * ratios[place], first, kernels[place], 1 if place else 2, F.silu, False, place > 0)
        channels = first
    yield 3, channels, channels * 2, last, kernels[depth], 1, F.relu6, True, False


def weights():
    largest = next(iter(GENOMES.values()))
    w = {}

    def convolution(name, outputs, inputs, kernel):
        w[name + ".weight"] = torch.randn(outputs, inputs, kernel, kernel) * (2 / (inputs * kernel * kernel)) ** 0.5
        w[name + ".norm.weight"], w[name + ".norm.bias"] = 1 + 0.3 * torch.randn(outputs), 0.3 * torch.randn(outputs)

    def linear(name, outputs, inputs):
        w[name + ".weight"], w[name + ".bias"] = torch.randn(outputs, inputs) * 0.3, torch.randn(outputs) * 0.3

    convolution("stem", STEM, CHANNELS, 3)
    for number, c, m, o, k, _, _, squeezes, _ in blocks(largest):
        name = f"blocks.{number}."
        if m != c:
            convolution(name + "expand", m, c, 1)
        convolution(name + "depthwise", m, 1, k)
        if squeezes:
            linear(name + "squeeze", max(8, m // 4), m)
            linear(name + "excite", m, max(8, m // 4))
        convolution(name + "project", o, m, 1)
    convolution("head", HEAD, 16, 1)
    w["mix.weight"] = torch.randn(MIX, HEAD) * 0.3
    linear("classifier", CLASSES, MIX)
    return {k: v.float().double().requires_grad_() for k, v in w.items()}


class Pass:
    """A forward of a subnet: what it takes of every weight, and whence its norms have their moments."""

    def __init__(self, w, genome, norm):
        self.w, self.genome, self.norm, self.used = w, genome, norm, {}

    def cut(self, name, *sizes):
        """The leading part of a weight, the centre of a kernel."""
        v = self.w[name]
        cuts = [slice(0, size) for size in sizes[:2]]
        if len(sizes) == 4:
            first = (v.shape[3] - sizes[3]) // 2
            cuts += [slice(first, first + sizes[3])] * 2
        self.used[name] = tuple(cuts)
        return v[tuple(cuts)]

    def convolve(self, x, name, outputs, inputs, kernel, activation, stride=1, groups=1):
        z = F.conv2d(x, self.cut(name + ".weight", outputs, inputs, kernel, kernel), None, stride, kernel // 2, 1, groups)
        y = self.norm(z, name, self.cut(name + ".norm.weight", outputs), self.cut(name + ".norm.bias", outputs))
        return activation(y) if activation else y

    def linear(self, x, name, outputs, inputs):
        return F.linear(x, self.cut(name + ".weight", outputs, inputs), self.cut(name + ".bias", outputs))

    def __call__(self, x):
        """x is (batch, height, width, channels)."""
        x = self.convolve(x.permute(0, 3, 1, 2), "stem", STEM, CHANNELS, 3, F.hardswish)
        for number, c, m, o, k, stride, activation, squeezes, shortcut in blocks(self.genome):
            name, y = f"blocks.{number}.", x
            if name + "expand.weight" in self.w:
                y = self.convolve(y, name + "expand", m, c, 1, activation)
            y = self.convolve(y, name + "depthwise", m, 1, k, activation, stride, m)
            if squeezes:
                q = max(8, m // 4)
                gates = F.relu(self.linear(y.mean((2, 3)), name + "squeeze", q, m))
                y = y * F.hardsigmoid(self.linear(gates, name + "excite", m, q))[:, :, None, None]
            y = self.convolve(y, name + "project", o, m, 1, None)
            x = x + y if shortcut else y
        x = self.convolve(x, "head", HEAD, x.shape[1], 1, F.hardswish).mean((2, 3))
        x = F.hardswish(F.linear(x, self.cut("mix.weight", MIX, HEAD)))
        return self.linear(x, "classifier", CLASSES, MIX)


def batch_norm(z, name, gain, offset):
    return F.batch_norm(z, None, None, gain, offset, True, 0.0, EPSILON)


class Moments:
    """Means and mean squares of every norm over chunks that are normalised by their own moments."""

    def __init__(self):
        self.sums, self.share = {}, 0

    def __call__(self, z, name, gain, offset):
        mean, variance = z.mean((0, 2, 3)), z.var((0, 2, 3), unbiased=False)
        old = self.sums.get(name, (0, 0))
        self.sums[name] = old[0] + self.share * mean, old[1] + self.share * (variance + mean * mean)
        return batch_norm(z, name, gain, offset)

    def pooled(self):
        return {name: (mean, square - mean * mean) for name, (mean, square) in self.sums.items()}


def main():
    w = weights()
    x, y = torch.randn(BATCH, HEIGHT, WIDTH, CHANNELS).float().double(), torch.arange(BATCH) % CLASSES
    calibration = (torch.randn(CALIBRATION, HEIGHT, WIDTH, CHANNELS) * 1.2 + 0.1).float().double()
    out = {"weights." + k: v.detach().clone() for k, v in w.items()}
    out["images"], out["calibration"] = x.reshape(BATCH, -1).clone(), calibration.reshape(CALIBRATION, -1).clone()
    losses = []
    for index, genome in enumerate(GENOMES.values()):
        for v in w.values():
            v.grad = None
        training = Pass(w, genome, batch_norm)
        logits = torch.cat([training(part) for part in x.split(GROUP)])
        loss = F.cross_entropy(logits, y)
        loss.backward()
        losses.append(loss.item())
        out[f"{index}.logits"] = logits.detach().clone()
        for name, cut in training.used.items():
            gradient = w[name].grad
            out[f"{index}.gradient.{name}"] = gradient[cut].clone()
            gradient[cut] = 0
        assert all(v.grad is None or not v.grad.any() for v in w.values())
        moments = Moments()
        with torch.no_grad():
            for part in calibration.split(CHUNK):
                moments.share = len(part) / CALIBRATION
                Pass(w, genome, moments)(part)
            pooled = moments.pooled()
            fixed = lambda z, name, gain, offset: F.batch_norm(z, *pooled[name], gain, offset, False, 0.0, EPSILON)
            out[f"{index}.evaluated"] = Pass(w, genome, fixed)(x)
        for name, (mean, variance) in pooled.items():
            out[f"{index}.{name}.norm.mean"], out[f"{index}.{name}.norm.variance"] = mean, variance
    meta = {"genomes": json.dumps(list(GENOMES)), "losses": json.dumps(losses), "torch": torch.__version__}
    out = {name: value.float().contiguous() for name, value in out.items()}
    save_file(out, sys.argv[1] if len(sys.argv) > 1 else "cnn.safetensors", metadata=meta)


if __name__ == "__main__":
    main()
