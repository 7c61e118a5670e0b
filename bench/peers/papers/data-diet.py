"""PyTorch's side of bench/papers/data-diet.ts: the same loops, in the way of its users."""

import json
import sys
import time

import numpy as np
import torch
from torch.func import functional_call, grad, vmap
from torch.nn import functional

data = np.load(sys.argv[1])
scored = int(sys.argv[2])
torch.set_num_threads(int(sys.argv[3]))
inputs = torch.from_numpy(data["inputs"])
labels = torch.from_numpy(data["labels"]).long()
batches = torch.from_numpy(data["batches"]).long()


def network():
    """A multilayer perceptron with the given weights: leaves are bias and weight of each layer."""
    layers = []
    count = len([name for name in data.files if name.startswith("parameter")]) // 2
    for layer in range(count):
        bias = torch.from_numpy(data[f"parameter{2 * layer}"])
        weight = torch.from_numpy(data[f"parameter{2 * layer + 1}"])
        linear = torch.nn.Linear(weight.shape[0], weight.shape[1])
        with torch.no_grad():
            linear.bias.copy_(bias)
            linear.weight.copy_(weight.T)
        layers += [linear] + ([torch.nn.ReLU()] if layer < count - 1 else [])
    return torch.nn.Sequential(*layers)


def train():
    model = network()
    optimiser = torch.optim.SGD(
        model.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4, foreach=True
    )
    began = time.perf_counter()
    losses = []
    for rows in batches:
        optimiser.zero_grad(set_to_none=True)
        logits = model(inputs[rows])
        loss = functional.cross_entropy(logits, labels[rows])
        (logits.argmax(-1) == labels[rows]).detach()
        loss.backward()
        optimiser.step()
        losses.append(loss.detach())
    values = torch.stack(losses).tolist()
    return time.perf_counter() - began, values


scorer = network()
parameters = {name: value.detach() for name, value in scorer.named_parameters()}


def loss_of_one(params, x, y):
    logits = functional_call(scorer, params, (x.unsqueeze(0),))
    return functional.cross_entropy(logits, y.unsqueeze(0))


gradients = vmap(grad(loss_of_one), in_dims=(None, 0, 0))


def score():
    began = time.perf_counter()
    parts = []
    for start in range(0, scored, 32):
        each = gradients(parameters, inputs[start : start + 32], labels[start : start + 32])
        parts.append(sum(g.flatten(1).square().sum(1) for g in each.values()).sqrt())
    values = torch.cat(parts).tolist()
    return time.perf_counter() - began, values


for line in sys.stdin:
    seconds, values = {"train": train, "score": score}[line.strip()]()
    print(json.dumps({"milliseconds": 1000 * seconds, "result": values}), flush=True)
