"""JAX, compiled by XLA for the CPU: each workload as one jitted function."""

import time

import jax
import jax.numpy as jnp
from jax import lax

from protocol import serve

jax.config.update("jax_platforms", "cpu")


def arrays(values):
    return {name: jnp.asarray(value) for name, value in values.items()}


class Program:
    """A function from state and data to the next state and a result, jitted."""

    def __init__(self, step, state, data, donate=()):
        self.function = step
        self.jitted = jax.jit(step, donate_argnums=donate)
        self.start = jax.tree.map(jnp.copy, state)
        self.state, self.data, self.last = state, data, None

    def step(self):
        self.state, self.last = self.jitted(self.state, self.data)

    def finish(self):
        jax.block_until_ready((self.state, self.last))

    def result(self):
        return self.last

    def compile(self):
        # A function of its own, or JAX would find the compiled one again.
        fresh = jax.jit(lambda state, data: self.function(state, data))
        start = time.perf_counter()
        fresh.lower(self.start, self.data).compile()
        return 1000 * (time.perf_counter() - start)


def training(inputs, loss, init, update):
    p, data = arrays(inputs.parameters), arrays(inputs.data)

    def step(state, data):
        value, gradient = jax.value_and_grad(loss)(state["parameters"], data)
        return update(state, gradient), {"loss": value}

    # Nobody reads the old state again, so its memory may serve the new one.
    return Program(step, {"parameters": p, **init(p)}, data, donate=0)


def computation(inputs, compute):
    p, data = arrays(inputs.parameters), arrays(inputs.data)
    return Program(lambda p, data: (p, compute(p, data)), p, data)


def zeros_like(p):
    return jax.tree.map(jnp.zeros_like, p)


def descent(settings):
    rate = settings["learningRate"]

    def update(state, gradient):
        return {"parameters": jax.tree.map(lambda p, g: p - rate * g, state["parameters"], gradient)}

    return lambda p: {}, update


def momentum(settings):
    rate, factor = settings["learningRate"], settings["momentum"]

    def update(state, gradient):
        velocity = jax.tree.map(lambda v, g: factor * v + g, state["velocity"], gradient)
        parameters = jax.tree.map(lambda p, v: p - rate * v, state["parameters"], velocity)
        return {"parameters": parameters, "velocity": velocity}

    return lambda p: {"velocity": zeros_like(p)}, update


def adam(settings):
    rate, epsilon = settings["learningRate"], settings["epsilon"]
    b1, b2 = settings["firstDecay"], settings["secondDecay"]

    def init(p):
        return {"first": zeros_like(p), "second": zeros_like(p), "count": jnp.zeros((), jnp.int32)}

    def update(state, gradient):
        count = state["count"] + 1
        first = jax.tree.map(lambda m, g: b1 * m + (1 - b1) * g, state["first"], gradient)
        second = jax.tree.map(lambda v, g: b2 * v + (1 - b2) * g * g, state["second"], gradient)
        step = rate / (1 - b1**count)
        scale = lax.rsqrt(1 - b2**count)
        parameters = jax.tree.map(
            lambda p, m, v: p - step * m / (jnp.sqrt(v) * scale + epsilon),
            state["parameters"],
            first,
            second,
        )
        return {"parameters": parameters, "first": first, "second": second, "count": count}

    return init, update


def cross_entropy(logits, labels):
    chosen = jnp.take_along_axis(jax.nn.log_softmax(logits), labels[..., None], axis=-1)
    return -chosen.mean()


def classifier(p, data):
    hidden = jax.nn.relu(data["x"] @ p["w1"] + p["b1"])
    hidden = jax.nn.relu(hidden @ p["w2"] + p["b2"])
    return cross_entropy(hidden @ p["w3"] + p["b3"], data["y"])


def matmul(inputs):
    return computation(inputs, lambda _, data: {"product": data["a"] @ data["b"]})


def mlp(inputs):
    return training(inputs, classifier, *momentum(inputs.settings))


