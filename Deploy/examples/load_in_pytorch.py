#!/usr/bin/env python3
"""Loads a network that nasd found into stock PyTorch and measures it on IDX test data.

The file is safetensors; its metadata key `nasd` holds a JSON description of the architecture, the normalisation and what
nasd measured. Prints PyTorch's accuracy beside nasd's.

needs: python3 -m pip install torch numpy safetensors
usage: load_in_pytorch.py MODEL.safetensors --images t10k-images-idx3-ubyte.gz --labels t10k-labels-idx1-ubyte.gz
"""
import argparse
import gzip
import json
import struct

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import safe_open


class VisionTransformer(torch.nn.Module):
    """A pre-norm vision transformer whose blocks differ in heads and hidden width."""

    def __init__(self, architecture, weights):
        super().__init__()
        self.a = architecture
        self.w = torch.nn.ParameterDict({k.replace(".", "/"): torch.nn.Parameter(v) for k, v in weights.items()})

    def p(self, name):
        return self.w[name.replace(".", "/")]

    def linear(self, x, name):
        return F.linear(x, self.p(name + ".weight"), self.p(name + ".bias"))

    def norm(self, x, name):
        return F.layer_norm(x, x.shape[-1:], self.p(name + ".weight"), self.p(name + ".bias"), 1e-5)

    def forward(self, images):
        """images: (batch, height, width, channels), normalised."""
        batch, height, width, channels = images.shape
        patch, embed, head = self.a["patch"], self.a["embed"], self.a["headWidth"]
        rows, columns = height // patch, width // patch
        x = images.view(batch, rows, patch, columns, patch, channels).permute(0, 1, 3, 2, 4, 5)
        x = self.linear(x.reshape(batch, rows * columns, -1), "patch")
        x = torch.cat([self.p("classToken").view(1, 1, embed).expand(batch, -1, -1), x], 1) + self.p("positions")
        for index, heads in enumerate(self.a["heads"]):
            block = f"blocks.{index}."
            y = self.norm(x, block + "attentionNorm")
            q, k, v = (self.linear(y, block + n).view(batch, -1, heads, head).transpose(1, 2) for n in ("query", "key", "value"))
            y = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(batch, -1, heads * head)
            x = x + self.linear(y, block + "projection")
            y = F.gelu(self.linear(self.norm(x, block + "mlpNorm"), block + "expansion"))
            x = x + self.linear(y, block + "contraction")
        return self.linear(self.norm(x[:, 0], "finalNorm"), "head")


def read_idx(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        raw = file.read()
    dimensions = raw[3]
    shape = struct.unpack(">" + "I" * dimensions, raw[4 : 4 + 4 * dimensions])
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model")
    parser.add_argument("--images", required=True)
    parser.add_argument("--labels", required=True)
    options = parser.parse_args()
    with safe_open(options.model, framework="pt") as file:
        description = json.loads(file.metadata()["nasd"])
        network = VisionTransformer(description["architecture"], {k: file.get_tensor(k) for k in file.keys()}).eval()
    images = torch.from_numpy(read_idx(options.images).astype(np.float32) / 255)
    images = images.reshape(len(images), *description["architecture"]["image"])
    scaling = description["normalization"]
    images = (images - torch.tensor(scaling["mean"])) / torch.tensor(scaling["deviation"])
    labels = torch.from_numpy(read_idx(options.labels).astype(np.int64))
    with torch.inference_mode():
        hits = sum((network(images[i : i + 500]).argmax(1) == labels[i : i + 500]).sum().item() for i in range(0, len(images), 500))
    print(f"genome        {description['genome']}")
    print(f"pytorch       {hits / len(labels)}")
    print(f"nasd          {description['measured'].get('testAccuracy')}")


if __name__ == "__main__":
    main()
