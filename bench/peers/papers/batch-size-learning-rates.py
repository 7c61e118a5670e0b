"""PyTorch's side of bench/papers/batch-size-learning-rates.ts: the same loops, in the way of its users."""

import json
import sys
import time

import numpy as np
import torch
from torch.func import grad, jvp, vmap
from torch.nn import functional

data = np.load(sys.argv[1])
lanczos_steps = int(sys.argv[2])
torch.set_num_threads(int(sys.argv[3]))
inputs = torch.from_numpy(data["inputs"])
targets = torch.from_numpy(data["targets"]).long()
order = torch.from_numpy(data["order"]).long()
rates = torch.from_numpy(data["rates"])
leaves = len([name for name in data.files if name.startswith("parameter")])
# Leaves are bias and weight [inputs, outputs] of each layer.
start = [torch.from_numpy(data[f"parameter{i}"]) for i in range(leaves)]


def model(params, x):
    for i in range(0, leaves, 2):
        x = torch.addmm(params[i], x, params[i + 1])
        if i + 2 < leaves:
            x = x.relu()
    return x


def loss(params, x, y):
    return functional.cross_entropy(model(params, x), y)


gradient = grad(loss)


def hvp(flat):
    parts = [p.reshape(q.shape) for p, q in zip(flat.split([q.numel() for q in start]), start)]
    _, pushed = jvp(lambda params: gradient(params, inputs, targets), (start,), (parts,))
    return torch.cat([p.reshape(-1) for p in pushed])


def lanczos():
    began = time.perf_counter()
    first = data["first"]
    basis = [first / np.linalg.norm(first)]
    alphas, betas = [], []
    for j in range(lanczos_steps):
        z = hvp(torch.from_numpy(basis[j].astype(np.float32))).double().numpy()
        alphas.append(z @ basis[j])
        z = z - alphas[j] * basis[j] - (betas[j - 1] * basis[j - 1] if j else 0)
        q = np.stack(basis)
        for _ in range(2):
            z = z - q.T @ (q @ z)
        betas.append(np.linalg.norm(z))
        basis.append(z / betas[j])
    t = np.diag(alphas) + np.diag(betas[:-1], 1) + np.diag(betas[:-1], -1)
    values = np.linalg.eigvalsh(t).tolist()
    return time.perf_counter() - began, values


def sweep():
    """One network after the other."""
    began = time.perf_counter()
    losses = []
    for rate in rates.tolist():
        params = [p.clone().requires_grad_() for p in start]
        optimiser = torch.optim.SGD(params, lr=rate, foreach=True)
        for rows in order:
            optimiser.zero_grad(set_to_none=True)
            loss(params, inputs[rows], targets[rows]).backward()
            optimiser.step()
        with torch.no_grad():
            losses.append(loss(params, inputs, targets).item())
    return time.perf_counter() - began, losses


many = vmap(gradient, in_dims=(0, None, None))


def sweep_vmap():
    """All networks at once."""
    began = time.perf_counter()
    params = [p.expand(len(rates), *p.shape).clone() for p in start]
    for rows in order:
        gradients = many(params, inputs[rows], targets[rows])
        params = [
            p - rates.reshape(-1, *[1] * (p.dim() - 1)) * g for p, g in zip(params, gradients)
        ]
    losses = vmap(loss, in_dims=(0, None, None))(params, inputs, targets).tolist()
    return time.perf_counter() - began, losses


loops = {"lanczos": lanczos, "sweep": sweep, "sweep-vmap": sweep_vmap}
for line in sys.stdin:
    seconds, values = loops[line.strip()]()
    print(json.dumps({"milliseconds": 1000 * seconds, "result": values}), flush=True)
