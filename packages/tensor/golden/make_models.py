"""Derivatives of whole models by JAX in float64, for src/golden.test.ts: writes models.json beside this file.

Needs jax (on a CPU): python make_models.py
"""

import json
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax, nn

jax.config.update("jax_enable_x64", True)
random = np.random.default_rng(11)


def draw(*shape, scale=1.0):
    """Normal numbers of few digits."""
    return np.round(scale * random.standard_normal(shape), 3)


def dense(inputs, outputs):
    return draw(inputs, outputs, scale=inputs**-0.5)


def cross_entropy(logits, labels):
    return -jnp.take_along_axis(nn.log_softmax(logits), labels[..., None], axis=-1).mean()


def mlp_loss(p, data):
    hidden = nn.relu(data["x"] @ p["w1"] + p["b1"])
    hidden = jnp.tanh(hidden @ p["w2"] + p["b2"])
    return cross_entropy(hidden @ p["w3"] + p["b3"], data["y"])


mlp = {
    "parameters": {
        "w1": dense(5, 7),
        "b1": draw(7, scale=0.1),
        "w2": dense(7, 6),
        "b2": draw(6, scale=0.1),
        "w3": dense(6, 3),
        "b3": draw(3, scale=0.1),
    },
    "data": {"x": draw(8, 5), "y": random.integers(0, 3, 8)},
}


def max_pool(x):
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")


def average_pool(x):
    return lax.reduce_window(x, 0.0, lax.add, (1, 1, 2, 2), (1, 1, 2, 2), "VALID") / 4


def conv(x, kernel, stride=1):
    return lax.conv_general_dilated(x, kernel, (stride, stride), "SAME")


def cnn_loss(p, data):
    x = max_pool(nn.relu(conv(data["x"], p["k1"]) + p["b1"][:, None, None]))
    x = average_pool(nn.softplus(conv(x, p["k2"]) + p["b2"][:, None, None]))
    return cross_entropy(x.reshape(x.shape[0], -1) @ p["w"] + p["b"], data["y"])


cnn = {
    "parameters": {
        "k1": draw(4, 2, 3, 3, scale=0.4),
        "b1": draw(4, scale=0.1),
        "k2": draw(5, 4, 3, 3, scale=0.3),
        "b2": draw(5, scale=0.1),
        "w": dense(20, 3),
        "b": draw(3, scale=0.1),
    },
    "data": {"x": draw(4, 2, 8, 8), "y": random.integers(0, 3, 4)},
}


WIDTH, HEADS, LAYERS, TOKENS, VOCABULARY = 8, 2, 2, 5, 9


def layer_norm(x, scale, shift):
    mean = x.mean(-1, keepdims=True)
    variance = jnp.square(x - mean).mean(-1, keepdims=True)
    return (x - mean) * lax.rsqrt(variance + 1e-5) * scale + shift


