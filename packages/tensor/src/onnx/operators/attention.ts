/** Attention as one operator, of operator set 23 and later. */
import { fail } from "../../errors.ts";
import type { Tensor } from "../../graph.ts";
import { constant } from "../../graph.ts";
import { ones } from "../../ndarray.ts";
import { add, div, mul, sub } from "../../ops/arithmetic.ts";
import { gather } from "../../ops/indexing.ts";
import { concat } from "../../ops/joining.ts";
import { broadcastTo, expandDims, reshape, swapAxes, transpose } from "../../ops/layout.ts";
import { where } from "../../ops/logic.ts";
import { matmul } from "../../ops/matmul.ts";
import { tril } from "../../ops/matrix.ts";
import { softmax } from "../../ops/softmax.ts";
import { tanh } from "../../ops/transcendental.ts";
import { sliceAxis } from "../../ops/window.ts";
import type { Call, Operators } from "../call.ts";

/** [B, T, heads d] -> [B, heads, T, d]; what has four axes already stays. */
function toHeads(x: Tensor, heads: number): Tensor {
  if (x.rank === 4) return x;
  const [b, t, width] = x.shape;
  return transpose(reshape(x, [b, t, heads, width / heads]), [0, 2, 1, 3]);
}

/** Every key and value head serves as many query heads in a row. */
function repeatHeads(x: Tensor, times: number): Tensor {
  if (times === 1) return x;
  const [b, heads, t, d] = x.shape;
  return reshape(broadcastTo(expandDims(x, 2), [b, heads, times, t, d]), [b, heads * times, t, d]);
}

function traceAttention(call: Call): (Tensor | undefined)[] {
  const [, , , mask, pastKey, pastValue, lengths] = call.inputs;
  if (lengths !== undefined) fail("nonpad_kv_seqlen is not supported");
  if (call.wants(3)) fail("the fourth result is not supported");
  const heads = (name: string, input: number) =>
    call.input(input).rank === 4 ? call.input(input).shape[1] : call.integer(name);
  const q = toHeads(call.input(0), heads("q_num_heads", 0));
  const own = [1, 2].map((i) => toHeads(call.input(i), heads("kv_num_heads", i)));
  const k = pastKey === undefined ? own[0] : concat([pastKey, own[0]], 2);
  const v = pastValue === undefined ? own[1] : concat([pastValue, own[1]], 2);
  const times = q.shape[1] / k.shape[1];
  const scale = call.float("scale", 1 / Math.sqrt(q.shape[3]));
  const scores = mul(matmul(q, swapAxes(repeatHeads(k, times), -1, -2)), scale);
  const [rows, columns] = scores.shape.slice(-2);
  const cap = call.float("softcap", 0);
  const capped = cap === 0 ? scores : mul(tanh(div(scores, cap)), cap);
  const masked = mask === undefined ? capped : withMask(capped, mask);
  const causal =
    call.integer("is_causal", 0) === 1
      ? withMask(masked, tril(constant(ones([rows, columns], "bool")), pastKey?.shape[2] ?? 0))
      : masked;
  const y = matmul(softmax(causal), repeatHeads(v, times));
  const [b, count, t, width] = y.shape;
  const joined = reshape(transpose(y, [0, 2, 1, 3]), [b, t, count * width]);
  return [call.input(0).rank === 4 ? y : joined, k, v];
}

/** Booleans say which scores count; numbers are added to them. */
const withMask = (scores: Tensor, mask: Tensor): Tensor =>
  mask.dtype === "bool" ? where(mask, scores, Number.NEGATIVE_INFINITY) : add(scores, mask);

/** Pairs of entries turned by the angles whose cosines and sines are given. */
function traceRotary(call: Call): Tensor {
  const [given, , , positions] = call.inputs;
  const x = toHeads(given ?? call.input(0), call.integer("num_heads", 0));
  const width = x.shape[3];
  const turned = call.integer("rotary_embedding_dim", 0) || width;
  const half = turned / 2;
  const angles = (input: number) => {
    const table = call.input(input);
    return expandDims(positions === undefined ? table : gather(table, positions), 1);
  };
  const [cosine, sine] = [angles(1), angles(2)];
  const interleaved = call.integer("interleaved", 0) === 1;
  const head = sliceAxis(x, 3, 0, turned);
  const part = (i: number) =>
    interleaved ? sliceAxis(head, 3, i, turned, 2) : sliceAxis(head, 3, i * half, (i + 1) * half);
  const [a, b] = [part(0), part(1)];
  const real = sub(mul(cosine, a), mul(sine, b));
  const imaginary = add(mul(sine, a), mul(cosine, b));
  const rotated = interleaved
    ? reshape(concat([expandDims(real, 4), expandDims(imaginary, 4)], 4), head.shape)
    : concat([real, imaginary], 3);
  const whole = concat([rotated, sliceAxis(x, 3, turned, width)], 3);
  if (call.input(0).rank === 4) return whole;
  return reshape(transpose(whole, [0, 2, 1, 3]), call.input(0).shape);
}

export const attention: Operators = {
  Attention: { trace: traceAttention },
  RotaryEmbedding: { trace: traceRotary },
};
