#!/usr/bin/env python3
"""Writes cnn.safetensors or resnet.safetensors: an elastic convolutional network as PyTorch computes it, of inverted bottlenecks or
of the blocks of residual networks.

Initial weights under nasd's names, one batch, and for four subnets (largest, smallest, two random) logits, mean loss and the
gradient of every parameter, with batch norms over each half of the batch; then the pooled moments of its norms over other images
in chunks of 32, and the logits of the batch by these.

needs: python3 -m pip install torch numpy safetensors      (cnn made with torch 2.15.0, resnet with 2.13.0)
usage: make_cnn_fixtures.py cnn|resnet [FILE]
"""
import json
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

torch.set_num_threads(1)
# Weights are 32-bit floats; what comes of them is computed with 64 and then rounded.
torch.set_default_dtype(torch.float64)
CHANNELS, CLASSES, EPSILON = 2, 5, 1e-5
BATCH, GROUP, CALIBRATION, CHUNK = 8, 4, 40, 32
STEM, HEAD, MIX = 8, 16, 8
# Of inverted bottlenecks: blocks 1 and 2 are of the elastic stage, block 3 is the last. Widths, depth, kernels and ratios:
GENOMES = {
    "width=16,16;depth=2;kernel=7,7,5;expand=3,3": (16, 16, 2, [7, 7, 5], [3, 3]),
    "width=8,8;depth=1;kernel=3,3;expand=2": (8, 8, 1, [3, 3], [2]),
    "width=16,8;depth=2;kernel=5,3,3;expand=2,3": (16, 8, 2, [5, 3, 3], [2, 3]),
    "width=8,16;depth=1;kernel=7,5;expand=3": (8, 16, 1, [7, 5], [3]),
}
# Of residual networks: a deep stem, blocks 0 and 1 of a stage of bottlenecks, block 2 of another, blocks 3 to 5 of a stage of basic
# blocks with widths of their own, and block 6. Inner channels, convolutions between, width of the stem; widths, ratios, widths and
# middles of blocks, width of the last:
RESIDUAL = {
    "stemInner=8;stemDepth=1;stemWidth=8;width=24,12;depth=2,3;expand=1,1;blockWidth=12,12,12;middle=8,8,8":
        (8, 1, 8, 24, [1, 1], [12, 12, 12], [8, 8, 8], 12),
    "stemInner=4;stemDepth=0;stemWidth=6;width=16,9;depth=1,1;expand=0.5;blockWidth=6;middle=5":
        (4, 0, 6, 16, [0.5], [6], [5], 9),
    "stemInner=8;stemDepth=1;stemWidth=6;width=16,12;depth=2,3;expand=1,0.5;blockWidth=9,9,6;middle=5,8,5":
        (8, 1, 6, 16, [1, 0.5], [9, 9, 6], [5, 8, 5], 12),
    "stemInner=4;stemDepth=1;stemWidth=8;width=24,9;depth=1,2;expand=0.5;blockWidth=12,9;middle=8,5":
        (4, 1, 8, 24, [0.5], [12, 9], [8, 5], 9),
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


def residual_blocks(genome):
    """Number, whether it is a bottleneck, input, middle and output channels, kernel, stride, activation, shortcut."""
    _, _, channels, width, ratios, widths, middles, last = genome
    for place, ratio in enumerate(ratios):
        # Rounded to a multiple of 8 that is at least 0.9 of it; 12 becomes 16.
        yield (place, True, channels, (int(width * ratio) + 4) // 8 * 8, width, 3, 1, F.relu, "identity" if place else "norm")
        channels = width
    yield 2, True, channels, 8, 16, 5, 2, F.relu6, "norm"
    channels = 16
    for place, (o, m) in enumerate(zip(widths, middles)):
        shortcut = "plain" if place == 0 else "identity" if o == channels else "norm"
        yield 3 + place, False, channels, m, o, 3, 1 if place else 2, F.relu, shortcut
        channels = o
    yield 6, False, channels, last, last, 3, 1, F.silu, "identity" if last == channels else "norm"


class Weights(dict):
    """Random values under their names."""

    def convolution(self, name, outputs, inputs, kernel):
        self[name + ".weight"] = torch.randn(outputs, inputs, kernel, kernel) * (2 / (inputs * kernel * kernel)) ** 0.5
        self[name + ".norm.weight"], self[name + ".norm.bias"] = 1 + 0.3 * torch.randn(outputs), 0.3 * torch.randn(outputs)

    def linear(self, name, outputs, inputs):
        self[name + ".weight"], self[name + ".bias"] = torch.randn(outputs, inputs) * 0.3, torch.randn(outputs) * 0.3

    def rounded(self):
        return {k: v.float().double().requires_grad_() for k, v in self.items()}


def weights():
    w = Weights()
    w.convolution("stem", STEM, CHANNELS, 3)
    for number, c, m, o, k, _, _, squeezes, _ in blocks(next(iter(GENOMES.values()))):
        name = f"blocks.{number}."
        if m != c:
            w.convolution(name + "expand", m, c, 1)
        w.convolution(name + "depthwise", m, 1, k)
        if squeezes:
            w.linear(name + "squeeze", max(8, m // 4), m)
            w.linear(name + "excite", m, max(8, m // 4))
        w.convolution(name + "project", o, m, 1)
    w.convolution("head", HEAD, 16, 1)
    w["mix.weight"] = torch.randn(MIX, HEAD) * 0.3
    w.linear("classifier", CLASSES, MIX)
    return w.rounded()


def residual_weights():
    """Of the largest network, and of shortcuts that others have where widths change."""
    largest, w = next(iter(RESIDUAL.values())), Weights()
    inner, between, width = largest[:3]
    w.convolution("stem.first", inner, CHANNELS, 3)
    for place in range(between):
        w.convolution(f"stem.between.{place}", inner, inner, 3)
    w.convolution("stem", width, inner, 3)
    for number, is_bottleneck, c, m, o, k, _, _, shortcut in residual_blocks(largest):
        name = f"blocks.{number}."
        if shortcut == "plain":
            w[name + "shortcut.weight"] = torch.randn(o, c, 1, 1) * (2 / c) ** 0.5
        elif shortcut == "norm" or not is_bottleneck:
            w.convolution(name + "shortcut", o, c, 1)
        if is_bottleneck:
            w.convolution(name + "reduce", m, c, 1)
        w.convolution(name + "spatial", m, m if is_bottleneck else c, k)
        w.convolution(name + "project", o, m, 1 if is_bottleneck else k)
    w.linear("classifier", CLASSES, largest[-1])
    return w.rounded()


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

    def convolve(self, x, name, outputs, inputs, kernel, activation=None, stride=1, groups=1):
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


class ResidualPass(Pass):
    """A forward of a residual network, which notes how close it comes to where an activation bends."""

    nearest = 1.0

    def bend(self, activation, x):
        if torch.is_grad_enabled() and activation in (F.relu, F.relu6):
            bends = (0, 6) if activation is F.relu6 else (0,)
            ResidualPass.nearest = min([ResidualPass.nearest] + [(x.detach() - bend).abs().min().item() for bend in bends])
        return activation(x) if activation else x

    def convolve(self, x, name, outputs, inputs, kernel, activation=None, stride=1):
        return self.bend(activation, super().convolve(x, name, outputs, inputs, kernel, None, stride))

    def __call__(self, x):
        inner, between, width = self.genome[:3]
        x = self.convolve(x.permute(0, 3, 1, 2), "stem.first", inner, CHANNELS, 3, F.relu)
        for place in range(between):
            x = x + self.convolve(x, f"stem.between.{place}", inner, inner, 3, F.relu)
        x = F.max_pool2d(self.convolve(x, "stem", width, inner, 3, F.relu), 3, 2, 1)
        for number, is_bottleneck, c, m, o, k, stride, activation, shortcut in residual_blocks(self.genome):
            name, beside = f"blocks.{number}.", x
            if stride > 1:
                beside = F.avg_pool2d(x, stride, stride, ceil_mode=True)
            if shortcut == "norm":
                beside = self.convolve(beside, name + "shortcut", o, c, 1)
            elif shortcut == "plain":
                beside = F.conv2d(beside, self.cut(name + "shortcut.weight", o, c, 1, 1))
            y = self.convolve(x, name + "reduce", m, c, 1, activation) if is_bottleneck else x
            y = self.convolve(y, name + "spatial", m, m if is_bottleneck else c, k, activation, stride)
            x = self.bend(activation, beside + self.convolve(y, name + "project", o, m, 1 if is_bottleneck else k))
        return self.linear(x.mean((2, 3)), "classifier", CLASSES, x.shape[1])


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
    kind = sys.argv[1] if len(sys.argv) > 1 else ""
    if kind not in ("cnn", "resnet"):
        sys.exit(__doc__)
    # One for which no value lies so close to a bend that 32 bits would take it to the other side.
    torch.manual_seed({"cnn": 12, "resnet": 17}[kind])
    genomes, pass_of, w, height, width = (
        (GENOMES, Pass, weights(), 9, 7) if kind == "cnn" else (RESIDUAL, ResidualPass, residual_weights(), 21, 17))
    x, y = torch.randn(BATCH, height, width, CHANNELS).float().double(), torch.arange(BATCH) % CLASSES
    calibration = (torch.randn(CALIBRATION, height, width, CHANNELS) * 1.2 + 0.1).float().double()
    out = {"weights." + k: v.detach().clone() for k, v in w.items()}
    out["images"], out["calibration"] = x.reshape(BATCH, -1).clone(), calibration.reshape(CALIBRATION, -1).clone()
    losses = []
    for index, genome in enumerate(genomes.values()):
        for v in w.values():
            v.grad = None
        training = pass_of(w, genome, batch_norm)
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
                pass_of(w, genome, moments)(part)
            pooled = moments.pooled()
            fixed = lambda z, name, gain, offset: F.batch_norm(z, *pooled[name], gain, offset, False, 0.0, EPSILON)
            out[f"{index}.evaluated"] = pass_of(w, genome, fixed)(x)
        for name, (mean, variance) in pooled.items():
            out[f"{index}.{name}.norm.mean"], out[f"{index}.{name}.norm.variance"] = mean, variance
    assert ResidualPass.nearest > 3e-6, "a value lies on a bend: take another seed"
    meta = {"genomes": json.dumps(list(genomes)), "losses": json.dumps(losses), "torch": torch.__version__}
    out = {name: value.float().contiguous() for name, value in out.items()}
    save_file(out, sys.argv[2] if len(sys.argv) > 2 else kind + ".safetensors", metadata=meta)


if __name__ == "__main__":
    main()