def attention(x, q):
    batch, tokens, _ = x.shape
    qkv = (x @ q("qkvWeight") + q("qkvBias")).reshape(batch, tokens, 3, HEADS, WIDTH // HEADS)
    query, key, value = jnp.transpose(qkv, (2, 0, 3, 1, 4))
    scores = query @ jnp.swapaxes(key, -1, -2) * (WIDTH // HEADS) ** -0.5
    visible = jnp.tril(jnp.ones((tokens, tokens), bool))
    mixed = nn.softmax(jnp.where(visible, scores, -1e9)) @ value
    return jnp.transpose(mixed, (0, 2, 1, 3)).reshape(x.shape) @ q("outWeight") + q("outBias")


def transformer_loss(p, data):
    tokens, following = data["sequence"][:, :-1], data["sequence"][:, 1:]
    x = p["embedding"][tokens] + p["position"]
    for i in range(LAYERS):
        q = lambda name: p[f"layer{i}.{name}"]
        x = x + attention(layer_norm(x, q("scale1"), q("shift1")), q)
        up = layer_norm(x, q("scale2"), q("shift2")) @ q("upWeight") + q("upBias")
        x = x + nn.gelu(up, approximate=False) @ q("downWeight") + q("downBias")
    logits = layer_norm(x, p["scale"], p["shift"]) @ p["headWeight"] + p["headBias"]
    return cross_entropy(logits, following)


def transformer_layer(i):
    values = {
        "scale1": 1 + draw(WIDTH, scale=0.1),
        "shift1": draw(WIDTH, scale=0.1),
        "qkvWeight": dense(WIDTH, 3 * WIDTH),
        "qkvBias": draw(3 * WIDTH, scale=0.1),
        "outWeight": dense(WIDTH, WIDTH),
        "outBias": draw(WIDTH, scale=0.1),
        "scale2": 1 + draw(WIDTH, scale=0.1),
        "shift2": draw(WIDTH, scale=0.1),
        "upWeight": dense(WIDTH, 2 * WIDTH),
        "upBias": draw(2 * WIDTH, scale=0.1),
        "downWeight": dense(2 * WIDTH, WIDTH),
        "downBias": draw(WIDTH, scale=0.1),
    }
    return {f"layer{i}.{name}": value for name, value in values.items()}


transformer = {
    "parameters": {
        "embedding": draw(VOCABULARY, WIDTH, scale=0.5),
        "position": draw(TOKENS, WIDTH, scale=0.3),
        **{name: value for i in range(LAYERS) for name, value in transformer_layer(i).items()},
        "scale": 1 + draw(WIDTH, scale=0.1),
        "shift": draw(WIDTH, scale=0.1),
        "headWeight": dense(WIDTH, VOCABULARY),
        "headBias": draw(VOCABULARY, scale=0.1),
    },
    "data": {"sequence": random.integers(0, VOCABULARY, (3, TOKENS + 1))},
}


def lstm_loss(p, data):
    """Of the last state and of all states on the way."""

    def step(carry, x):
        hidden, cell = carry
        i, f, g, o = jnp.split(x @ p["input"] + hidden @ p["recurrent"] + p["bias"], 4, axis=1)
        cell = nn.sigmoid(f) * cell + nn.sigmoid(i) * jnp.tanh(g)
        hidden = nn.sigmoid(o) * jnp.tanh(cell)
        return (hidden, cell), hidden

    (hidden, _), states = lax.scan(step, (p["hidden"], p["cell"]), data["x"])
    return jnp.square(hidden - data["target"]).mean() + jnp.sin(states).mean()


lstm = {
    "parameters": {
        "hidden": draw(3, 5, scale=0.5),
        "cell": draw(3, 5, scale=0.5),
        "input": dense(4, 20),
        "recurrent": dense(5, 20),
        "bias": draw(20, scale=0.1),
    },
    "data": {"x": draw(6, 3, 4), "target": draw(3, 5)},
}


def with_derivatives(model, loss):
    """Value, gradient, and the Hessian's product with a random direction, in the parameters."""
    p = model["parameters"]
    data = model["data"]
    direction = {name: draw(*value.shape) for name, value in p.items()}
    value, gradient = jax.value_and_grad(loss)(p, data)
    tangent = jax.jvp(lambda q: jax.grad(loss)(q, data), (p,), (direction,))[1]
    return {
        **model,
        "direction": direction,
        "value": value,
        "gradient": gradient,
        "hessianVector": tangent,
    }


def per_example():
    single = lambda p, x, y: mlp_loss(p, {"x": x, "y": y})
    return jax.vmap(jax.grad(single), (None, 0, 0))(
        mlp["parameters"], mlp["data"]["x"], mlp["data"]["y"]
    )


# Gradient matching: inputs whose gradient resembles a given one. Its derivative in the inputs is a
# derivative of a gradient, through convolutions, instance normalisation and pooling.


def matched_network(p, x):
    def normalised(t):
        mean = t.mean((2, 3), keepdims=True)
        variance = jnp.square(t - mean).mean((2, 3), keepdims=True)
        return (t - mean) * lax.rsqrt(variance + 1e-5)

    x = average_pool(nn.relu(normalised(conv(x, p["k1"]) + p["b1"][:, None, None])))
    x = max_pool(nn.sigmoid(normalised(conv(x, p["k2"], 2) + p["b2"][:, None, None])))
    return x.reshape(x.shape[0], -1) @ p["w"] + p["b"]


def matched_gradient(p, x, labels):
    """Of the cross-entropy with label weights, which may be soft."""
    loss = lambda q: -(nn.softmax(labels) * nn.log_softmax(matched_network(q, x))).sum(-1).mean()
    return jax.grad(loss)(p)


def squared_distance(ours, theirs):
    return sum(jnp.square(ours[name] - theirs[name]).sum() for name in ours)


def cosine_distance(ours, theirs):
    def distance(a, b):
        return 1 - (a * b).sum() / jnp.sqrt((a * a).sum() * (b * b).sum() + 1e-12)

    return sum(distance(ours[name], theirs[name]) for name in ours)


def matching():
    p = {
        "k1": draw(3, 2, 3, 3, scale=0.4),
        "b1": draw(3, scale=0.1),
        "k2": draw(4, 3, 3, 3, scale=0.4),
        "b2": draw(4, scale=0.1),
        "w": dense(16, 3),
        "b": draw(3, scale=0.1),
    }
    real = {"x": draw(3, 2, 16, 16), "labels": draw(3, 3)}
    synthetic = {"x": draw(2, 2, 16, 16), "labels": draw(2, 3)}
    target = matched_gradient(p, real["x"], real["labels"])
    target = {name: np.round(np.asarray(value), 6) for name, value in target.items()}

    def result(distance):
        loss = lambda s: distance(matched_gradient(p, s["x"], s["labels"]), target)
        value, gradient = jax.value_and_grad(loss)(synthetic)
        return {"value": value, "gradient": gradient}

    return {
        "parameters": p,
        "synthetic": synthetic,
        "target": target,
        "squared": result(squared_distance),
        "cosine": result(cosine_distance),
    }


# Ridge regression, solved exactly; its hyperparameter and its data by the loss on other data.


def ridge_loss(p, data):
    x = p["x"]
    system = x.T @ x + p["strength"] * jnp.eye(x.shape[1])
    factor = jax.scipy.linalg.cho_factor(system, lower=True)
    weights = jax.scipy.linalg.cho_solve(factor, x.T @ data["y"])
    return jnp.square(data["otherX"] @ weights - data["otherY"]).mean()


ridge = {
    "parameters": {"x": draw(10, 4), "strength": np.asarray(0.7)},
    "data": {"y": draw(10, 2), "otherX": draw(6, 4), "otherY": draw(6, 2)},
}


def plain(value):
    """Trees with arrays as {shape, data}, numbers with nine digits."""
    if isinstance(value, dict):
        return {name: plain(entry) for name, entry in value.items()}
    array = np.asarray(value)
    data = array.ravel().tolist()
    digits = data if array.dtype.kind == "i" else [float(f"{number:.9g}") for number in data]
    return {"shape": list(array.shape), "data": digits}


golden = {
    "mlp": with_derivatives(mlp, mlp_loss),
    "cnn": with_derivatives(cnn, cnn_loss),
    "transformer": with_derivatives(transformer, transformer_loss),
    "lstm": with_derivatives(lstm, lstm_loss),
    "ridge": with_derivatives(ridge, ridge_loss),
    "perExample": per_example(),
    "matching": matching(),
}
Path(__file__).with_name("models.json").write_text(json.dumps(plain(golden), separators=(",", ":")) + "\n")
