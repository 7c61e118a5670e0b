/** A decoder of two layers, layer normalisation before attention and MLP, next-token loss. */
import { type NDArray, ones, type Tensor, tril, where, zeros } from "@etude/tensor";
import { adam } from "../optimisers.ts";
import { source } from "../random.ts";
import { type Tensors, training } from "../workload.ts";
import { crossEntropy } from "./classifier.ts";

const [layers, width, heads, tokens, vocabulary, batch] = [2, 128, 4, 64, 64, 16];
const random = source(5);

const layer = (): Record<string, NDArray> => ({
  scale1: ones([width]),
  shift1: zeros([width]),
  qkvWeight: random.normal([width, 3 * width], 0.08),
  qkvBias: zeros([3 * width]),
  outWeight: random.normal([width, width], 0.08),
  outBias: zeros([width]),
  scale2: ones([width]),
  shift2: zeros([width]),
  upWeight: random.normal([width, 4 * width], 0.08),
  upBias: zeros([4 * width]),
  downWeight: random.normal([4 * width, width], 0.04),
  downBias: zeros([width]),
});

const named = (prefix: string, group: Record<string, NDArray>): [string, NDArray][] =>
  Object.entries(group).map(([name, value]) => [`${prefix}.${name}`, value]);

const parameters = {
  embedding: random.normal([vocabulary, width], 0.5),
  position: random.normal([tokens, width], 0.1),
  ...Object.fromEntries(
    Array.from({ length: layers }, (_, i) => named(`layer${i}`, layer())).flat(),
  ),
  scale: ones([width]),
  shift: zeros([width]),
  headWeight: random.normal([width, vocabulary], 0.08),
  headBias: zeros([vocabulary]),
};

/** Every token attends to itself and those before it. */
function attention(x: Tensor, p: (name: string) => Tensor): Tensor {
  const size = width / heads;
  const qkv = x.matmul(p("qkvWeight")).add(p("qkvBias")).reshape([batch, tokens, 3, heads, size]);
  const [query, key, value] = qkv.transpose([2, 0, 3, 1, 4]).unstack();
  const scores = query.matmul(key.swapAxes(-1, -2)).mul(size ** -0.5);
  const visible = tril(ones([tokens, tokens])).greater(0);
  const mixed = where(visible, scores, -1e9).softmax().matmul(value);
  const joined = mixed.transpose([0, 2, 1, 3]).reshape([batch, tokens, width]);
  return joined.matmul(p("outWeight")).add(p("outBias"));
}

function block(x: Tensor, p: (name: string) => Tensor): Tensor {
  const attended = x.add(attention(x.layerNorm({ scale: p("scale1"), bias: p("shift1") }), p));
  const up = attended
    .layerNorm({ scale: p("scale2"), bias: p("shift2") })
    .matmul(p("upWeight"))
    .add(p("upBias"))
    .gelu();
  return attended.add(up.matmul(p("downWeight")).add(p("downBias")));
}

function loss(p: Tensors, { sequence }: Tensors): Tensor {
  const input = sequence.slice(null, [0, tokens]);
  const next = sequence.slice(null, [1, tokens + 1]);
  let x = p.embedding.gather(input).add(p.position);
  for (let i = 0; i < layers; i++) x = block(x, (name) => p[`layer${i}.${name}`]);
  const logits = x
    .layerNorm({ scale: p.scale, bias: p.shift })
    .matmul(p.headWeight)
    .add(p.headBias);
  return crossEntropy(logits, next);
}

export const transformer = training({
  id: "transformer",
  title: "transformer step",
  parameters,
  data: { sequence: random.integers([batch, tokens + 1], vocabulary) },
  optimiser: adam(1e-3),
  loss,
});
