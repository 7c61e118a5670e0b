"""The inner loop of geometry-adaptive-denoisers.ts in PyTorch, the way it is usually written.

Reads "loss" or "train" on standard input, and answers time and result in JSON.
"""

import json
import sys
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

file, steps = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(int(sys.argv[3]))
arrays = np.load(file)
clean, noise = torch.from_numpy(arrays["clean"]), torch.from_numpy(arrays["noise"])


class Norm(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(channels))
        self.register_buffer("running", torch.ones(channels))

    def forward(self, x):
        deviation = (x.var(dim=(0, 2, 3), unbiased=False) + 1e-5).sqrt()
        with torch.no_grad():
            self.running.mul_(0.9).add_(0.1 * deviation)
        return x * (self.gamma / deviation).view(1, -1, 1, 1)


def conv(inputs, outputs):
    return nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)


def normed(inputs, outputs):
    return [conv(inputs, outputs), Norm(outputs), nn.ReLU()]


def up(inputs, outputs):
    return nn.ConvTranspose2d(inputs, outputs, 2, stride=2, bias=False)


class Net(nn.Module):
    def __init__(self, k=16):
        super().__init__()
        self.first = nn.Sequential(conv(1, k), nn.ReLU(), *normed(k, k))
        self.second = nn.Sequential(*normed(k, 2 * k), *normed(2 * k, 2 * k))
        self.middle = nn.Sequential(*normed(2 * k, 4 * k), *normed(4 * k, 4 * k))
        self.up1, self.up0 = up(4 * k, 2 * k), up(2 * k, k)
        self.dec1 = nn.Sequential(*normed(4 * k, 2 * k), *normed(2 * k, 2 * k))
        self.dec0 = nn.Sequential(*normed(2 * k, k), conv(k, 1))

    def forward(self, x):
        a = self.first(x)
        b = self.second(F.avg_pool2d(a, 2))
        c = self.up1(self.middle(F.avg_pool2d(b, 2)))
        d = self.dec1(torch.cat([c, b], 1))
        return self.dec0(torch.cat([self.up0(d), a], 1))

    def ordered(self):
        return [self.first, self.second, self.middle, self.up1, self.dec1, self.up0, self.dec0]


def fresh():
    net = Net()
    weights, gammas = 0, 0
    with torch.no_grad():
        for part in net.ordered():
            for module in part.modules():
                if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
                    module.weight.copy_(torch.from_numpy(arrays[f"w{weights}"]))
                    weights += 1
                elif isinstance(module, Norm):
                    module.gamma.copy_(torch.from_numpy(arrays[f"g{gammas}"]))
                    gammas += 1
    return net


def loss_of(net, z):
    return (net(clean + z) - z).square().sum() / len(clean)


def train():
    net = fresh()
    optimiser = torch.optim.Adam(net.parameters(), lr=1e-3)
    begin = time.perf_counter()
    for _ in range(steps):
        levels = torch.rand(len(clean), 1, 1, 1).square()
        loss = loss_of(net, torch.randn_like(clean) * levels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        loss.item()
    return 1000 * (time.perf_counter() - begin), loss.item()


for line in sys.stdin:
    if line.strip() == "loss":
        milliseconds, result = 0.0, loss_of(fresh(), noise).item()
    else:
        milliseconds, result = train()
    print(json.dumps({"milliseconds": milliseconds, "result": result}), flush=True)
