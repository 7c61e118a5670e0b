/**
 * The baseline: problem (1) by back-propagation, from random weights, several starts side by side. With
 * an adversary the loss is that of perturbed inputs, made anew at every step.
 */
import { array, type NDArray, random, type Tensor, vmap } from "@etude/tensor";
import { perturb, reachOf } from "./attack.ts";
import { compileDescent, constantRates, type DescentRule, fallingRates } from "./descent.ts";
import { type LossName, losses } from "./losses.ts";
import { requireWhole } from "./patterns.ts";
import { checkSamples, requirePositive, scalar } from "./program.ts";
import { networkOutput, type ReluNetwork } from "./recovery.ts";

export interface BackpropOptions {
  /** Hidden units, m. */
  readonly units: number;
  readonly beta: number;
  readonly loss: LossName;
  /** Whether the loss is summed over the samples, as in (1), or averaged, as in (18). */
  readonly over: "sum" | "mean";
  readonly rule: DescentRule;
  readonly rate: number;
  /** Whether the rate falls to zero; false. */
  readonly falling?: boolean;
  readonly steps: number;
  /** Networks trained side by side, each from weights of its own: 1. */
  readonly starts?: number;
  readonly seed: number;
  /** What is computed in: float64. */
  readonly dtype?: "float32" | "float64";
  /** FGSM has one step of length eps. */
  readonly adversary?: {
    readonly eps: number;
    readonly steps: number;
    readonly step: number;
    readonly bias?: readonly number[];
  };
}

interface Adversary<T> {
  readonly reach: T;
  readonly step: T;
}

function compile(
  loss: LossName,
  over: "sum" | "mean",
  rule: DescentRule,
  attackSteps: number,
): ReturnType<typeof compileDescent<ReluNetwork<Tensor>, Arguments>> {
  return compileDescent(
    (
      networks: ReluNetwork<Tensor>,
      X: Tensor,
      y: Tensor,
      beta: Tensor,
      adversary: Adversary<Tensor>,
    ) => {
      const one = (network: ReluNetwork<Tensor>): Tensor => {
        // The attack is a constant of the step: no gradient flows through it.
        const inputs =
          attackSteps === 0
            ? X
            : perturb(network, X, y, { ...adversary, steps: attackSteps, loss }).stopGradient();
        const values = losses[loss].value(networkOutput(network, inputs), y);
        const fit = over === "sum" ? values.sum() : values.mean();
        const squares = [network.U, network.a].map((weights) => weights.mul(weights).sum());
        return fit.add(squares[0].add(squares[1]).mul(beta.div(2)));
      };
      // Starts do not meet: the gradient of the sum is that of each.
      return vmap(one)(networks).sum();
    },
    rule,
  );
}
type Arguments = [X: Tensor, y: Tensor, beta: Tensor, adversary: Adversary<Tensor>];

const compiled = new Map<string, ReturnType<typeof compile>>();

/**
 * Networks trained by back-propagation, one a start. First-layer weights start from N(0, 1 / d), the
 * second layer's from N(0, 1 / m).
 */
export async function backprop(
  X: NDArray,
  y: NDArray,
  options: BackpropOptions,
): Promise<ReluNetwork[]> {
  const { units, beta, loss, over, rule, rate, steps, starts = 1, adversary } = options;
  const { dtype = "float64" } = options;
  checkSamples(X, y, loss);
  if (beta !== 0) requirePositive("beta", beta);
  requirePositive("rate", rate);
  for (const [name, value] of Object.entries({ units, steps, starts }))
    requireWhole(name, value, 1);
  const d = X.shape[1];
  const key = [loss, over, rule, adversary?.steps ?? 0].join(" ");
  const descend = compiled.get(key) ?? compile(loss, over, rule, adversary?.steps ?? 0);
  compiled.set(key, descend);
  const generator = random.generator(options.seed);
  const draw = (shape: readonly number[], deviation: number): NDArray => {
    const size = shape.reduce((product, length) => product * length, 1);
    const values = Float64Array.from({ length: size }, () => deviation * generator.normal());
    return array(values, { shape, dtype });
  };
  const start = {
    U: draw([starts, units, d], 1 / Math.sqrt(d)),
    a: draw([starts, units], 1 / Math.sqrt(units)),
  };
  const rates = options.falling ? fallingRates(rate, steps) : constantRates(rate, steps);
  const { params } = await descend(
    start,
    [
      X.astype(dtype),
      y.astype(dtype),
      scalar(beta).astype(dtype),
      {
        reach: reachOf(adversary?.eps ?? 0, d, adversary?.bias).astype(dtype),
        step: scalar(adversary?.step ?? 0).astype(dtype),
      },
    ],
    rates,
  );
  return Array.from({ length: starts }, (_, i) => ({
    U: array(params.U.data.slice(i * units * d, (i + 1) * units * d), {
      shape: [units, d],
      dtype: "float64",
    }),
    a: array(params.a.data.slice(i * units, (i + 1) * units), { dtype: "float64" }),
  }));
}
