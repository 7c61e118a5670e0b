"""Reference values for src/linalg: NumPy and SciPy for results, JAX for first and second derivatives.

Writes linalg.json beside this file. Needs numpy, scipy and jax.
"""

import json
import os

import jax
import jax.numpy as jnp
import numpy as np
import scipy.linalg

jax.config.update("jax_enable_x64", True)
random = np.random.default_rng(7)


def draw(*shape):
    return np.round(random.standard_normal(shape), 3)


def column_signs(x, m):
    """1 or -1 for each column: the first of its (nearly) largest entries is to be positive."""
    size = x.abs(m)
    first = x.argmax(size >= (1 - 1e-6) * size.max(-2, keepdims=True), axis=-2)
    return x.sign(x.take_along_axis(m, first[..., None, :], -2))


def eigh(x, a):
    w, v = x.linalg.eigh(a)
    return w, v * column_signs(x, v)


def svd(x, a):
    u, s, vt = x.linalg.svd(a, full_matrices=False)
    signs = column_signs(x, u)
    return u * signs, s, vt * x.swapaxes(signs, -1, -2)


def qr(x, a):
    q, r = x.linalg.qr(a)
    signs = x.sign(x.diagonal(r, axis1=-2, axis2=-1))
    return q * signs[..., None, :], r * signs[..., :, None]


def lstsq(a, b):
    q, r = jnp.linalg.qr(a)
    return jax.scipy.linalg.solve_triangular(r, jnp.swapaxes(q, -1, -2) @ b)


root = draw(2, 4, 4)
spd = root @ np.swapaxes(root, -1, -2) + np.eye(4)
skewed = spd + root - np.swapaxes(root, -1, -2)  # only its symmetric part may count
square = draw(2, 4, 4)
right = draw(2, 4, 3)
tall, wide = draw(2, 5, 3), draw(2, 3, 5)
long = draw(2, 5, 2)
hilbert = scipy.linalg.hilbert(6)[None]

# name, inputs, reference value, the same for JAX to differentiate
cases = [
    ("cholesky", [spd], np.linalg.cholesky, jnp.linalg.cholesky),
    ("cholesky of a symmetric part", [skewed], lambda a: np.linalg.cholesky((a + np.swapaxes(a, -1, -2)) / 2), jnp.linalg.cholesky),
    ("cholesky of a Hilbert matrix", [hilbert], np.linalg.cholesky, None),
    ("solve", [square, right], np.linalg.solve, jnp.linalg.solve),
    ("inv", [square], np.linalg.inv, jnp.linalg.inv),
    ("det", [square], np.linalg.det, jnp.linalg.det),
    ("slogdet", [square], np.linalg.slogdet, jnp.linalg.slogdet),
    ("eigh", [spd], lambda a: eigh(np, a), lambda a: eigh(jnp, a)),
    ("svd, square", [square], lambda a: svd(np, a), lambda a: svd(jnp, a)),
    ("svd, tall", [tall], lambda a: svd(np, a), lambda a: svd(jnp, a)),
    ("svd, wide", [wide], lambda a: svd(np, a), lambda a: svd(jnp, a)),
    ("qr, square", [square], lambda a: qr(np, a), lambda a: qr(jnp, a)),
    ("qr, tall", [tall], lambda a: qr(np, a), lambda a: qr(jnp, a)),
    ("qr, wide", [wide], lambda a: qr(np, a), None),
    ("lstsq", [tall, long], lambda a, b: np.stack([np.linalg.lstsq(x, y)[0] for x, y in zip(a, b)]), lstsq),
]
for lower in (True, False):
    for transpose in (False, True):
        for unit in (False, True):
            options = dict(lower=lower, trans=int(transpose), unit_diagonal=unit)
            cases.append(
                (
                    f"triangularSolve {int(lower)}{int(transpose)}{int(unit)}",
                    [square, right],
                    lambda a, b, o=options: np.stack([scipy.linalg.solve_triangular(x, y, **o) for x, y in zip(a, b)]),
                    lambda a, b, o=options: jnp.stack([jax.scipy.linalg.solve_triangular(x, y, **o) for x, y in zip(a, b)]),
                )
            )


def as_list(value):
    return [np.asarray(v) for v in (value if isinstance(value, tuple) else (value,))]


def packed(arrays):
    return [{"shape": list(a.shape), "data": [float(x) for x in a.ravel()]} for a in arrays]


golden = []
for name, inputs, reference, function in cases:
    results = as_list(reference(*inputs))
    case = {"name": name, "inputs": packed(inputs), "results": packed(results)}
    if function is not None:
        weights = [draw(*r.shape) for r in results]
        direction = [draw(*a.shape) for a in inputs]

        def loss(*args):
            values = function(*args)
            values = values if isinstance(values, tuple) else (values,)
            return sum(jnp.sum(w * v) for w, v in zip(weights, values))

        gradient = jax.grad(loss, argnums=tuple(range(len(inputs))))
        case |= {"weights": packed(weights), "direction": packed(direction)}
        case["gradient"] = packed(as_list(gradient(*inputs)))

        _, second = jax.jvp(gradient, tuple(map(jnp.asarray, inputs)), tuple(map(jnp.asarray, direction)))
        case["second"] = packed(as_list(second))
    golden.append(case)

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "linalg.json")
with open(path, "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(case) for case in golden) + "\n]\n")
print(os.path.getsize(path), "bytes")
