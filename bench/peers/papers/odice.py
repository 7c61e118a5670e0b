"""The inner loop of odice.ts in PyTorch, the way it is usually written.

Reads numbers of steps on standard input, makes that many from the start, and answers the time and the
values of all logged states after them in JSON.
"""

import json
import sys
import time

import numpy as np
import torch
from torch import nn

torch.set_num_threads(int(sys.argv[2]))
arrays = np.load(sys.argv[1])
data = {
    name: torch.from_numpy(arrays[name])
    for name in ("observation", "action", "reward", "nextObservation", "terminal", "rows")
}
rows = data["rows"].long()
action = data["action"].long()
LAMBDA, ETA, GAMMA, BETA = 0.6, 1.0, 0.99, 0.05


def network(prefix):
    names = [f"{prefix}.hidden[0].dense", f"{prefix}.hidden[1].dense", f"{prefix}.last"]
    layers = []
    for name in names:
        weight = torch.from_numpy(arrays[f"{name}.weight"])
        layer = nn.Linear(*weight.shape)
        with torch.no_grad():
            layer.weight.copy_(weight.T)
            layer.bias.copy_(torch.from_numpy(arrays[f"{name}.bias"]))
        layers += [layer, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def conjugate(y):
    w = (y / 2 + 1).relu()
    return y * w - (w - 1).square()


def flat(tensors):
    return torch.cat([t.flatten() for t in tensors])


def train(steps):
    value, target, policy = network("value[0]"), network("value[0]"), network("policy.mean")
    parameters = list(value.parameters())
    value_optimiser = torch.optim.Adam(parameters, lr=1e-3, fused=True)
    policy_optimiser = torch.optim.Adam(policy.parameters(), lr=1e-3, fused=True)
    for step in range(steps):
        at = rows[step]
        s, s2 = data["observation"][at], data["nextObservation"][at]
        r, alive = data["reward"][at], GAMMA * (1 - data["terminal"][at])
        with torch.no_grad():
            target_now, target_next = target(s)[:, 0], target(s2)[:, 0]
        v, v_next = value(s)[:, 0], value(s2)[:, 0]
        forward = r + alive * target_next - v
        backward = r + alive * v_next - target_now
        gradient = lambda loss: torch.autograd.grad(loss, parameters, retain_graph=True)
        g_forward = gradient(LAMBDA * conjugate(forward).mean())
        g_backward = gradient(LAMBDA * ETA * conjugate(backward).mean())
        g_linear = gradient((1 - LAMBDA) * v.mean())
        f, b = flat(g_forward), flat(g_backward)
        c = f @ b / (f @ f).clamp(min=1e-10)
        for p, gl, gf, gb in zip(parameters, g_linear, g_forward, g_backward):
            p.grad = gl + (1 - c) * gf + gb
        value_optimiser.step()
        with torch.no_grad():
            for old, new in zip(target.parameters(), parameters):
                old.lerp_(new, BETA)
        weights = forward.detach().relu().clamp(max=100)
        log = torch.log_softmax(policy(s), -1).gather(1, action[at][:, None])[:, 0]
        policy_optimiser.zero_grad()
        (-(weights * log).mean()).backward()
        policy_optimiser.step()
    return value


for line in sys.stdin:
    begin = time.perf_counter()
    value = train(int(line))
    milliseconds = 1000 * (time.perf_counter() - begin)
    with torch.no_grad():
        values = value(data["observation"])[:, 0].tolist()
    print(json.dumps({"milliseconds": milliseconds, "result": values}), flush=True)
