/**
 * Per-example gradients of a network of dense layers, without making them. The gradient of layer l
 * for one example is the outer product of what enters the layer and of the sensitivity of its output,
 *
 *     dl/dW_l = a_{l-1} delta_l^T,   dl/db_l = delta_l,
 *
 * so its norm and its inner products with those of other examples follow from the two vectors.
 * Exact, and about as cheap as training on the batch; the general way is in `gradientNorms.ts` and
 * `tangentKernel.ts`.
 */
import { type DenseParams, dense, softmaxCrossEntropy } from "@etude/learn";
import {
  eye,
  jit,
  lift,
  type MapLeaves,
  type NDArray,
  type Tensor,
  valueAndGrad,
  vjp,
  vmap,
  zeros,
} from "@etude/tensor";
import type { GradientNorms } from "./gradientNorms.ts";
import { labelsFrom, rowsOf } from "./rows.ts";
import { checkLabels } from "./scores.ts";

/** Layers with biases, inputs first; as `mlp` of @etude/learn has them. */
export type DenseLayers = DenseParams[];
type Activation = (x: Tensor) => Tensor;

const relu: Activation = (x) => x.relu();

interface Pass {
  readonly logits: Tensor;
  /** What enters each layer [N, in]: a_{l-1}. */
  readonly entering: readonly Tensor[];
}

/** The network with something added to the output of every layer: the derivative by it is delta. */
function shiftedPass(
  layers: DenseLayers,
  x: Tensor,
  shifts: readonly Tensor[],
  activation: Activation,
): Pass {
  const entering: Tensor[] = [];
  const logits = layers.reduce((values, layer, l) => {
    const input = l === 0 ? values.reshape([values.shape[0], -1]) : activation(values);
    entering.push(input);
    return dense(layer, input).add(shifts[l]);
  }, x);
  return { logits, entering };
}

const noShifts = (layers: DenseLayers, rows: number): Tensor[] =>
  layers.map(({ weight }) => lift(zeros([rows, weight.shape[1]], weight.dtype as "float32")));

/**
 * GraNd scores by the closed form: chi^2 = sum_l |delta_l|^2 (|a_{l-1}|^2 + 1), where the 1 is the
 * bias.
 *
 * @param activation between the layers; relu by default
 */
export function compileDenseGradientNorms(
  activation: Activation = relu,
): GradientNorms<DenseLayers, unknown> {
  const norms = jit((layers: DenseLayers, x: Tensor, labels: Tensor) => {
    const loss = (shifts: Tensor[]): [Tensor, readonly Tensor[]] => {
      const { logits, entering } = shiftedPass(layers, x, shifts, activation);
      return [softmaxCrossEntropy(logits, labels).sum(), entering];
    };
    const shifts = noShifts(layers, x.shape[0]);
    const [[, entering], deltas] = valueAndGrad(loss, { hasAux: true })(shifts);
    const squares = deltas.map((delta, l) => square(delta).mul(square(entering[l]).add(1)));
    return squares.reduce((total, each) => total.add(each)).sqrt();
  });
  return async (params, x, labels, { batchSize = 1000 } = {}) => {
    checkLabels("grand", labels, x.shape[0], Number.POSITIVE_INFINITY);
    const scores = new Float64Array(x.shape[0]);
    for (let from = 0; from < scores.length; from += batchSize) {
      const inputs = rowsOf(x, from, batchSize);
      const targets = labelsFrom(labels, from, batchSize);
      scores.set((await norms(params, inputs, targets)).data, from);
    }
    return scores;
  };
}

/** |v|^2 of every row */
const square = (rows: Tensor): Tensor => rows.mul(rows).sum(-1);

/** The tangent kernel of a network's examples; see `tangentKernel.ts`. */
export type KernelOf<P> = (params: MapLeaves<P, NDArray>, x: NDArray) => Promise<NDArray>;

/**
 * The tangent kernel by the closed form: K[(i, k), (j, m)] = sum_l (a_i . a_j + 1) (delta_i^k . delta_j^m)
 * with delta^k the sensitivity of logit k.
 *
 * @returns a function to [N, C, N, C]
 */
export function compileDenseTangentKernel(activation: Activation = relu): KernelOf<DenseLayers> {
  return jit((layers: DenseLayers, x: Tensor) => {
    const [rows] = x.shape;
    const shifts = noShifts(layers, rows);
    const { entering } = shiftedPass(layers, x, shifts, activation);
    const logitsOf = (moved: Tensor[]): Tensor => shiftedPass(layers, x, moved, activation).logits;
    const [logits, pullback] = vjp(logitsOf, shifts);
    const classes = logits.shape[1];
    // One cotangent a logit, the same for every example: their sensitivities do not mix.
    const each = lift(eye(classes, classes, logits.dtype as "float32")).expandDims(1);
    const [deltas] = vmap(pullback)(each.broadcastTo([classes, rows, classes])) as [Tensor[]];
    const kernels = deltas.map((delta, l) => {
      const flat = delta.transpose([1, 0, 2]).reshape([rows * classes, -1]);
      const sensitivities = flat.matmul(flat.transpose()).reshape([rows, classes, rows, classes]);
      const inputs = entering[l].matmul(entering[l].transpose()).add(1);
      return sensitivities.mul(inputs.reshape([rows, 1, rows, 1]));
    });
    return kernels.reduce((total, kernel) => total.add(kernel));
  });
}
