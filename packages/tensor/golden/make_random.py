"""Values of JAX's random functions, for the tests of src/random: writes random.json beside this file.

Needs jax (on a CPU) and scipy: python make_random.py
"""

import json
from pathlib import Path

import jax
import numpy as np
from jax import random
from scipy.special import erfinv

SEEDS = [0, 1, 42, 2024, 65537, 2**31 - 1, 2**31, 2**32 - 1, 2**40 + 3, -1]
MATRIX = np.arange(12, dtype=np.float32).reshape(3, 4)
# Up to the last float32 below 1, and on to the last float64; all are float32 up to there.
ERFINV_AT = np.concatenate([[0, 1e-30, -(2**-20)], np.arange(-31, 32) / 32, 1 - 2.0 ** -np.arange(6, 54)])
LOGITS = np.random.default_rng(0).normal(size=(4, 6)).round(3)


def listed(value):
    return np.asarray(value).tolist()


def single(key):
    """Samples in JAX's default mode: 32-bit types."""
    f32 = np.float32
    return {
        "bits": {json.dumps(s): random.bits(key, s) for s in [[], [1], [7], [3, 5], [2, 3, 4]]},
        "split2": random.split(key),
        "split5": random.split(key, 5),
        "foldIn": [random.fold_in(key, np.uint32(d)) for d in (0, 1, 12345, 2**32 - 1)],
        "uniform": random.uniform(key, (11,)),
        "uniformRange": random.uniform(key, (3, 4), minval=-3, maxval=7.5),
        "normal": random.normal(key, (4, 5)),
        "truncatedNormal": random.truncated_normal(key, -2, 2, (3, 4)),
        "truncatedNormalBounds": random.truncated_normal(
            key, np.array([-1, 0.5, -np.inf], f32), np.array([3, 1.5, 0], f32)),
        "exponential": random.exponential(key, (6,)),
        "gumbel": random.gumbel(key, (6,)),
        "laplace": random.laplace(key, (6,)),
        "bernoulli": random.bernoulli(key, 0.3, (9,)),
        "bernoulliArray": random.bernoulli(key, np.array([0, 0.25, 0.5, 1], f32), (3, 4)),
        "randint": {json.dumps(r): random.randint(key, (8,), *r)
                    for r in [[0, 10], [-5, 1000], [-40000, 70000], [-(2**31), 2**31 - 1], [0, 64]]},
        "randintArrays": random.randint(
            key, (2, 3), np.array([0, -7, 5], np.int32), np.array([10, 100000, 5], np.int32)),
        "permutation": random.permutation(key, 13),
        "permutationColumns": random.permutation(key, MATRIX, axis=1),
        "categorical": random.categorical(key, LOGITS.astype(f32)),
        "categoricalRows": random.categorical(key, LOGITS.astype(f32), axis=0),
        "categoricalMany": random.categorical(key, LOGITS.astype(f32), axis=0, shape=(5, 6)),
    }


def double(key):
    """Samples with 64-bit types enabled."""
    return {
        "uniform64": random.uniform(key, (7,)),
        "uniformRange64": random.uniform(key, (7,), minval=-3, maxval=7.5),
        "normal64": random.normal(key, (2, 5)),
        "truncatedNormal64": random.truncated_normal(key, 0.5, 1.5, (5,)),
        "gumbel64": random.gumbel(key, (5,)),
        "categorical64": random.categorical(key, LOGITS),
    }


def main():
    assert jax.config.jax_threefry_partitionable and not jax.config.jax_high_dynamic_range_gumbel
    assert jax.default_backend() == "cpu"
    keys = []
    for seed in SEEDS:
        with jax.enable_x64(True):
            key = np.asarray(random.PRNGKey(seed))
            samples = double(key)
        samples |= single(key)
        keys.append({"seed": str(seed), "key": listed(key), **jax.tree.map(listed, samples)})
    key = random.PRNGKey(42)
    many = np.asarray(random.bits(key, (100003,)))
    golden = {
        "jax": jax.__version__,
        "mode": {"jax_threefry_partitionable": True, "jax_high_dynamic_range_gumbel": False},
        "logits": LOGITS.tolist(),
        "keys": keys,
        # Of key 42: what only shows in larger samples.
        "manyBits": {"sum": int(many.sum(dtype=np.uint32)), "xor": int(np.bitwise_xor.reduce(many)),
                     "last": int(many[-1])},
        "erfinv": {"x": ERFINV_AT.tolist(), "y": erfinv(ERFINV_AT).tolist()},
        "longPermutation": listed(random.permutation(key, 2000)),  # two rounds of sorting
    }
    with jax.enable_x64(True):  # or else JAX takes no bound of 2^31
        golden["wholeRange"] = listed(random.randint(np.asarray(key), (8,), -(2**31), 2**31, np.int32))
    Path(__file__).with_name("random.json").write_text(
        json.dumps(golden, separators=(",", ":")).replace('{"seed"', '\n{"seed"') + "\n")


if __name__ == "__main__":
    main()
