#!/usr/bin/env python3
"""Times the depthwise convolutions and channel norms of the working tree beside PyTorch's, and holds their values against it.

needs: python3 -m pip install torch numpy, and clang
usage: convolution_peers.py [--threads 1] [--repeats 7] [--path avx512|avx2|plain] [--check]

Layers of cnn-cifar's largest network at 16 images, batch norm with ReLU6. PyTorch takes channels_last or contiguous, whichever is
faster; both sides run on one thread in alternation, the best of the repeats counts. --check compares odd sizes and tails too.
"""
import argparse, ctypes, os, re, subprocess, tempfile, time
import numpy as np
import torch
import torch.nn.functional as F

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
KERNELS = os.path.join(ROOT, "Sources", "CKernels")
size, real = ctypes.c_size_t, ctypes.c_void_p


class Window(ctypes.Structure):
    _fields_ = [(name, size) for name in ("images", "height", "width", "kernel", "step")]


def build():
    folder = tempfile.mkdtemp()
    library = os.path.join(folder, "kernels.so")
    sources = [os.path.join(KERNELS, f) for f in sorted(os.listdir(KERNELS)) if f.endswith(".c")]
    subprocess.run(["clang", "-O3", "-ffp-contract=fast", "-fPIC", "-shared", "-I" + os.path.join(KERNELS, "include"), *sources,
                    "-lm", "-o", library], check=True)
    return ctypes.CDLL(library)


def table(library, path):
    """The functions of a path by their names, in the order of the header."""
    header = open(os.path.join(KERNELS, "include", "ckernels.h")).read()
    names = re.findall(r"\(\*(\w+)\)\(", header.split("typedef struct nk_kernels {")[1].split("} nk_kernels;")[0])
    library.nk_kernels_for.restype = ctypes.POINTER(ctypes.c_void_p)
    pointers = library.nk_kernels_for({"plain": 0, "avx2": 1, "avx512": 2}[path])
    return {name: pointers[i] for i, name in enumerate(names)}


