"""Parameters after each of eight steps of PyTorch's and optax's optimisers, values of schedules, and
SciPy's L-BFGS-B: what `src/optimisers` and `src/schedules` are held to.

    python make_optimisers.py   # needs torch, jax, optax, scipy; writes optimisers.json beside itself
"""

import json
import pathlib

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.optimize
import torch

jax.config.update("jax_enable_x64", True)

steps = 8
rng = np.random.default_rng(0)
x = rng.standard_normal((12, 4))
y = rng.standard_normal((12, 3))
start = {
    "hidden": rng.standard_normal((4, 5)) * 0.5,
    "bias": np.zeros(5),
    "output": rng.standard_normal((5, 3)) * 0.5,
}


def loss(p, x, y, tanh):
    error = tanh(x @ p["hidden"] + p["bias"]) @ p["output"] - y
    return (error * error).mean()


def with_torch(make):
    p = {k: torch.tensor(v, requires_grad=True) for k, v in start.items()}
    optimiser = make(list(p.values()))
    path = []
    for _ in range(steps):
        optimiser.zero_grad()
        loss(p, torch.tensor(x), torch.tensor(y), torch.tanh).backward()
        optimiser.step()
        path.append({k: v.detach().numpy().ravel().tolist() for k, v in p.items()})
    return path


def with_optax(optimiser, batches=None):
    p = {k: jnp.array(v) for k, v in start.items()}
    state = optimiser.init(p)
    path = []
    for step in range(steps):
        rows = slice(None) if batches is None else batches[step % len(batches)]
        g = jax.grad(loss)(p, x[rows], y[rows], jnp.tanh)
        updates, state = optimiser.update(g, state, p)
        p = optax.apply_updates(p, updates)
        path.append({k: np.asarray(v).ravel().tolist() for k, v in p.items()})
    return path


o = torch.optim
matrices = {"hidden": True, "bias": False, "output": True}
paths = {
    "sgd": with_torch(lambda p: o.SGD(p, 0.1)),
    "sgdDecay": with_torch(lambda p: o.SGD(p, 0.1, weight_decay=0.1)),
    "momentum": with_torch(lambda p: o.SGD(p, 0.1, momentum=0.9, weight_decay=0.01)),
    "nesterov": with_torch(lambda p: o.SGD(p, 0.1, momentum=0.9, nesterov=True)),
    "adam": with_torch(lambda p: o.Adam(p, 0.01)),
    "adamCoupled": with_torch(lambda p: o.Adam(p, 0.01, (0.8, 0.95), 1e-3, weight_decay=0.1)),
    "adamw": with_torch(lambda p: o.AdamW(p, 0.01, weight_decay=0.1)),
    "adamwMasked": with_optax(optax.adamw(0.01, weight_decay=0.1, mask=matrices)),
    "amsgrad": with_torch(lambda p: o.Adam(p, 0.05, (0.9, 0.5), amsgrad=True)),
    "nadam": with_optax(optax.nadam(0.01)),
    "adamax": with_torch(lambda p: o.Adamax(p, 0.01)),
    "rmsprop": with_torch(lambda p: o.RMSprop(p, 0.01)),
    "rmspropCentred": with_torch(lambda p: o.RMSprop(p, 0.01, momentum=0.5, centered=True)),
    "adagrad": with_torch(lambda p: o.Adagrad(p, 0.1, initial_accumulator_value=0.1)),
    "adadelta": with_torch(lambda p: o.Adadelta(p, 1.0)),
    "lion": with_optax(optax.lion(0.01, weight_decay=0.1)),
    "lamb": with_optax(optax.lamb(0.01, weight_decay=0.1)),
    "clippedNorm": with_optax(optax.chain(optax.clip_by_global_norm(0.3), optax.sgd(0.5))),
    "clippedValue": with_optax(optax.chain(optax.clip(0.05), optax.sgd(0.5))),
    "scheduled": with_optax(optax.adam(optax.cosine_decay_schedule(0.1, 6, 0.1))),
    "accumulated": with_optax(
        optax.MultiSteps(optax.adam(0.1), 3, accumulator_dtype=jnp.float64).gradient_transformation(),
        [slice(0, 4), slice(4, 8), slice(8, 12)],
    ),
    "partitioned": with_optax(
        optax.multi_transform(
            {"fast": optax.sgd(0.5), "slow": optax.adam(0.01), "frozen": optax.set_to_zero()},
            {"hidden": "slow", "bias": "frozen", "output": "fast"},
        )
    ),
}

