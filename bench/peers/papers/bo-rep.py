"""The inner loops of bo-rep.ts in PyTorch, the way they are usually written.

Reads names of loops on standard input, runs each, and answers its time and results in JSON.
"""

import json
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

arrays = {name: torch.from_numpy(value) for name, value in np.load(sys.argv[1]).items()}
torch.set_num_threads(int(sys.argv[2]))
grad = torch.autograd.grad
BETA, PERIOD, TINY = 0.9, 2, 1e-10


def descend(lower, x, y, rate, batches):
    for batch in batches:
        y = [leaf.detach().requires_grad_() for leaf in y]
        y = [leaf - rate * g for leaf, g in zip(y, grad(lower(x, y, batch), y))]
    return y


def bo_rep(upper, lower, x, y, batches, rates, norms):
    """Batches by step: xi, zeta, zeta', and a list for y."""
    eta, gamma, nu = rates
    z = [torch.zeros_like(leaf) for leaf in y]
    m = [torch.zeros_like(leaf) for leaf in x]
    values = []
    for k, (xi, zeta, zeta_mixed, sgd) in enumerate(batches):
        x = [leaf.detach().requires_grad_() for leaf in x]
        if k > 0 and k % PERIOD == 0:
            y = descend(lower, x, y, gamma, sgd)
        y = [leaf.detach().requires_grad_() for leaf in y]
        f = upper(x, y, xi)
        p = grad(f, x + y, allow_unused=True)
        px = [torch.zeros_like(a) if g is None else g for a, g in zip(x, p)]
        py = p[len(x) :]
        gy = grad(lower(x, y, zeta), y, create_graph=True)
        product = grad(gy, y, z)
        z = [a - nu * (h - b) for a, h, b in zip(z, product, py)]
        gy = grad(lower(x, y, zeta_mixed), y, create_graph=True)
        mixed = grad(gy, x, z)
        m = [BETA * a + (1 - BETA) * (b - c) for a, b, c in zip(m, px, mixed)]
        length = norms(m)
        x = [a - eta * b / (length + TINY) for a, b in zip(x, m)]
        values.append(f.detach())
    return x, values


def pixels():
    a = arrays
    rnn = torch.nn.RNN(1, 32, batch_first=True)
    none = torch.zeros(32)

    def loss(x, y, inputs, labels):
        weights = {
            "weight_ih_l0": x[0].T,
            "weight_hh_l0": x[2].T,
            "bias_ih_l0": x[1],
            "bias_hh_l0": none,
        }
        _, last = torch.func.functional_call(rnn, weights, (inputs,))
        return F.cross_entropy(last[0] @ y[0] + y[1], labels)

    def upper(x, y, rows):
        return loss(x, y, a["upper"][rows], a["upperLabels"][rows].long())

    def lower(x, y, rows):
        ridge = sum(leaf.square().sum() for leaf in y)
        return loss(x, y, a["lower"][rows], a["lowerLabels"][rows].long()) + 0.005 * ridge

    def norms(m):
        return torch.sqrt(sum(leaf.square().sum() for leaf in m))

    x = [a["win"], a["b"], a["w"]]
    y = [torch.zeros(32, 10), torch.zeros(10)]
    batches = list(zip(a["xi"], a["zeta"], a["zetaMixed"], a["sgd"]))
    _, values = bo_rep(upper, lower, x, y, batches, (0.01, 0.5, 0.5), norms)
    return [value.item() for value in values[:8]]


def growing():
    """All rates in one tensor: the objectives are summed over the runs, which do not mix."""
    a = arrays
    Q, Bt, s = a["Q"], a["BTransposed"], a["s"]

    def upper(x, y, noise):
        return (torch.cosh(2 * (y[0] - s)).mean(1) * (1 + 0.1 * noise)).sum()

    def lower(x, y, noise):
        return ((0.5 * y[0] @ Q - x[0] @ Bt + 0.1 * noise) * y[0]).sum()

    def norms(m):
        return m[0].norm(dim=1, keepdim=True)

    zero = torch.zeros(5, dtype=Q.dtype)
    batches = [(f, zero, zero, sgd) for f, sgd in zip(a["fNoise"], a["sgdNoise"])]
    rates = (a["rates"][:, None], 0.2, 0.2)
    x, _ = bo_rep(upper, lower, [a["start"]], [torch.zeros_like(a["start"])], batches, rates, norms)
    return x[0].flatten().tolist()


for line in sys.stdin:
    begin = time.perf_counter()
    result = {"pixels": pixels, "growing": growing}[line.strip()]()
    milliseconds = 1000 * (time.perf_counter() - begin)
    print(json.dumps({"milliseconds": milliseconds, "result": result}), flush=True)
