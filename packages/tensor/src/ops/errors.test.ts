import { describe } from "vitest";
import {
  concat,
  constant,
  type DType,
  einsum,
  stack,
  type Tensor,
  where,
  zeros,
} from "../index.ts";
import { complains } from "../testing/complaints.ts";

const of = (shape: readonly number[], dtype: DType = "float32"): Tensor =>
  constant(zeros(shape, dtype));
const int = (...shape: number[]): Tensor => of(shape, "int32");

describe("elementwise", () =>
  complains([
    ["shapes", () => of([2]).add(of([3])), "add", "[2] and [3] do not broadcast"],
    [
      "three shapes",
      () => where(of([2], "bool"), of([3]), of([3])),
      "where",
      "[2] and [3] and [3]",
    ],
    ["dtypes", () => of([2]).mul(int(2)), "mul", "float32 and int32 do not mix", "astype"],
    ["precisions", () => of([2]).sub(of([2], "float64")), "sub", "float32 and float64"],
    ["integers where floats belong", () => int(2).exp(), "exp", "takes floats, got int32"],
    ["floats where integers belong", () => of([2]).bitwiseAnd(of([2])), "bitwiseAnd", "integers"],
    ["numbers where booleans belong", () => int(2).and(int(2)), "and", "takes booleans, got int32"],
    ["booleans where numbers belong", () => of([2], "bool").add(of([2], "bool")), "add", "numbers"],
    ["a fraction beside integers", () => int(2).add(0.5), "0.5 is no int32", "astype"],
    ["a list", () => of([2]).add([1, 2] as unknown as number), "a JavaScript array", "array(...)"],
    ["nothing", () => of([2]).add(undefined as unknown as number), "got undefined"],
    ["a promise", () => of([2]).add(Promise.resolve(1) as unknown as number), "Promise", "await"],
  ]));

describe("reductions and orderings", () =>
  complains([
    ["an axis outside", () => of([2, 3]).sum(2), "sum", "axis 2 is outside a tensor of rank 2"],
    ["a repeated axis", () => of([2, 3]).mean([0, -2]), "axes [0,-2] repeat an axis"],
    ["a fraction of an axis", () => of([2, 3]).sum(0.5), "axis 0.5"],
    ["the largest of nothing", () => of([2, 0]).max(), "max", "no value for the empty axes"],
    ["the mean of nothing", () => of([2, 0]).mean(1), "mean", "[2, 0]"],
    ["the place of the largest of nothing", () => of([0]).argmax(), "argmax", "empty axis"],
    ["booleans", () => of([2], "bool").max(), "max", "takes numbers, got bool"],
    ["integers", () => int(2).logsumexp(), "logsumexp", "takes floats, got int32"],
    ["softmax of integers", () => int(2).softmax(), "softmax", "takes floats, got int32"],
    ["too few for the variance", () => of([1]).variance(0, { ddof: 1 }), "variance", "ddof 1"],
    ["too many for topK", () => of([2, 3]).topK(4), "topK", "4 of the 3 entries along axis 1"],
    ["sorting booleans", () => of([2], "bool").sort(), "takes numbers, got bool"],
    ["summing booleans in order", () => of([2], "bool").cumsum(), "cumsum", "got bool"],
    ["normalising integers", () => int(2).layerNorm(), "layerNorm", "int32"],
  ]));

describe("matrices", () =>
  complains([
    [
      "inner lengths",
      () => of([2, 3]).matmul(of([4, 5])),
      "matmul",
      "[2, 3] and [4, 5]",
      "3 and 4",
    ],
    ["a vector's length", () => of([2, 3]).matmul(of([4])), "matmul", "3 and 4"],
    ["leading axes", () => of([2, 3, 4]).matmul(of([3, 4, 5])), "matmul", "do not broadcast"],
    ["scalars", () => of([]).matmul(of([2])), "matmul", "scalars"],
    ["dtypes", () => of([2, 2]).matmul(of([2, 2], "float64")), "matmul", "float32 and float64"],
    ["integers", () => int(2, 2).matmul(int(2, 2)), "matmul", "takes floats, got int32"],
    ["a triangle of a vector", () => of([2]).tril(), "tril", "[2]"],
    ["the diagonal of a vector", () => of([2]).diagonal(), "diagonal", "[2]"],
    [
      "einsum's lengths",
      () => einsum("ij,jk->ik", of([2, 3]), of([4, 5])),
      "einsum",
      "axis j has lengths 3 and 4",
    ],
    ["einsum's ranks", () => einsum("ij->i", of([2])), 'einsum: "ij" names 2 axes of shape [2]'],
    ["einsum's operands", () => einsum("i,j->ij", of([2])), "does not describe 1 operand"],
    ["einsum's result", () => einsum("i->k", of([2])), "k in the result is unknown"],
  ]));

