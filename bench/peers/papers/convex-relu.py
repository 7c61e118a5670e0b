"""The inner loops of convex-relu.ts in PyTorch, the way it is usually written.

Reads names of loops on standard input, runs each, and answers its time and results in JSON.
"""

import json
import sys
import time

import numpy as np
import torch

file, iterations, steps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
eps = float(sys.argv[4])
torch.set_num_threads(int(sys.argv[5]))
arrays = np.load(file)
X, y, D = (torch.from_numpy(arrays[name]) for name in "XyD")
n, d = X.shape
masks = torch.cat([D, D])
signs = torch.cat([torch.ones(len(D), 1), -torch.ones(len(D), 1)]).to(X.dtype)
sides = 2 * masks - 1
BETA = RHO = 0.1


def outputs(u):
    return (signs * masks * (u @ X.T)).sum(0)


def pull(r):
    return signs * ((masks * r) @ X)


def admm():
    inner = torch.linalg.inv(torch.eye(d, dtype=X.dtype) + X.T @ X)
    outer = torch.linalg.inv(
        RHO * torch.eye(n, dtype=X.dtype) + (X @ inner @ X.T) * (masks.T @ masks)
    )
    v = torch.zeros(len(masks), d, dtype=X.dtype)
    lam, s, nu = torch.zeros_like(v), torch.zeros_like(masks), torch.zeros_like(masks)
    Fy = pull(y) / RHO
    for _ in range(iterations):
        right = Fy + v - lam + (sides * (s - nu)) @ X
        Z = right @ inner
        u = Z - pull(outer @ outputs(Z)) @ inner
        Gu = sides * (u @ X.T)
        moved = u + lam
        norms = moved.norm(dim=1, keepdim=True)
        v = moved * (1 - BETA / RHO / norms).clamp(min=0).nan_to_num()
        s = (Gu + nu).relu()
        lam = lam + u - v
        nu = nu + Gu - s
    return v.flatten().tolist()


def robust():
    blocks = torch.zeros(len(masks), d, dtype=X.dtype, requires_grad=True)
    optimiser = torch.optim.Adam([blocks], lr=5e-3)
    reach = torch.full((d,), eps, dtype=X.dtype)
    reach[-1] = 0
    losses = []
    for step in range(steps):
        optimiser.param_groups[0]["lr"] = 5e-3 * (1 - step / steps)
        q = masks.T @ (signs * blocks)
        margins = y * (X * q).sum(1) - (reach * q.abs()).sum(1)
        slack = sides * (blocks @ X.T) - (reach * blocks.abs()).sum(1, keepdim=True)
        loss = (
            (1 - margins).relu().mean()
            + 1e-4 * (blocks.square().sum(1) + 1e-24).sqrt().sum()
            + 20 * (-slack).relu().mean(1).sum()
        )
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses


for line in sys.stdin:
    begin = time.perf_counter()
    result = {"admm": admm, "robust": robust}[line.strip()]()
    milliseconds = 1000 * (time.perf_counter() - begin)
    print(json.dumps({"milliseconds": milliseconds, "result": result}), flush=True)
