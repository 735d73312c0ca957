#!/usr/bin/env python3
"""Writes gaussian_process.json: what scikit-learn's Gaussian process says under fixed parameters of the kernel."""
import json, os
import numpy as np
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, DotProduct, Matern, WhiteKernel

rng = np.random.default_rng(4)
X, Z = rng.integers(0, 3, (24, 5)) / 2.0, rng.integers(0, 3, (6, 5)) / 2.0
y = np.sin(3 * X[:, 0]) + X[:, 1] * X[:, 2] - 0.5 * X[:, 4] + 0.05 * rng.normal(size=24)
groups, weights, linear, noise = [(0, 2), (2, 3), (3, 5)], [0.4, -0.7, -2.0], -1.1, -3.0
mean = X.mean(0)
unit = 1 / np.sqrt((((X - mean) ** 2).sum(1)).mean())
lengths = np.concatenate([[unit / np.exp(w / 2)] * (end - start) for (start, end), w in zip(groups, weights)])
kernel = Matern(lengths, nu=2.5) + ConstantKernel(np.exp(linear)) * DotProduct(1.0) + WhiteKernel(np.exp(noise))
process = GaussianProcessRegressor(kernel, alpha=0, optimizer=None).fit((X - mean) * unit, y - y.mean())
found, deviation = process.predict((Z - mean) * unit, return_std=True)
amplitude = (y - y.mean()) @ process.alpha_ / len(y)
file = os.path.join(os.path.dirname(os.path.abspath(__file__)), "gaussian_process.json")
json.dump({
    "features": X.tolist(), "targets": y.tolist(), "groups": groups, "weights": weights, "linear": linear, "noise": noise,
    "asked": Z.tolist(), "means": (found + y.mean()).tolist(), "variances": (amplitude * deviation ** 2).tolist(),
}, open(file, "w"))
