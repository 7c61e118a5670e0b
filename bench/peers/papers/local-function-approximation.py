"""Captum's side of bench/papers/local-function-approximation.ts: the same explanations, in the way of its users."""

import json
import sys
import time
import warnings

import numpy as np
import torch
from captum.attr import IntegratedGradients, KernelShap, NoiseTunnel, Saliency

warnings.filterwarnings("ignore")  # Captum warns of many rows at once
data = np.load(sys.argv[1])
samples, sigma = int(sys.argv[2]), float(sys.argv[3])
torch.set_num_threads(int(sys.argv[4]))
x, first, second, last = (torch.from_numpy(data[n]) for n in ("x", "first", "second", "last"))
d = x.shape[1]


def network(inputs):
    return (((inputs @ first).tanh() @ second).tanh() @ last).squeeze(-1)


def integrated():
    """Every row's path in one batch of Captum's."""
    return IntegratedGradients(network).attribute(x, n_steps=samples, method="riemann_middle")


def gradient_sum(points):
    """Gradients at points [m, n, d], by one backward pass."""
    points.requires_grad_()
    return torch.autograd.grad(network(points.reshape(-1, d)).sum(), points)[0]


def integrated_batched():
    a = (torch.arange(samples) + 0.5) / samples
    return x * gradient_sum(x[:, None] * a[:, None]).mean(1)


def smooth_batched():
    noise = sigma * torch.randn(x.shape[0], samples, d)
    return gradient_sum(x[:, None] + noise).mean(1)


def smooth():
    """Captum draws all noise of all rows at once."""
    return NoiseTunnel(Saliency(network)).attribute(
        x, nt_type="smoothgrad", nt_samples=samples, stdevs=sigma, abs=False
    )


def shap():
    """All samples of a row are one call of the network; Captum takes row after row."""
    return KernelShap(network).attribute(x, n_samples=samples, perturbations_per_eval=samples)


def shap_batched():
    """All rows at once, by hand: subsets by the sizes of the kernel, weighted least squares."""
    m = x.shape[0]
    k = torch.arange(1, d, dtype=torch.float32)
    drawn = torch.multinomial(1 / (k * (d - k)), m * (samples - 2), replacement=True) + 1
    places = torch.rand(m, samples - 2, d).argsort(-1).argsort(-1)
    subsets = (places < drawn.reshape(m, -1, 1)).float()
    xi = torch.cat([torch.zeros(m, 1, d), torch.ones(m, 1, d), subsets], 1)
    with torch.no_grad():
        y = network((x[:, None] * xi).reshape(-1, d)).reshape(m, -1).double()
    weights = torch.ones(samples, dtype=torch.float64)
    weights[:2] = 1e6 * samples
    a = torch.cat([xi.double(), torch.ones(m, samples, 1, dtype=torch.float64)], -1)
    left = a.mT @ (a * weights[:, None])
    right = a.mT @ (y * weights)[..., None]
    return torch.linalg.solve(left, right)[:, :d, 0]


loops = {
    "integrated": integrated,
    "integrated-batched": integrated_batched,
    "smooth": smooth,
    "smooth-batched": smooth_batched,
    "shap": shap,
    "shap-batched": shap_batched,
}
for line in sys.stdin:
    began = time.perf_counter()
    result = loops[line.strip()]()
    seconds = time.perf_counter() - began
    flat = result.detach().double().flatten().tolist()
    print(json.dumps({"milliseconds": 1000 * seconds, "result": flat}), flush=True)
