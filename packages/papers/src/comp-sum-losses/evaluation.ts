/** Accuracy on clean data and under attack, on the host, in chunks. */
import { type Net, takeRows } from "@etude/learn";
import {
  array,
  evaluate,
  jit,
  type MapLeaves,
  type NDArray,
  random,
  type Tensor,
} from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { type Attack, survives } from "./attacks.ts";
import { checkClassNumbers, checkExamples, classCounter, type Examples } from "./examples.ts";
import { smallestMargin } from "./margins.ts";

export interface Evaluation {
  /** Share of examples whose label has the largest score, without a tie. */
  readonly clean: number;
  /** Share that every attack leaves so: an upper bound of the robust accuracy. */
  readonly robust: number;
  /** The class of the largest score, by example. */
  readonly predictions: Int32Array;
  /** 1 where an example is right whatever the attacks do, else 0. */
  readonly survived: Uint8Array;
  /** Every example gets the same class: the scores of the network have become constant. */
  readonly collapsed: boolean;
}

export type Evaluator<P> = (
  params: MapLeaves<P, NDArray>,
  examples: Examples,
  seed: number,
) => Promise<Evaluation>;

/** Examples in one call. */
const chunk = 512;

/**
 * A function that evaluates parameters of a network, compiled once for all of them.
 *
 * @throws UsageError for a label that is no class of the network
 *
 * @example
 * const evaluateOn = evaluator(net, standardAttacks({ norm: "linf", radius: 8 / 255, low: 0, high: 1 }));
 * const { clean, robust } = await evaluateOn(params, test, 0);
 */
export function evaluator<P>(net: Net<P>, attacks: readonly Attack[] = []): Evaluator<P> {
  const run = jit((params: P, x: Tensor, labels: Tensor, key: Tensor, place: Tensor) => {
    const model = (z: Tensor): Tensor => net(params, z);
    const scores = model(x);
    return {
      predictions: scores.argmax(-1),
      right: smallestMargin(scores, labels).greater(0),
      survived: survives(model, x, labels, attacks, random.foldIn(key, place)),
    };
  });
  const classesOf = classCounter(net);

  return async (params, examples, seed) => {
    checkExamples(examples);
    checkClassNumbers(examples, await classesOf(params, examples));
    const { inputs, labels } = examples;
    const count = labels.size;
    const size = Math.min(chunk, count);
    const key = await evaluate(random.key(seed));
    const predictions = new Int32Array(count);
    const survived = new Uint8Array(count);
    let right = 0;
    for (let first = 0; first < count; first += size) {
      // The last chunk begins anew with the first examples, so that all have one shape.
      const rows = Int32Array.from({ length: size }, (_, i) => (first + i) % count);
      const real = Math.min(size, count - first);
      const results = await run(
        params as never,
        takeRows(inputs, rows),
        takeRows(labels, rows),
        key,
        array(first, { dtype: "int32" }),
      );
      predictions.set(results.predictions.data.subarray(0, real), first);
      survived.set(results.survived.data.subarray(0, real), first);
      for (let i = 0; i < real; i++) right += results.right.data[i];
    }
    return {
      clean: right / count,
      robust: survived.reduce((sum, one) => sum + one, 0) / count,
      predictions,
      survived,
      collapsed: predictions.every((label) => label === predictions[0]),
    };
  };
}

/** Robust accuracy of a network once; see {@link evaluator}. */
export async function robustAccuracy<P>(
  net: Net<P>,
  params: MapLeaves<P, NDArray>,
  examples: Examples,
  attacks: readonly Attack[],
  seed = 0,
): Promise<number> {
  if (attacks.length === 0) throw new UsageError("robust accuracy is against one attack at least");
  return (await evaluator(net, attacks)(params, examples, seed)).robust;
}
