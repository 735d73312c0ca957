#!/usr/bin/env python3
"""Writes vit.safetensors: an elastic vision transformer as PyTorch computes it.

Initial weights under nasd's names, one batch, and for four subnets (largest, smallest, two random) logits, mean loss and
the gradient of every parameter; then the losses of 20 AdamW steps of the largest subnet.

needs: python3 -m pip install torch numpy safetensors      (made with torch 2.13.0+cpu)
usage: make_vit_fixtures.py [vit.safetensors]
"""
import json
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

torch.manual_seed(11)
torch.set_num_threads(1)
SIDE, CHANNELS, PATCH, CLASSES, HEAD = 12, 2, 4, 5, 4
EMBED, DEPTH, HEADS, HIDDEN = 16, 3, 3, 48
TOKENS = (SIDE // PATCH) ** 2 + 1
GENOMES = {
    "embed=16;depth=3;heads=3,3,3;mlpRatio=3,3,3": (16, [3, 3, 3], [3, 3, 3]),
    "embed=8;depth=1;heads=1;mlpRatio=2": (8, [1], [2]),
    "embed=12;depth=2;heads=2,3;mlpRatio=3,2": (12, [2, 3], [3, 2]),
    "embed=8;depth=3;heads=3,1,2;mlpRatio=2,3,3": (8, [3, 1, 2], [2, 3, 3]),
}


def weights():
    def draw(*shape):
        return torch.randn(*shape) * 0.3

    w = {
        "patch.weight": draw(EMBED, PATCH * PATCH * CHANNELS), "patch.bias": draw(EMBED),
        "classToken": draw(1, EMBED), "positions": draw(TOKENS, EMBED),
        "finalNorm.weight": 1 + draw(EMBED), "finalNorm.bias": draw(EMBED),
        "head.weight": draw(CLASSES, EMBED), "head.bias": draw(CLASSES),
    }
    for b in range(DEPTH):
        p = f"blocks.{b}."
        for norm in ("attentionNorm", "mlpNorm"):
            w[p + norm + ".weight"], w[p + norm + ".bias"] = 1 + draw(EMBED), draw(EMBED)
        for name in ("query", "key", "value"):
            w[p + name + ".weight"], w[p + name + ".bias"] = draw(HEADS * HEAD, EMBED), draw(HEADS * HEAD)
        w[p + "projection.weight"], w[p + "projection.bias"] = draw(EMBED, HEADS * HEAD), draw(EMBED)
        w[p + "expansion.weight"], w[p + "expansion.bias"] = draw(HIDDEN, EMBED), draw(HIDDEN)
        w[p + "contraction.weight"], w[p + "contraction.bias"] = draw(EMBED, HIDDEN), draw(EMBED)
    return {k: v.requires_grad_() for k, v in w.items()}


def forward(w, x, embed, heads, ratios):
    """x is (batch, height, width, channels)."""
    d, n, B = embed, SIDE // PATCH, x.shape[0]
    x = x.view(B, n, PATCH, n, PATCH, CHANNELS).permute(0, 1, 3, 2, 4, 5).reshape(B, n * n, -1)
    x = F.linear(x, w["patch.weight"][:d], w["patch.bias"][:d])
    x = torch.cat([w["classToken"][None, :, :d].expand(B, -1, -1), x], 1) + w["positions"][:, :d]
    for b, (h, ratio) in enumerate(zip(heads, ratios)):
        p, a, m = f"blocks.{b}.", h * HEAD, d * ratio
        norm = lambda v, name: F.layer_norm(v, (d,), w[p + name + ".weight"][:d], w[p + name + ".bias"][:d])
        lin = lambda v, name, o: F.linear(v, w[p + name + ".weight"][:o, : v.shape[-1]], w[p + name + ".bias"][:o])
        y = norm(x, "attentionNorm")
        q, k, v = (lin(y, name, a).view(B, TOKENS, h, HEAD).transpose(1, 2) for name in ("query", "key", "value"))
        y = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(B, TOKENS, a)
        x = x + lin(y, "projection", d)
        x = x + lin(F.gelu(lin(norm(x, "mlpNorm"), "expansion", m)), "contraction", d)
    x = F.layer_norm(x[:, 0], (d,), w["finalNorm.weight"][:d], w["finalNorm.bias"][:d])
    return F.linear(x, w["head.weight"][:, :d], w["head.bias"])


def main():
    w = weights()
    batch = 8
    x, y = torch.randn(batch, SIDE, SIDE, CHANNELS), torch.arange(batch) % CLASSES
    out = {"weights." + k: v.detach().clone() for k, v in w.items()}
    out["images"] = x.reshape(batch, -1).clone()
    losses = {}
    for index, (name, (embed, heads, ratios)) in enumerate(GENOMES.items()):
        for v in w.values():
            v.grad = None
        logits = forward(w, x, embed, heads, ratios)
        loss = F.cross_entropy(logits, y)
        loss.backward()
        losses[name] = loss.item()
        out[f"{index}.logits"] = logits.detach().clone()
        for k, v in w.items():
            if v.grad is not None:
                out[f"{index}.gradient.{k}"] = v.grad.clone()
    optimizer = torch.optim.AdamW(w.values(), 1e-2, weight_decay=0.05)
    trained = []
    largest = next(iter(GENOMES.values()))
    for _ in range(20):
        optimizer.zero_grad()
        loss = F.cross_entropy(forward(w, x, *largest), y)
        loss.backward()
        optimizer.step()
        trained.append(loss.item())
    meta = {"genomes": json.dumps(list(GENOMES)), "losses": json.dumps(list(losses.values())),
            "trained": json.dumps(trained), "torch": torch.__version__}
    save_file(out, sys.argv[1] if len(sys.argv) > 1 else "vit.safetensors", metadata=meta)


if __name__ == "__main__":
    main()
