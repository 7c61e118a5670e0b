"""The outer loops of dataset-condensation.ts in PyTorch, class by class, the way it is usually written.

Reads requests in JSON on standard input, and answers the time and the images.
"""

import json
import sys
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

arrays = {name: torch.from_numpy(array) for name, array in np.load(sys.argv[1]).items()}
torch.set_num_threads(int(sys.argv[2]))
x = arrays["x"]
CLASSES, IPC, STEPS, EPOCHS = 5, 1, 5, 5
criterion = nn.CrossEntropyLoss()


def perceptron():
    return nn.Sequential(
        nn.Flatten(), nn.Linear(196, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 5)
    )


def convolutional():
    layers = []
    for channels in (1, 32):
        layers += [
            nn.Conv2d(channels, 32, 3, padding=1),
            nn.GroupNorm(32, 32),
            nn.ReLU(),
            nn.AvgPool2d(2),
        ]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(32 * 9, 5))


def load(net, kind, leaves):
    """Leaves come sorted by name: biases before weights; matrices are [inputs, outputs]."""
    modules = list(net.children())
    with torch.no_grad():
        if kind == "perceptron":
            order = [module for module in modules if isinstance(module, nn.Linear)]
            for i, layer in enumerate(order):
                layer.bias.copy_(leaves[2 * i])
                layer.weight.copy_(leaves[2 * i + 1].T)
        else:
            # Blocks (convolution: bias, weight; norm: bias, scale), then the classifier.
            for block in range(2):
                conv, norm = modules[4 * block], modules[4 * block + 1]
                bias, weight, shift, scale = leaves[4 * block : 4 * block + 4]
                conv.bias.copy_(bias)
                conv.weight.copy_(weight)
                norm.bias.copy_(shift)
                norm.weight.copy_(scale)
            modules[-1].bias.copy_(leaves[8])
            modules[-1].weight.copy_(leaves[9].T)


def distance(synthetic, real):
    total = torch.tensor(0.0)
    for a, b in zip(synthetic, real):
        if a.dim() == 1:
            continue
        a, b = a.reshape(a.shape[0], -1), b.reshape(b.shape[0], -1)
        norms = torch.norm(a, dim=-1) * torch.norm(b, dim=-1) + 1e-6
        total = total + torch.sum(1 - torch.sum(a * b, dim=-1) / norms)
    return total


def run(name, kind, method, outer):
    images = arrays[f"{name}_initial"].clone().requires_grad_(True)
    labels = torch.arange(CLASSES).repeat_interleave(IPC)
    optimiser = torch.optim.SGD([images], lr=0.1, momentum=0.5)
    for o in range(outer):
        net = {"perceptron": perceptron, "convolutional": convolutional}[kind]()
        count = sum(key.startswith(f"{name}_theta{o}_") for key in arrays)
        load(net, kind, [arrays[f"{name}_theta{o}_{i}"] for i in range(count)])
        params = list(net.parameters())
        trainer = torch.optim.SGD(params, lr=0.01)
        for i in range(STEPS):
            rows = arrays[f"{name}_rows{o}_{i}"].long()
            loss = torch.tensor(0.0)
            mean = None
            for c in range(CLASSES):
                real = criterion(net(x[rows[c]]), torch.full((rows.shape[1],), c))
                g_real = [g.detach() for g in torch.autograd.grad(real, params)]
                if method == "DC":
                    own = images[c * IPC : (c + 1) * IPC]
                    synthetic = criterion(net(own), torch.full((IPC,), c))
                    g_own = torch.autograd.grad(synthetic, params, create_graph=True)
                    loss = loss + distance(g_own, g_real)
                else:
                    parts = [g / CLASSES for g in g_real]
                    mean = parts if mean is None else [a + b for a, b in zip(mean, parts)]
            if method == "DCC":
                synthetic = criterion(net(images), labels)
                loss = distance(torch.autograd.grad(synthetic, params, create_graph=True), mean)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            if i == STEPS - 1:
                break
            fixed = images.detach().clone()
            for _ in range(EPOCHS):
                trainer.zero_grad()
                criterion(net(fixed), labels).backward()
                trainer.step()
    return images.detach().flatten().tolist()


for line in sys.stdin:
    request = json.loads(line)
    begin = time.perf_counter()
    result = run(**request)
    milliseconds = 1000 * (time.perf_counter() - begin)
    print(json.dumps({"milliseconds": milliseconds, "result": result}), flush=True)
