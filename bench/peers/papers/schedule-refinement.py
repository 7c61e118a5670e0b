"""The Python side of bench/papers/schedule-refinement.ts: the same loops, in the way of their users."""

import json
import sys
import time

import numpy as np
import torch
from scipy.ndimage import median_filter
from torch.nn import functional

data = np.load(sys.argv[1])
width = int(sys.argv[2])
torch.set_num_threads(int(sys.argv[3]))
inputs = torch.from_numpy(data["inputs"])
targets = torch.from_numpy(data["targets"]).long()
batches = torch.from_numpy(data["rows"]).long()
rates = torch.from_numpy(data["rates"])
record = data["record"]
features = inputs.shape[1]
classes = int(targets.max()) + 1
runs = rates.shape[1]


def losses_of(weights, x, y):
    """Cross entropies [n, runs]: one product for all runs."""
    logits = (x @ weights.reshape(features, runs * classes)).reshape(len(x), runs, classes)
    flat = functional.cross_entropy(
        logits.reshape(-1, classes), y.repeat_interleave(runs), reduction="none"
    )
    return flat.reshape(len(x), runs)


def sweep():
    began = time.perf_counter()
    weights = torch.zeros(features, runs, classes, requires_grad=True)
    norms = []
    for rows, rate in zip(batches, rates):
        loss = losses_of(weights, inputs[rows], targets[rows]).mean(0).sum()
        (gradient,) = torch.autograd.grad(loss, weights)
        norms.append(gradient.square().sum((0, 2)).sqrt())
        with torch.no_grad():
            weights -= rate[:, None] * gradient
    torch.stack(norms)
    with torch.no_grad():
        values = losses_of(weights, inputs, targets).mean(0).tolist()
    return time.perf_counter() - began, values


def filtered():
    began = time.perf_counter()
    values = median_filter(record, size=width)
    seconds = time.perf_counter() - began
    return seconds, values[width : 2 * width].tolist()


for line in sys.stdin:
    seconds, values = {"sweep": sweep, "filter": filtered}[line.strip()]()
    print(json.dumps({"milliseconds": 1000 * seconds, "result": values}), flush=True)