describe("layout", () =>
  complains([
    ["reshape", () => of([2, 3]).reshape([4]), "reshape", "6 elements do not fill shape [4]"],
    ["reshape with -1", () => of([2, 3]).reshape([4, -1]), "6 elements do not fill shape [4, -1]"],
    [
      "transpose",
      () => of([2, 3]).transpose([0, 0]),
      "transpose",
      "[0,0] does not order the 2 axes",
    ],
    ["broadcastTo", () => of([2]).broadcastTo([3]), "broadcastTo", "[2] does not broadcast to [3]"],
    ["squeeze", () => of([2, 1]).squeeze(0), "squeeze: axis 0 of shape [2, 1]"],
    ["expandDims", () => of([2]).expandDims([0, 0]), "expandDims", "repeat"],
    [
      "slice, an index",
      () => of([2, 3]).slice(2),
      "slice: index 2 is outside axis 0 of shape [2, 3]",
    ],
    ["slice, a step", () => of([4]).slice([0, 4, -1]), "step -1 is not positive; use flip"],
    ["slice, too many", () => of([4]).slice(null, null), "2 axes asked of shape [4]"],
    [
      "pad",
      () =>
        of([2]).pad([
          [0, 0],
          [1, 1],
        ]),
      "pad: 2 pairs of widths for the 1 axes of shape [2]",
    ],
    ["pad, removal", () => of([2]).pad([[-2, -1]]), "take more than shape [2] has"],
    [
      "pad, reflection",
      () => of([2]).pad([[2, 0]], { mode: "reflect" }),
      "reflect cannot extend axis 0 of length 2",
    ],
    [
      "concat, shapes",
      () => concat([of([2, 3]), of([2, 4])]),
      "concat: float32[2, 3], float32[2, 4] do not join along axis 0",
    ],
    ["concat, dtypes", () => concat([of([2]), int(2)]), "float32[2], int32[2] do not join"],
    ["concat of nothing", () => concat([]), "nothing to join"],
    ["stack", () => stack([of([2]), of([3])]), "do not join"],
    ["split", () => of([5]).split(2), "split: axis 0 of length 5 does not split into 2"],
    ["moveAxis", () => of([2, 3]).moveAxis(0, 2), "moveAxis: axis 2"],
  ]));

describe("indices", () =>
  complains([
    ["float indices", () => of([3]).gather(of([2])), "gather: indices must be int32, got float32"],
    [
      "rows that do not fit",
      () => of([3, 2]).takeAlongAxis(int(4, 1)),
      "takeAlongAxis: indices [4, 1] do not run along axis 1 of shape [3, 2]",
    ],
    [
      "updates of another shape",
      () => of([3, 2]).scatterAdd(int(4), of([4, 3])),
      "scatterAdd: updates float32[4, 3] where float32[4, 2]",
      "indices [4]",
    ],
    [
      "updates of another dtype",
      () => of([3]).scatterAdd(int(2), int(2)),
      "int32[2] where float32[2]",
    ],
    [
      "choosing of nothing",
      () => of([0, 2]).gather(int(1)),
      "nothing to choose from along axis 0 of [0, 2]",
    ],
  ]));

describe("convolutions and pooling", () =>
  complains([
    [
      "channels",
      () => of([1, 3, 8]).conv(of([4, 2, 3])),
      "conv: input [1, 3, 8], kernel [4, 2, 3]",
      "3 channels in 1 group(s)",
    ],
    ["groups", () => of([1, 4, 8]).conv(of([3, 2, 3]), { groups: 2 }), "O divisible by 2"],
    ["ranks", () => of([3, 8]).conv(of([4, 3, 3])), "expected [N, C, X...]"],
    ["dtypes", () => of([1, 3, 8]).conv(of([4, 3, 3], "float64")), "float32 and float64"],
    ["too large a kernel", () => of([1, 1, 2]).conv(of([1, 1, 3])), "does not fit input [1, 1, 2]"],
    [
      "strides",
      () => of([1, 1, 4, 4]).conv(of([1, 1, 2, 2]), { stride: [1] }),
      "conv: [1] is not a positive integer for each of the 2 spatial axes",
    ],
    [
      "paddings",
      () => of([1, 1, 4, 4]).conv(of([1, 1, 2, 2]), { padding: [1] }),
      "1 paddings for 2 spatial axes",
    ],
    [
      "transposed channels",
      () => of([1, 3, 4]).convTranspose(of([2, 1, 3])),
      "convTranspose: input [1, 3, 4] needs kernels [3, O / 1, K...]",
    ],
    [
      "outputPadding",
      () => of([1, 1, 4]).convTranspose(of([1, 1, 3]), { outputPadding: 1 }),
      "outputPadding [1]",
    ],
    ["a window", () => of([1, 1, 2]).maxPool(3), "maxPool: window [3] does not fit [1, 1, 2]"],
    ["a window of two axes", () => of([1, 1, 4]).avgPool([2, 2]), "avgPool: window [2,2]"],
    ["an image without channels", () => of([4, 4]).maxPool(2), "maxPool: expected [N, C, X...]"],
    [
      "columns of another image",
      () => of([1, 4, 3]).fold([1, 1, 4], 2),
      "fold: [1, 4, 3] where an image [1, 1, 4] has windows [1, 2, 3]",
    ],
  ]));
