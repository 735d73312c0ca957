#!/usr/bin/env python3
"""Writes a PyTorch supernet's initial weights, some batches and the losses of 20 AdamW steps of its largest subnet.

`swift test --filter PeerLossTests` with NASD_PEER_LOSSES set to the file trains the same network from the same weights.

needs: torch, numpy, safetensors
usage: peer_losses.py PEER.py DATA OUT.safetensors [--space mnist|cifar] [--rate R]
PEER.py defines SPACES, ElasticViT, pick and idx as a weight-sharing elastic ViT in eager PyTorch.
"""
import argparse
import importlib.util
import json

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

NAMES = {"pw": "patch.weight", "pb": "patch.bias", "cls": "classToken", "pos": "positions", "nw": "finalNorm.weight",
         "nb": "finalNorm.bias", "hw": "head.weight", "hb": "head.bias"}
BLOCK = {"n1w": "attentionNorm.weight", "n1b": "attentionNorm.bias", "n2w": "mlpNorm.weight", "n2b": "mlpNorm.bias",
         "qw": "query.weight", "qb": "query.bias", "kw": "key.weight", "kb": "key.bias", "vw": "value.weight",
         "vb": "value.bias", "ow": "projection.weight", "ob": "projection.bias", "w1": "expansion.weight",
         "b1": "expansion.bias", "w2": "contraction.weight", "b2": "contraction.bias"}


def dotted(name):
    if name.startswith("blocks."):
        _, block, key = name.split(".")
        return f"blocks.{block}.{BLOCK[key]}"
    return NAMES[name]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("peer")
    parser.add_argument("data")
    parser.add_argument("out")
    parser.add_argument("--space", default="mnist")
    parser.add_argument("--rate", type=float, default=2e-4, help="at 1e-3 without warm-up step 13 leaves a plateau, and "
                        "float32 and float64 of PyTorch itself part by 1e-3 from there on")
    o = parser.parse_args()
    spec = importlib.util.spec_from_file_location("peer", o.peer)
    peer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(peer)
    torch.manual_seed(0)
    space = peer.SPACES[o.space]
    net = peer.ElasticViT(space)
    x = torch.from_numpy(peer.idx(f"{o.data}/t10k-images-idx3-ubyte.gz")[: 20 * 64].copy()).unsqueeze(-1)
    y = torch.from_numpy(peer.idx(f"{o.data}/t10k-labels-idx1-ubyte.gz")[: 20 * 64].astype("int64"))
    if o.space == "cifar":
        x = F.pad(x, (0, 0, 2, 2, 2, 2)).expand(-1, -1, -1, 3)
    x = x.float() / 255 - 0.5
    out = {dotted(k): v.detach().clone().reshape(v.shape[-2:] if v.dim() > 1 else v.shape) for k, v in net.named_parameters()}
    out["images"] = x.reshape(20 * 64, -1).contiguous()
    optimizer = torch.optim.AdamW(net.parameters(), o.rate, weight_decay=0.05)
    largest, losses = peer.pick(space, max), []
    for step in range(20):
        batch = slice(64 * step, 64 * step + 64)
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x[batch], largest), y[batch])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    save_file(out, o.out, metadata={"losses": json.dumps(losses), "labels": json.dumps(y.tolist()), "space": f"vit-{o.space}", "rate": str(o.rate)})
    print(json.dumps(losses))


if __name__ == "__main__":
    main()