def ring_order(k):
    """Taps in rings from the centre, each row by row."""
    taps = [(y, x) for y in range(k) for x in range(k)]
    return sorted(taps, key=lambda t: (max(abs(t[0] - k // 2), abs(t[1] - k // 2)), t))


def address(a): return a.ctypes.data


def aligned(*shape):
    n = int(np.prod(shape)); raw = np.zeros(n + 16, np.float32); first = (-raw.ctypes.data % 64) // 4
    return raw[first:first + n].reshape(shape)


class Ours:
    def __init__(self, functions): self.f = functions
    def call(self, name, types, *args): ctypes.CFUNCTYPE(None, *types)(self.f[name])(*args)

    def depthwise(self, window, c, x, w, y):
        self.call("depthwise", [real, size, real, size, real, size, real, size], ctypes.addressof(window), c, address(x), c, address(w),
                  w.shape[1], address(y), c)

    def backward(self, window, c, x, w, dy, dx, dw, accumulate=0):
        self.call("depthwise_backward", [real, size, real, size, real, size, real, size, ctypes.c_int, real, size, real, size],
                  ctypes.addressof(window), c, address(x), c, address(w), w.shape[1], address(dy), c, accumulate,
                  address(dx) if dx is not None else None, c, address(dw), dw.shape[1])

    def norm(self, z, gain, offset, y, act=2):
        rows, c = z.shape
        m, q = np.zeros(c), np.zeros(c)
        self.call("moments", [size, size, real, size, size, real, real], rows, c, address(z), c, 0, address(m), address(q))
        inverse = (1 / np.sqrt(q / rows + 1e-5)).astype(np.float32); mean = m.astype(np.float32); factor = inverse * gain
        self.call("channel_norm", [size, size, real, size, real, real, real, ctypes.c_int, real, size, real, size], rows, c, address(z), c,
                  address(mean), address(factor), address(offset), act, None, 0, address(y), c)
        return mean, inverse

    def norm_backward(self, z, mean, inverse, gain, offset, dy, dz, act=2):
        rows, c = z.shape
        s, q = np.zeros(c), np.zeros(c)
        self.call("channel_sums", [size, size, real, size, real, real, real, real, ctypes.c_int, real, size, real, real], rows, c, address(z),
                  c, address(mean), address(inverse), address(gain), address(offset), act, address(dy), c, address(s), address(q))
        a, b = (s / rows).astype(np.float32), (q / rows).astype(np.float32)
        self.call("channel_norm_backward", [size, size, real, size, real, real, real, real, ctypes.c_int, real, size, real, real, real, size],
                  rows, c, address(z), c, address(mean), address(inverse), address(gain), address(offset), act, address(dy), c, address(a),
                  address(b), address(dz), c)
        return s, q


def check(ours):
    worst = {}
    rng = np.random.default_rng(0)
    for k in (3, 5, 7):
        for s in (1, 2):
            for n, h, w, c, largest in [(1, 1, 1, 1, 5), (2, 3, 5, 7, 16), (1, 9, 8, 24, 40), (3, 7, 7, 40, 40), (1, 2, 9, 33, 33),
                                        (2, 16, 17, 8, 12), (1, 4, 4, 136, 150), (2, 14, 13, 129, 129), (1, 6, 1, 3, 3), (1, 5, 5, 600, 600)]:
                x = rng.standard_normal((n * h * w, c), np.float32); W = rng.standard_normal((49, largest)).astype(np.float32)
                gh, gw = -(-h // s), -(-w // s)
                y = np.full((n * gh * gw, c), 9, np.float32); window = Window(n, h, w, k, s)
                ours.depthwise(window, c, x, W, y)
                t = torch.zeros(c, 1, k, k)
                for i, (ky, kx) in enumerate(ring_order(k)): t[:, 0, ky, kx] = torch.from_numpy(W[i, :c].copy())
                tx = torch.from_numpy(x).view(n, h, w, c).permute(0, 3, 1, 2).double().requires_grad_(); tw = t.double().requires_grad_()
                ty = F.conv2d(tx, tw, None, s, k // 2, 1, c)
                dy = rng.standard_normal(y.shape).astype(np.float32)
                ty.backward(torch.from_numpy(dy).view(n, gh, gw, c).permute(0, 3, 1, 2).double())
                flat = lambda t: t.detach().permute(0, 2, 3, 1).reshape(-1, c).numpy()
                for accumulate in (0, 1):
                    dx = np.ones_like(x); dw = np.ones_like(W)
                    ours.backward(window, c, x, W, dy, dx, dw, accumulate)
                    dwt = np.ones(W.shape)
                    for i, (ky, kx) in enumerate(ring_order(k)): dwt[i, :c] += tw.grad[:, 0, ky, kx].numpy()
                    errors = dict(y=abs(y - flat(ty)).max(), dx=abs(dx - accumulate - flat(tx.grad)).max(),
                                  dw=(abs(dw - dwt) / (1 + abs(dwt))).max())
                    for name, e in errors.items():
                        worst[name] = max(worst.get(name, 0), e)
                        assert e < 2e-5, (k, s, n, h, w, c, name, e)
    for rows, c in [(4, 1), (65, 7), (300, 33), (1000, 144), (130, 300)]:
        for act, f in enumerate([lambda y: y, F.relu, F.relu6, F.hardswish]):
            z = (rng.standard_normal((rows, c)) * 2 + rng.standard_normal(c) * 5).astype(np.float32)
            gain, offset = rng.standard_normal(c).astype(np.float32) * 3, rng.standard_normal(c).astype(np.float32) * 3
            y = np.zeros_like(z); mean, inverse = ours.norm(z, gain, offset, y, act)
            tz, tg, to = (torch.from_numpy(v).double().requires_grad_() for v in (z, gain, offset))
            ty = f(F.batch_norm(tz, None, None, tg, to, True, 0., 1e-5)); dy = rng.standard_normal(z.shape).astype(np.float32)
            ty.backward(torch.from_numpy(dy).double()); dz = np.zeros_like(z)
            so, sg = ours.norm_backward(z, mean, inverse, gain, offset, dy, dz, act)
            for name, a, b in [("norm", y, ty.detach()), ("norm dz", dz, tz.grad), ("norm dgain", sg, tg.grad), ("norm doffset", so, to.grad)]:
                e = (abs(a - b.numpy()) / (1 + abs(b.numpy()))).max(); worst[name] = max(worst.get(name, 0), e)
                assert e < 3e-4, (rows, c, act, name, e)
    z = (1e3 + 1e-2 * rng.standard_normal((5000, 20))).astype(np.float32)
    mean, inverse = ours.norm(z, np.ones(20, np.float32), np.zeros(20, np.float32), np.zeros_like(z), 0)
    deviation = 1 / np.sqrt(z.astype(np.float64).var(0) + 1e-5)
    worst["far mean"] = abs(inverse / deviation - 1).max()
    assert worst["far mean"] < 1e-4, worst
    print("largest errors:", ", ".join(f"{name} {e:.1e}" for name, e in worst.items()))


def best(functions, repeats):
    times = [1e9] * len(functions)
    for _ in range(repeats):
        for i, f in enumerate(functions):
            t = time.perf_counter(); f(); times[i] = min(times[i], time.perf_counter() - t)
    return times


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--threads", type=int, default=1); p.add_argument("--repeats", type=int, default=7)
    p.add_argument("--path", default="avx512"); p.add_argument("--check", action="store_true")
    o = p.parse_args()
    torch.set_num_threads(o.threads)
    ours = Ours(table(build(), o.path))
    if o.check:
        check(ours)
        return
    n, rng = 16, np.random.default_rng(0)
    print("depthwise            forward ms: torch    ours  ratio  GFLOP/s | backward ms: torch    ours  ratio  GFLOP/s")
    product = [1., 1.]; count = 0
    for h, c, k, s in [(32, 64, 5, 1), (32, 144, 5, 1), (32, 144, 3, 1), (32, 144, 5, 2), (16, 240, 5, 1), (16, 240, 3, 1), (16, 240, 5, 2),
                       (8, 480, 5, 1), (8, 480, 3, 1), (8, 672, 5, 1), (32, 48, 3, 1), (16, 72, 3, 1), (16, 72, 3, 2), (8, 144, 3, 1),
                       (14, 144, 5, 1), (7, 240, 5, 1), (4, 240, 5, 1), (16, 240, 7, 1)]:
        g = -(-h // s); window = Window(n, h, h, k, s)
        x, y, dy, dx = aligned(n * h * h, c), aligned(n * g * g, c), aligned(n * g * g, c), aligned(n * h * h, c)
        W, dw = aligned(49, c), aligned(49, c)
        x[:] = rng.standard_normal(x.shape); W[:] = rng.standard_normal(W.shape); dy[:] = rng.standard_normal(dy.shape)
        forward, backward = [], []
        for layout in (torch.channels_last, torch.contiguous_format):
            tx = torch.randn(n, c, h, h).contiguous(memory_format=layout); tw = torch.randn(c, 1, k, k)
            ty = torch.randn(n, c, g, g).contiguous(memory_format=layout)
            forward.append(lambda tx=tx, tw=tw: F.conv2d(tx, tw, None, s, k // 2, 1, c))
            backward.append(lambda tx=tx, tw=tw, ty=ty: torch.ops.aten.convolution_backward(
                ty, tx, tw, None, [s, s], [k // 2] * 2, [1, 1], False, [0, 0], c, [True, True, False]))
        f = best([lambda: ours.depthwise(window, c, x, W, y)] + forward, o.repeats)
        b = best([lambda: ours.backward(window, c, x, W, dy, dx, dw)] + backward, o.repeats)
        flops = 2e-9 * n * g * g * c * k * k
        tf, tb = min(f[1:]), min(b[1:])
        print(f"{h:3} x {h:<3}{c:4} channels k{k} s{s}  {1e3 * tf:10.2f} {1e3 * f[0]:7.2f} {tf / f[0]:6.2f} {flops / f[0]:8.0f} | "
              f"{1e3 * tb:18.2f} {1e3 * b[0]:7.2f} {tb / b[0]:6.2f} {2 * flops / b[0]:8.0f}", flush=True)
        product[0] *= tf / f[0]; product[1] *= tb / b[0]; count += 1
    print(f"geometric mean of the ratios: forward {product[0] ** (1 / count):.2f}, backward {product[1] ** (1 / count):.2f}")
    print("norm with ReLU6      forward ms: torch    ours  ratio     GB/s | backward ms: torch    ours  ratio     GB/s")
    for h, c in [(32, 144), (16, 240), (8, 480), (32, 24)]:
        rows = n * h * h
        z, y, dy, dz = (aligned(rows, c) for _ in range(4))
        z[:] = rng.standard_normal(z.shape); dy[:] = rng.standard_normal(z.shape)
        gain, offset = np.ones(c, np.float32), np.full(c, .5, np.float32)
        mean, inverse = ours.norm(z, gain, offset, y)
        forward, backward = [], []
        for layout in (torch.channels_last, torch.contiguous_format):
            tz = torch.randn(n, c, h, h).contiguous(memory_format=layout).requires_grad_()
            tg, to = torch.ones(c, requires_grad=True), torch.full((c,), .5, requires_grad=True)
            run = lambda tz=tz, tg=tg, to=to: F.relu6(F.batch_norm(tz, None, None, tg, to, True, 0., 1e-5))
            ty = run(); d = torch.randn_like(ty)
            forward.append(run)
            backward.append(lambda ty=ty, tz=tz, tg=tg, to=to, d=d: torch.autograd.grad(ty, [tz, tg, to], d, retain_graph=True))
        f = best([lambda: ours.norm(z, gain, offset, y)] + forward, o.repeats)
        b = best([lambda: ours.norm_backward(z, mean, inverse, gain, offset, dy, dz)] + backward, o.repeats)
        tf, tb, bytes = min(f[1:]), min(b[1:]), 4e-9 * rows * c
        print(f"{h:3} x {h:<3}{c:4} channels        {1e3 * tf:10.2f} {1e3 * f[0]:7.2f} {tf / f[0]:6.2f} {3 * bytes / f[0]:8.0f} | "
              f"{1e3 * tb:18.2f} {1e3 * b[0]:7.2f} {tb / b[0]:6.2f} {5 * bytes / b[0]:8.0f}", flush=True)


if __name__ == "__main__":
    main()
