"""Losses and their gradients as PyTorch computes them in float64, for `src/losses/losses.test.ts`.

    python make_losses.py > losses.json

Inputs are given by a formula that the test repeats: entry i of a tensor with phase p is
2 sin(1.7 i + p). What PyTorch lacks is written out from the paper. Results are rounded to 10 digits.
"""
import json
import math

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)


def wave(phase, *shape):
    count = math.prod(shape)
    values = [2 * math.sin(1.7 * i + phase) for i in range(count)]
    return torch.tensor(values).reshape(shape).requires_grad_()


def flat(tensor):
    return [float(f"{v:.10g}") for v in tensor.detach().flatten().tolist()]


def case(loss, *inputs):
    """The losses, and the gradient of their sum in the first input."""
    value = loss(*inputs)
    (gradient,) = torch.autograd.grad(value.sum(), inputs[0])
    return {"value": flat(value), "gradient": flat(gradient)}


logits, other = wave(1, 4, 3), wave(2, 4, 3)
labels = torch.tensor([2, 0, 1, 1])
binary = torch.tensor([1.0, 0, 1, 0, 0, 1, 1, 0, 1, 1, 0, 0]).reshape(4, 3)
probabilities = other.softmax(-1).detach()


def focal(x, y):
    p = x.softmax(-1).gather(1, y[:, None])[:, 0]
    return -((1 - p) ** 2) * p.log()


def sigmoid_focal(x, y):
    p = x.sigmoid()
    p_t = p * y + (1 - p) * (1 - y)
    alpha = 0.25 * y + 0.75 * (1 - y)
    return -alpha * (1 - p_t) ** 2 * p_t.log()


def crammer_singer(s, y):
    own = s.gather(1, y[:, None])
    rest = s.scatter(1, y[:, None], -math.inf)
    return (1 + rest.max(-1).values - own[:, 0]).clamp(min=0)


def info_nce(q, k):
    return F.cross_entropy(F.normalize(q) @ F.normalize(k).T / 0.1, torch.arange(4), reduction="none")


def nt_xent(a, b):
    z = F.normalize(torch.cat([a, b]))
    s = (z @ z.T / 0.5).masked_fill(torch.eye(8).bool(), -math.inf)
    return F.cross_entropy(s, (torch.arange(8) + 4) % 8, reduction="none")


def contrastive(a, b, same):
    d = (a - b).norm(dim=-1)
    return same * d**2 + (1 - same) * (1.5 - d).clamp(min=0) ** 2


same = torch.tensor([1.0, 0, 0, 1])
variances = (wave(3, 4, 3) ** 2 + 0.1).detach()
none = {"reduction": "none"}
print(
    json.dumps(
        {
            "softmax": case(lambda x: F.cross_entropy(x, labels, **none), logits),
            "smoothed": case(lambda x: F.cross_entropy(x, labels, label_smoothing=0.1, **none), logits),
            "probabilities": case(lambda x: F.cross_entropy(x, probabilities, **none), logits),
            "sigmoid": case(lambda x: F.binary_cross_entropy_with_logits(x, binary, **none), logits),
            "squared": case(lambda x: F.mse_loss(x, other, **none), logits),
            "absolute": case(lambda x: F.l1_loss(x, other, **none), logits),
            "huber": case(lambda x: F.huber_loss(x, other, delta=0.7, **none), logits),
            "logCosh": case(lambda x: (x - other).cosh().log(), logits),
            "hinge": case(lambda x: (1 - x * (2 * binary - 1)).clamp(min=0), logits),
            "multiclassHinge": case(lambda x: crammer_singer(x, labels), logits),
            "softmaxFocal": case(lambda x: focal(x, labels), logits),
            "sigmoidFocal": case(lambda x: sigmoid_focal(x, binary), logits),
            "kl": case(lambda x: F.kl_div(x.log_softmax(-1), probabilities, **none).sum(-1), logits),
            "cosine": case(lambda x: 1 - F.cosine_similarity(x, other), logits),
            "gaussian": case(lambda x: F.gaussian_nll_loss(x, other, variances, full=True, **none), logits),
            "poisson": case(lambda x: F.poisson_nll_loss(x, other.abs(), log_input=True, **none), logits),
            "quantile": case(lambda x: torch.maximum(0.3 * (other - x), -0.7 * (other - x)), logits),
            "contrastive": case(lambda x: contrastive(x, other, same), logits),
            "triplet": case(
                lambda x: F.triplet_margin_loss(x, other, wave(3, 4, 3), margin=1.2, eps=0, **none), logits
            ),
            "infoNce": case(lambda x: info_nce(x, other), logits),
            "ntXent": case(lambda x: nt_xent(x, other), logits),
        }
    )
)
