/** The baselines: the same network trained as a whole, and a deep one. */
import { compileMinimizer } from "@etude/learn";
import { array, jit, type NDArray, random, type Tensor } from "@etude/tensor";
import type { Activation, Solver } from "./config.ts";
import { compileEpochs, optimisers } from "./epochs.ts";
import { boostingLoss, type Task } from "./losses.ts";
import type { MergedNetwork } from "./merge.ts";
import { activate, initialLayer } from "./shallow.ts";
import { checkExamples, classesOf, encodeTargets, outputsOf } from "./targets.ts";

export interface NetworkConfig {
  /** Units of each hidden layer. */
  readonly hidden: readonly number[];
  readonly solver: Solver;
  readonly activation?: Activation;
  /** Iterations of L-BFGS, epochs of Adam and SGD: 200. */
  readonly maxIter?: number;
  /** alpha, as in eq. 12: 1e-4. */
  readonly weightDecay?: number;
  readonly seed: number;
}

/** weight [inputs, outputs], bias [outputs] */
interface Layer<T> {
  readonly weight: T;
  readonly bias: T;
}

export interface Network {
  readonly task: Task;
  readonly classes?: readonly number[];
  readonly activation: Activation;
  readonly layers: readonly Layer<NDArray>[];
  /** Objective after each epoch of Adam or SGD; at the end of L-BFGS. */
  readonly losses: readonly number[];
}

/** Numbers, logits of the second class, or logits of all classes: [n, K]. */
function networkOutput(
  layers: readonly Layer<Tensor>[],
  x: Tensor,
  activation: Activation,
): Tensor {
  return layers.reduce((inputs, { weight, bias }, depth) => {
    const outputs = inputs.matmul(weight).add(bias);
    return depth === layers.length - 1 ? outputs : activate[activation](outputs);
  }, x);
}

/**
 * What training a whole network minimises: half the squared error or the cross-entropy, a mean over
 * the examples, with the penalty of eq. 12. The logit of a binary task is 2 F.
 */
function networkObjective(
  layers: readonly Layer<Tensor>[],
  x: Tensor,
  targets: Tensor,
  weightDecay: Tensor,
  task: Task,
  activation: Activation,
): Tensor {
  const outputs = networkOutput(layers, x, activation);
  const loss =
    task === "regression"
      ? boostingLoss(task, targets, outputs).div(2)
      : boostingLoss(task, targets, task === "binary" ? outputs.div(2) : outputs);
  const squares = layers.map(({ weight }) => weight.mul(weight).sum());
  const penalty = squares.reduce((sum, square) => sum.add(square));
  return loss.mean().add(penalty.mul(weightDecay).div(2 * x.shape[0]));
}

const minimise = compileMinimizer(networkObjective);
const epochs = {
  adam: compileEpochs(networkObjective, optimisers.adam),
  sgd: compileEpochs(networkObjective, optimisers.sgd),
};

/**
 * A network trained as usual: Adam or SGD on batches of 200 for `maxIter` epochs, or L-BFGS for as
 * many iterations. Start, activation and weight decay are those of the parts of a GBNN.
 *
 * @param x [N, d]
 * @param y [N]: numbers for regression, else labels
 */
export async function trainNetwork(
  x: NDArray,
  y: NDArray,
  task: Task,
  config: NetworkConfig,
): Promise<Network> {
  const { hidden, solver, activation = "logistic", maxIter = 200, weightDecay = 1e-4 } = config;
  checkExamples(x, y);
  const classes = classesOf(task, y);
  const dtype = x.dtype === "float32" ? "float32" : "float64";
  const targets = encodeTargets(task, y, classes, dtype);
  const generator = random.generator(config.seed);
  const sizes = [x.shape[1], ...hidden, outputsOf(task, classes)];
  const start = sizes
    .slice(1)
    .map((outputs, i) => initialLayer(generator, sizes[i], outputs, activation, dtype));
  const alpha = array(new Float64Array([weightDecay]), { shape: [], dtype });
  const trained = { task, activation, ...(classes && { classes }) };

  if (solver === "lbfgs") {
    const { params, value } = await minimise(start, [x, targets, alpha, task, activation], {
      maxIterations: maxIter,
      gradientTolerance: 0,
    });
    return { ...trained, layers: params, losses: [value] };
  }
  const { params, losses } = await epochs[solver](start, [x, targets], [alpha, task, activation], {
    epochs: maxIter,
    generator,
  });
  return { ...trained, layers: params, losses };
}

const runNetwork = jit(networkOutput);

/** Outputs of a trained network: numbers or logits, [n, K]. */
export const networkScores = (network: Network, x: NDArray): Promise<NDArray> =>
  runNetwork(network.layers, x, network.activation);

/**
 * A network with one hidden layer in the form of a merged one, so that its units can be switched off
 * too. It keeps its whole output bias, which is all that its user would have.
 */
export function asMerged({ layers, activation, task }: Network): MergedNetwork {
  if (layers.length !== 2)
    throw new TypeError(`asMerged: ${layers.length - 1} hidden layers; it must be one`);
  const [hidden, output] = layers;
  const units = hidden.bias.size;
  const rows = Float64Array.from(
    { length: (units + 1) * output.bias.size },
    (_, i) => output.bias.data[i % output.bias.size],
  );
  return {
    W: hidden.weight,
    b: hidden.bias,
    V: output.weight,
    prefixBias: array(rows, {
      shape: [units + 1, output.bias.size],
      dtype: output.bias.dtype,
    }),
    outputScale: task === "binary" ? 2 : 1,
    unitsPerStep: 1,
    activation,
  };
}