def tiny(inputs):
    def loss(p, data):
        hidden = jnp.tanh(data["x"] @ p["w1"] + p["b1"])
        hidden = jnp.tanh(hidden @ p["w2"] + p["b2"])
        return jnp.square(hidden @ p["w3"] + p["b3"] - data["y"]).mean()

    return training(inputs, loss, *descent(inputs.settings))


def cnn(inputs):
    def block(x, kernel, bias):
        x = lax.conv_general_dilated(x, kernel, (1, 1), "SAME") + bias[:, None, None]
        return lax.reduce_window(
            jax.nn.relu(x), -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID"
        )

    def loss(p, data):
        x = block(block(data["x"], p["k1"], p["b1"]), p["k2"], p["b2"])
        return cross_entropy(x.reshape(x.shape[0], -1) @ p["w"] + p["b"], data["y"])

    return training(inputs, loss, *momentum(inputs.settings))


def transformer(inputs):
    heads = 4
    layers = sum(name.endswith(".qkvWeight") for name in inputs.parameters)

    def layer_norm(x, scale, shift):
        mean = x.mean(-1, keepdims=True)
        variance = jnp.square(x - mean).mean(-1, keepdims=True)
        return (x - mean) * lax.rsqrt(variance + 1e-5) * scale + shift

    def attention(x, q):
        batch, length, width = x.shape
        qkv = (x @ q("qkvWeight") + q("qkvBias")).reshape(batch, length, 3, heads, width // heads)
        query, key, value = qkv[:, :, 0], qkv[:, :, 1], qkv[:, :, 2]
        mixed = jax.nn.dot_product_attention(query, key, value, is_causal=True)
        return mixed.reshape(x.shape) @ q("outWeight") + q("outBias")

    def loss(p, data):
        tokens, following = data["sequence"][:, :-1], data["sequence"][:, 1:]
        x = p["embedding"][tokens] + p["position"]
        for i in range(layers):
            q = lambda name: p[f"layer{i}.{name}"]
            x = x + attention(layer_norm(x, q("scale1"), q("shift1")), q)
            up = layer_norm(x, q("scale2"), q("shift2")) @ q("upWeight") + q("upBias")
            x = x + jax.nn.gelu(up, approximate=False) @ q("downWeight") + q("downBias")
        logits = layer_norm(x, p["scale"], p["shift"]) @ p["headWeight"] + p["headBias"]
        return cross_entropy(logits, following)

    return training(inputs, loss, *adam(inputs.settings))


def lstm(inputs):
    def loss(p, data):
        driven = data["x"] @ p["input"] + p["bias"]

        def step(carry, drive):
            hidden, cell = carry
            i, f, g, o = jnp.split(drive + hidden @ p["recurrent"], 4, axis=1)
            cell = jax.nn.sigmoid(f) * cell + jax.nn.sigmoid(i) * jnp.tanh(g)
            return (jax.nn.sigmoid(o) * jnp.tanh(cell), cell), None

        start = jnp.zeros_like(data["target"])
        (hidden, _), _ = lax.scan(step, (start, start), driven)
        return jnp.square(hidden - data["target"]).mean()

    return training(inputs, loss, *descent(inputs.settings))


def per_example(inputs):
    def compute(p, data):
        return jax.vmap(jax.grad(classifier), (None, 0))(p, data)

    return computation(inputs, compute)


def hessian_vector(inputs):
    def compute(p, data):
        direction = {name: data[f"v.{name}"] for name in p}
        gradient = lambda q: jax.grad(classifier)(q, data)
        return jax.jvp(gradient, (p,), (direction,))[1]

    return computation(inputs, compute)


workloads = {
    "matmul": matmul,
    "mlp": mlp,
    "tiny": tiny,
    "cnn": cnn,
    "transformer": transformer,
    "lstm": lstm,
    "per-example": per_example,
    "hvp": hessian_vector,
}

jax.block_until_ready(jax.jit(jnp.add)(1, 2))  # the backend starts here, not in the first timing
serve("jax", jax.__version__, lambda inputs: workloads[inputs.workload](inputs))
