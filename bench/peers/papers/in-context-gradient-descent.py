"""The training loop of in-context-gradient-descent.ts in PyTorch and in JAX, the way each is usually written.

Reads "torch 1", "jax 2" and so on (library, layers) on standard input, trains, and answers the time
and the mean loss in JSON.
"""

import json
import os
import sys
import time

steps, batch, step_size, threads = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp
import numpy as np
import torch

torch.set_num_threads(threads)
D, N = 10, 10
BETAS, RATE, CLIP = (0.9, 0.98), 1e-3, 0.001

project = np.diag([1.0] * D + [0.0]).astype(np.float32)
target = np.diag([0.0] * D + [1.0]).astype(np.float32)
START = [project, project, -target, target * step_size / N]


def train_torch(layers, seed):
    torch.manual_seed(seed)
    weights = [torch.nn.Parameter(torch.from_numpy(w.copy())) for w in START]
    query, key, value, output = weights
    optimiser = torch.optim.Adam(weights, lr=RATE, betas=BETAS)
    losses = []
    for _ in range(steps):
        w = torch.randn(batch, D, 1)
        x = torch.rand(batch, N + 1, D) - 0.5
        y = x @ w
        goal = y[:, -1, 0].clone()
        y[:, -1] = 0
        tokens = torch.cat([x, y], -1)
        for _ in range(layers):
            context = tokens[:, :-1]
            attention = (tokens @ query) @ (context @ key).transpose(1, 2)
            tokens = tokens + attention @ (context @ value) @ output
        loss = 0.5 * ((-tokens[:, -1, -1] - goal) ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, CLIP)
        optimiser.step()
        losses.append(loss.detach())
    return torch.stack(losses).mean().item()


def loss_jax(weights, key, layers):
    query, key_, value, output = weights
    k1, k2 = jax.random.split(key)
    w = jax.random.normal(k1, (batch, D, 1))
    x = jax.random.uniform(k2, (batch, N + 1, D), minval=-0.5, maxval=0.5)
    y = x @ w
    goal = y[:, -1, 0]
    tokens = jnp.concatenate([x, y.at[:, -1].set(0)], -1)
    for _ in range(layers):
        context = tokens[:, :-1]
        attention = jnp.einsum("btd,bnd->btn", tokens @ query, context @ key_)
        tokens = tokens + attention @ (context @ value) @ output
    return 0.5 * jnp.mean((-tokens[:, -1, -1] - goal) ** 2)


def step_jax(layers):
    def step(carry, place):
        key, weights, first, second = carry
        loss, grads = jax.value_and_grad(loss_jax)(weights, jax.random.fold_in(key, place), layers)
        norm = jnp.sqrt(sum(jnp.sum(g * g) for g in grads))
        grads = [g * jnp.minimum(1, CLIP / norm) for g in grads]
        first = [BETAS[0] * m + (1 - BETAS[0]) * g for m, g in zip(first, grads)]
        second = [BETAS[1] * v + (1 - BETAS[1]) * g * g for v, g in zip(second, grads)]
        t = place + 1.0
        a, b = 1 - BETAS[0] ** t, 1 - BETAS[1] ** t
        weights = [
            w - RATE * (m / a) / (jnp.sqrt(v / b) + 1e-8) for w, m, v in zip(weights, first, second)
        ]
        return (key, weights, first, second), loss

    def train(key):
        weights = [jnp.asarray(w) for w in START]
        zeros = [jnp.zeros_like(w) for w in weights]
        _, losses = jax.lax.scan(step, (key, weights, zeros, zeros), jnp.arange(steps))
        return losses.mean()

    return jax.jit(train)


jitted = {layers: step_jax(layers) for layers in (1, 2)}
run = {
    "torch": train_torch,
    "jax": lambda layers, seed: float(jitted[layers](jax.random.PRNGKey(seed))),
}
for seed, line in enumerate(sys.stdin):
    library, layers = line.split()
    began = time.perf_counter()
    result = run[library](int(layers), seed)
    milliseconds = 1000 * (time.perf_counter() - began)
    print(json.dumps({"milliseconds": milliseconds, "result": result}), flush=True)
