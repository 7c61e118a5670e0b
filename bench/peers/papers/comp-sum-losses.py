"""The inner loops of comp-sum-losses.ts in PyTorch, the way it is usually written.

Reads names of loops on standard input, runs each, and answers its time and results in JSON.
"""

import json
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

file, steps, batch_size, attacked, threads = sys.argv[1], *map(int, sys.argv[2:])
torch.set_num_threads(threads)
arrays = np.load(file)
images = torch.from_numpy(arrays["images"])
labels = torch.from_numpy(arrays["labels"].astype(np.int64))
RADIUS, STEP, NU = 0.15, 0.15 / 4, 0.25


def network(prefix=""):
    layers = []
    for i in range(3):
        weight = torch.from_numpy(arrays[f"{prefix}weight{i}"])
        layer = torch.nn.Linear(*weight.shape)
        with torch.no_grad():
            layer.weight.copy_(weight.T)
            layer.bias.copy_(torch.from_numpy(arrays[f"{prefix}bias{i}"]))
        layers += [layer, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def margins(scores, y):
    return scores.gather(1, y[:, None]) - scores


def ascend(objective, x, start, count):
    at = torch.clamp(x + start, 0, 1)
    for _ in range(count):
        at.requires_grad_(True)
        (slope,) = torch.autograd.grad(objective(at).sum(), at)
        at = at.detach() + STEP * slope.sign()
        at = torch.clamp(x + torch.clamp(at - x, -RADIUS, RADIUS), 0, 1)
    return at.detach()


def train():
    net = network()
    optimiser = torch.optim.SGD(
        net.parameters(), lr=0.05, momentum=0.9, nesterov=True, weight_decay=1e-4
    )
    losses = []
    for i in range(steps):
        rows = torch.arange(i * batch_size, (i + 1) * batch_size) % len(images)
        x, y = images[rows], labels[rows]
        fixed = margins(net(x), y).detach()
        at = ascend(
            lambda z: ((margins(net(z), y) - fixed) ** 2).sum(1), x, 1e-3 * torch.randn_like(x), 10
        )
        scores = net(x)
        smooth = ((margins(net(at), y) - margins(scores, y)) ** 2).sum(1).add(1e-12).sqrt()
        loss = (F.cross_entropy(scores, y, reduction="none") + NU * smooth).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses[-10:]


trained = network("trained.")


def margin(scores, y):
    others = scores.scatter(1, y[:, None], -1e30)
    return scores.gather(1, y[:, None])[:, 0] - others.max(1).values


def attack():
    x, y = images[:attacked], labels[:attacked]
    start = (2 * torch.rand_like(x) - 1) * RADIUS
    at = ascend(lambda z: -margin(trained(z), y), x, start, 40)
    with torch.no_grad():
        right = (margin(trained(x), y) > 0) & (margin(trained(at), y) > 0)
    return [right.float().mean().item()]


loops = {"train": train, "attack": attack}
for line in sys.stdin:
    began = time.perf_counter()
    result = loops[line.strip()]()
    milliseconds = 1000 * (time.perf_counter() - began)
    print(json.dumps({"milliseconds": milliseconds, "result": result}), flush=True)
