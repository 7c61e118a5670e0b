"""Values and gradients of layers as PyTorch computes them in float64, for `src/layers/golden.test.ts`.

    python make_layers.py > layers.json

Inputs and parameters are given by a formula that the test repeats: entry i of a tensor with phase p is
sin(1.7 i + p). Results are rounded to 10 digits.
"""
import json
import math

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)


def wave(phase, *shape):
    count = math.prod(shape)
    return torch.tensor([math.sin(1.7 * i + phase) for i in range(count)]).reshape(shape).requires_grad_()


def flat(tensor):
    return [float(f"{v:.10g}") for v in tensor.detach().flatten().tolist()]


def recurrent(module, gates):
    """Batch 2, time 3, 2 inputs, 3 hidden; the loss weighs all results and the last state."""
    weight, recurrence = wave(1, 2, 3 * gates), wave(2, 3, 3 * gates)
    bias, hidden_bias = wave(3, 3 * gates), wave(4, 3 * gates)
    x, hidden, cell = wave(5, 2, 3, 2), wave(6, 2, 3), wave(7, 2, 3)
    parameters = {
        "weight_ih_l0": weight.T,
        "weight_hh_l0": recurrence.T,
        "bias_ih_l0": bias,
        "bias_hh_l0": hidden_bias,
    }
    has_cell = gates == 4
    start = (hidden[None], cell[None]) if has_cell else hidden[None]
    y, last = torch.func.functional_call(module(2, 3, batch_first=True), parameters, (x, start))
    last = last[1] if has_cell else last
    loss = (y * wave(8, 2, 3, 3)).sum() + (last[0] * wave(9, 2, 3)).sum()
    inputs = [weight, recurrence, bias, hidden_bias, x, hidden] + ([cell] if has_cell else [])
    names = ["weight", "recurrence", "bias", "hiddenBias", "x", "hidden", "cell"]
    gradients = torch.autograd.grad(loss, inputs)
    return {"y": flat(y), **{name: flat(g) for name, g in zip(names, gradients)}}


def attention_parameters():
    weights = [wave(i, 4, 4) for i in (1, 2, 3, 4)]
    biases = [wave(i, 4) for i in (5, 6, 7, 8)]
    return weights, biases


def projections(weights, biases, prefix=""):
    return {
        prefix + "in_proj_weight": torch.cat([w.T for w in weights[:3]]),
        prefix + "in_proj_bias": torch.cat(biases[:3]),
        prefix + "out_proj.weight": weights[3].T,
        prefix + "out_proj.bias": biases[3],
    }


def attention():
    weights, biases = attention_parameters()
    module = torch.nn.MultiheadAttention(4, 2, batch_first=True)
    call = lambda *a, **k: torch.func.functional_call(module, projections(weights, biases), a, k)[0]
    x = wave(9, 2, 3, 4)
    causal = torch.triu(torch.ones(3, 3), 1).bool()
    y = call(x, x, x, attn_mask=causal, need_weights=False)
    loss = (y * wave(10, 2, 3, 4)).sum()
    gradients = torch.autograd.grad(loss, [x, *weights, biases[2]])
    names = ["x", "query", "key", "value", "output", "valueBias"]
    memory = wave(11, 2, 5, 4)
    crossed = call(x, memory, memory, attn_mask=wave(12, 3, 5) < -0.9, need_weights=False)
    return {
        "causal": {"y": flat(y), **{name: flat(g) for name, g in zip(names, gradients)}},
        "cross": {"y": flat(crossed)},
    }


def block(norm_first):
    weights, biases = attention_parameters()
    module = torch.nn.TransformerEncoderLayer(
        4, 2, 6, dropout=0, activation="gelu", batch_first=True, norm_first=norm_first
    )
    parameters = {
        **projections(weights, biases, "self_attn."),
        "linear1.weight": wave(13, 4, 6).T,
        "linear1.bias": wave(14, 6),
        "linear2.weight": wave(15, 6, 4).T,
        "linear2.bias": wave(16, 4),
        "norm1.weight": wave(17, 4),
        "norm1.bias": wave(18, 4),
        "norm2.weight": wave(19, 4),
        "norm2.bias": wave(20, 4),
    }
    return {"y": flat(torch.func.functional_call(module, parameters, (wave(9, 2, 3, 4),)))}


def batch_norm():
    module = torch.nn.BatchNorm2d(2)
    module.running_mean = wave(4, 2).detach().clone()
    module.running_var = wave(5, 2).detach() ** 2 + 0.1
    scale, bias, x = wave(1, 2), wave(2, 2), wave(3, 3, 2, 2, 2)
    module.weight, module.bias = torch.nn.Parameter(scale), torch.nn.Parameter(bias)
    y = module(x)
    loss = (y * wave(6, 3, 2, 2, 2)).sum()
    gradients = torch.autograd.grad(loss, [x, module.weight, module.bias])
    result = {
        "y": flat(y),
        **{name: flat(g) for name, g in zip(["x", "scale", "bias"], gradients)},
        "mean": flat(module.running_mean),
        "variance": flat(module.running_var),
    }
    module.eval()
    return {**result, "evaluated": flat(module(x))}


def stateless():
    images, scale, bias = wave(1, 2, 4, 3), wave(2, 4), wave(3, 4)
    rows = wave(1, 2, 4)
    return {
        "group": flat(F.group_norm(images, 2, scale, bias)),
        "instance": flat(F.instance_norm(images, weight=scale, bias=bias)),
        "layer": flat(F.layer_norm(rows, (4,), scale, bias)),
        "rms": flat(F.rms_norm(rows, (4,), scale, 1e-5)),
        "conv": flat(
            F.conv2d(
                wave(1, 1, 4, 5, 5), wave(2, 6, 2, 3, 3), wave(3, 6),
                stride=2, padding=2, dilation=2, groups=2,
            )
        ),
        "sequenceConv": flat(F.conv1d(wave(1, 2, 2, 5), wave(2, 3, 2, 3), wave(3, 3), padding=1)),
        "convTranspose": flat(
            F.conv_transpose2d(
                wave(1, 1, 2, 3, 3), wave(2, 2, 2, 3, 3), wave(3, 4),
                stride=2, padding=1, output_padding=1, groups=2,
            )
        ),
    }


print(
    json.dumps(
        {
            "rnn": recurrent(torch.nn.RNN, 1),
            "gru": recurrent(torch.nn.GRU, 3),
            "lstm": recurrent(torch.nn.LSTM, 4),
            "attention": attention(),
            "preNorm": block(True),
            "postNorm": block(False),
            "batchNorm": batch_norm(),
            "stateless": stateless(),
        }
    )
)
