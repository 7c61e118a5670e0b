"""The sampling loops of adaptive-guidance.ts in PyTorch, the way they are usually written.

Reads names of loops on standard input, runs each, and answers its time and results in JSON.
"""

import json
import math
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

file, steps = sys.argv[1], int(sys.argv[2])
strength, threshold = float(sys.argv[3]), float(sys.argv[4])
torch.set_num_threads(int(sys.argv[5]))
arrays = {name: torch.from_numpy(value) for name, value in np.load(file).items()}
blocks = 1 + max(int(n.split("[")[1].split("]")[0]) for n in arrays if n.startswith("blocks["))
classes = len(arrays["labels.weight"]) - 1
half = len(arrays["time.weight"]) // 2
rates = torch.exp(-math.log(10000) * torch.arange(half) / (half - 1))


def dense(name, x):
    return torch.addmm(arrays[f"{name}.bias"], x, arrays[f"{name}.weight"])


def norm(name, x):
    scale = arrays[f"{name}.scale"]
    return F.layer_norm(x, scale.shape, scale, arrays[f"{name}.bias"])


def network(x, t, labels):
    angles = 1000 * t[:, None] * rates
    z = F.silu(dense("time", torch.cat([angles.sin(), angles.cos()], -1)))
    z = z + arrays["labels.weight"][labels]
    h = dense("in", x)
    for i in range(blocks):
        inner = norm(f"blocks[{i}].norm", h) + z
        h = h + dense(f"blocks[{i}].out", F.silu(dense(f"blocks[{i}].in", inner)))
    return dense("out", norm("norm", h)) + x * dense("skip", z)


@torch.inference_mode()
def sample(gamma_bar):
    x, labels = arrays["initial"], arrays["condition"].long()
    on = torch.ones(len(x), dtype=torch.bool)
    for k in range(steps):
        t = torch.full((len(x),), 1 - k / steps)
        v = network(x, t, labels)
        rows = on.nonzero().squeeze(1)
        if len(rows) > 0:
            free = network(x[rows], t[rows], torch.full_like(rows, classes))
            with_ = v[rows]
            v[rows] = free + strength * (with_ - free)
            on[rows] = F.cosine_similarity(with_, free) < gamma_bar
        x = x - v / steps
    return x.flatten().tolist()


for line in sys.stdin:
    gamma_bar = {"full": 2.0, "adaptive": threshold}[line.strip()]
    begin = time.perf_counter()
    result = sample(gamma_bar)
    milliseconds = 1000 * (time.perf_counter() - begin)
    print(json.dumps({"milliseconds": milliseconds, "result": result}), flush=True)
