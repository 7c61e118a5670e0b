"""PyTorch, eager: each workload as its users would write it. Argument: the number of threads."""

import math
import sys

import torch
import torch.nn.functional as F
from torch.func import functional_call, grad, vmap

from protocol import serve

torch.set_num_threads(int(sys.argv[1]))


def tensor(value):
    # Indices are int64 by PyTorch's custom.
    return torch.from_numpy(value.copy()).to(torch.int64 if value.dtype == "int32" else None)


def tensors(values):
    return {name: tensor(value) for name, value in values.items()}


class Training:
    """Loss, backward, optimiser step."""

    def __init__(self, parameters, optimiser, loss):
        self.optimiser = optimiser(list(parameters))
        self.loss = loss
        self.last = None

    def step(self):
        self.optimiser.zero_grad()
        self.last = self.loss()
        self.last.backward()
        self.optimiser.step()

    def finish(self):
        pass

    def result(self):
        return {"loss": self.last.detach()}

    def compile(self):
        return None


class Computation:
    """The same function again and again."""

    def __init__(self, compute):
        self.compute = compute
        self.last = None

    def step(self):
        self.last = self.compute()

    def finish(self):
        pass

    def result(self):
        return {name: value.detach() for name, value in self.last.items()}

    def compile(self):
        return None


def sgd(settings):
    rate, momentum = settings["learningRate"], settings.get("momentum", 0.0)
    return lambda parameters: torch.optim.SGD(parameters, lr=rate, momentum=momentum, fused=True)


def adam(settings):
    betas = (settings["firstDecay"], settings["secondDecay"])
    return lambda parameters: torch.optim.Adam(
        parameters, lr=settings["learningRate"], betas=betas, eps=settings["epsilon"], fused=True
    )


def trainable(values):
    return {name: value.requires_grad_() for name, value in tensors(values).items()}


def linear(x, weight, bias):
    return torch.addmm(bias, x, weight)


def matmul(inputs):
    data = tensors(inputs.data)
    return Computation(lambda: {"product": data["a"] @ data["b"]})


def classifier(p, x, y):
    hidden = torch.relu(linear(x, p["w1"], p["b1"]))
    hidden = torch.relu(linear(hidden, p["w2"], p["b2"]))
    return F.cross_entropy(linear(hidden, p["w3"], p["b3"]), y)


def mlp(inputs):
    p, data = trainable(inputs.parameters), tensors(inputs.data)
    loss = lambda: classifier(p, data["x"], data["y"])
    return Training(p.values(), sgd(inputs.settings), loss)


def tiny(inputs):
    p, data = trainable(inputs.parameters), tensors(inputs.data)

    def loss():
        hidden = torch.tanh(linear(data["x"], p["w1"], p["b1"]))
        hidden = torch.tanh(linear(hidden, p["w2"], p["b2"]))
        return F.mse_loss(linear(hidden, p["w3"], p["b3"]), data["y"])

    return Training(p.values(), sgd(inputs.settings), loss)


def cnn(inputs):
    p, data = trainable(inputs.parameters), tensors(inputs.data)

    def loss():
        x = F.max_pool2d(torch.relu(F.conv2d(data["x"], p["k1"], p["b1"], padding=1)), 2)
        x = F.max_pool2d(torch.relu(F.conv2d(x, p["k2"], p["b2"], padding=1)), 2)
        return F.cross_entropy(linear(x.flatten(1), p["w"], p["b"]), data["y"])

    return Training(p.values(), sgd(inputs.settings), loss)


def transformer(inputs):
    p, data = trainable(inputs.parameters), tensors(inputs.data)
    sequence = data["sequence"]
    tokens, following = sequence[:, :-1], sequence[:, 1:]
    batch, length = tokens.shape
    width, heads = p["embedding"].shape[1], 4
    layers = sum(name.endswith(".qkvWeight") for name in p)

    def attention(x, q):
        qkv = linear(x, q("qkvWeight"), q("qkvBias"))
        query, key, value = qkv.view(batch, length, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        joined = mixed.transpose(1, 2).reshape(batch * length, width)
        return linear(joined, q("outWeight"), q("outBias"))

    def loss():
        x = (F.embedding(tokens, p["embedding"]) + p["position"]).view(batch * length, width)
        for i in range(layers):
            q = lambda name: p[f"layer{i}.{name}"]
            x = x + attention(F.layer_norm(x, (width,), q("scale1"), q("shift1")), q)
            up = F.layer_norm(x, (width,), q("scale2"), q("shift2"))
            up = F.gelu(linear(up, q("upWeight"), q("upBias")))
            x = x + linear(up, q("downWeight"), q("downBias"))
        x = F.layer_norm(x, (width,), p["scale"], p["shift"])
        return F.cross_entropy(linear(x, p["headWeight"], p["headBias"]), following.flatten())

    return Training(p.values(), adam(inputs.settings), loss)


def lstm(inputs):
    p, data = tensors(inputs.parameters), tensors(inputs.data)
    width = p["recurrent"].shape[0]
    module = torch.nn.LSTM(width, width)
    with torch.no_grad():
        module.weight_ih_l0.copy_(p["input"].T)
        module.weight_hh_l0.copy_(p["recurrent"].T)
        module.bias_ih_l0.copy_(p["bias"])
        module.bias_hh_l0.zero_()
    module.bias_hh_l0.requires_grad_(False)  # one bias, as in the other libraries

    def loss():
        _, (hidden, _) = module(data["x"])
        return F.mse_loss(hidden[0], data["target"])

    trained = [value for value in module.parameters() if value.requires_grad]
    return Training(trained, sgd(inputs.settings), loss)


def per_example(inputs):
    p, data = tensors(inputs.parameters), tensors(inputs.data)
    single = lambda q, x, y: classifier(q, x[None], y[None])
    gradients = vmap(grad(single), (None, 0, 0))
    return Computation(lambda: gradients(p, data["x"], data["y"]))


def hessian_vector(inputs):
    p, data = trainable(inputs.parameters), tensors(inputs.data)
    names, values = list(p), list(p.values())
    direction = [data[f"v.{name}"] for name in names]

    def compute():
        loss = classifier(p, data["x"], data["y"])
        gradients = torch.autograd.grad(loss, values, create_graph=True)
        return dict(zip(names, torch.autograd.grad(gradients, values, direction)))

    return Computation(compute)


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

serve("torch", torch.__version__, lambda inputs: workloads[inputs.workload](inputs))