every = list(range(0, 121))


def values(schedule):
    return [float(schedule(t)) for t in every]


def torch_restarts(period, growth, end):
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimiser = torch.optim.SGD([parameter], 0.1)
    schedule = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(
        optimiser, period, growth, end
    )
    result = []
    for _ in every:
        result.append(schedule.get_last_lr()[0])
        optimiser.step()
        schedule.step()
    return result


schedules = {
    "linear": values(optax.linear_schedule(0.2, 0.05, 70, 10)),
    "polynomial": values(optax.polynomial_schedule(0.2, 0.01, 2.5, 80)),
    "cosine": values(optax.cosine_decay_schedule(0.2, 100, 0.05)),
    "warmupCosine": values(optax.warmup_cosine_decay_schedule(0.02, 0.2, 20, 110, 0.01)),
    "restarts": torch_restarts(30, 1, 0.01),
    "growingRestarts": torch_restarts(10, 2, 0.0),
    "exponential": values(optax.exponential_decay(0.2, 25, 0.5, end_value=0.02)),
    "step": values(optax.exponential_decay(0.2, 25, 0.5, staircase=True)),
    "piecewise": values(optax.piecewise_constant_schedule(0.2, {30: 0.5, 70: 0.1})),
    "interpolated": values(
        optax.piecewise_interpolate_schedule("linear", 0.1, {40: 4.0, 100: 0.25})
    ),
    "joined": values(
        optax.join_schedules(
            [optax.linear_schedule(0, 0.1, 15), optax.cosine_decay_schedule(0.1, 60)], [15]
        )
    ),
}


def rosenbrock(p):
    return scipy.optimize.rosen(p), scipy.optimize.rosen_der(p)


logistic_x = rng.standard_normal((60, 5))
logistic_y = (logistic_x @ rng.standard_normal(5) + rng.standard_normal(60) > 0).astype(float)


def logistic(w):
    z = logistic_x @ w
    value = np.mean(np.logaddexp(0, z) - logistic_y * z) + 0.01 * w @ w
    gradient = logistic_x.T @ (1 / (1 + np.exp(-z)) - logistic_y) / len(z) + 0.02 * w
    return value, gradient


scales = 10.0 ** np.linspace(0, 4, 20)
shift = np.sin(np.arange(20))


def quadratic(p):
    return 0.5 * np.sum(scales * (p - shift) ** 2), scales * (p - shift)


def minimum(f, start, **options):
    r = scipy.optimize.minimize(f, start, jac=True, method="L-BFGS-B", options=options)
    return {
        "start": list(map(float, start)),
        "x": r.x.tolist(),
        "value": float(r.fun),
        "iterations": int(r.nit),
        "evaluations": int(r.nfev),
        "message": str(r.message),
    }


tight = {"gtol": 1e-9, "ftol": 0.0}
minima = {
    "rosenbrock2": minimum(rosenbrock, [-1.2, 1.0]),
    "rosenbrock2tight": minimum(rosenbrock, [-1.2, 1.0], **tight),
    "rosenbrock10": minimum(rosenbrock, [-1.2, 1.0] * 5),
    "rosenbrock10tight": minimum(rosenbrock, [-1.2, 1.0] * 5, **tight),
    "logistic": minimum(logistic, [0.0] * 5),
    "quadratic": minimum(quadratic, [0.0] * 20, gtol=1e-6, ftol=0.0, maxiter=2000, maxfun=4000),
}

golden = {
    "problem": {
        "x": x.ravel().tolist(),
        "y": y.ravel().tolist(),
        "start": {k: v.ravel().tolist() for k, v in start.items()},
    },
    "paths": paths,
    "schedules": schedules,
    "logistic": {"x": logistic_x.ravel().tolist(), "y": logistic_y.tolist()},
    "minima": minima,
}


def rounded(tree):
    if isinstance(tree, float):
        return float(f"{tree:.12g}")
    if isinstance(tree, list):
        return [rounded(entry) for entry in tree]
    return {k: rounded(v) for k, v in tree.items()} if isinstance(tree, dict) else tree


# Inputs exactly, results to twelve digits.
for name in ("paths", "schedules", "minima"):
    golden[name] = rounded(golden[name])
target = pathlib.Path(__file__).with_name("optimisers.json")
target.write_text(json.dumps(golden) + "\n")
for name, result in minima.items():
    print(name, result["iterations"], result["evaluations"], result["value"], result["message"])
