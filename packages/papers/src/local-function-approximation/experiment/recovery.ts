/** Which method gives back a linear and a logistic model (section 5.2). */
import { array, type NDArray, random } from "@etude/tensor";
import type { RunContext } from "../../contract/context.ts";
import { progress, type Running } from "../../contract/events.ts";
import { meanCosine, relativeL1 } from "../distances.ts";
import { type Instance, type MethodName, methodNames, methods } from "../methods.ts";
import { gaussian } from "../neighbourhoods.ts";
import { compiledDirect, compiledFit, instanceOf } from "./compiled.ts";
import type { Prepared, Task } from "./data.ts";
import { type Trained, trainModel } from "./models.ts";
import { byMethod } from "./network.ts";
import type { Options } from "./options.ts";

export interface Recovered {
  readonly model: "linear" | "logistic";
  /** The name of a method, or of one with a logistic g. */
  readonly method: string;
  readonly route: "direct" | "exact" | "adam";
  /** sum |a - w| / sum |w|, and mean 1 - cos, of attributions a over all points. */
  readonly toWeights: number;
  readonly cosineToWeights: number;
  /** The same for w x0. */
  readonly toProduct: number;
  readonly cosineToProduct: number;
}

export const partsOfRecovery = 2;

export async function* measureRecovery(
  name: string,
  { task, train, classes }: Prepared,
  points: NDArray,
  options: Options,
  context: RunContext,
  done: number,
  total: number,
): Running<Recovered[]> {
  const root = random.generator(context.seed).fork(99);
  const keys = Array.from({ length: 64 }, () => random.key(root.bits()));
  const rows: Recovered[] = [];
  const models: readonly (readonly ["linear" | "logistic", Task])[] =
    task === "regression"
      ? [
          ["linear", "regression"],
          ["logistic", "classification"],
        ]
      : [["logistic", "classification"]];
  for (const [i, [model, modelTask]] of models.entries()) {
    yield progress(done + i, total, `${name}, recovering a ${model} model`);
    const examples = model === "linear" ? train : { x: train.x, y: classes };
    const params = (yield* context.step(`${name}/${model}-model`, () =>
      trainModel(examples, modelTask, 0, options, context.seed),
    )) as Trained;
    const targets = targetsOf(params, points);
    const add = (
      method: Recovered["method"],
      route: Recovered["route"],
      attributions: NDArray,
    ): void => {
      rows.push({
        model,
        method,
        route,
        toWeights: relativeL1(attributions, targets.weights),
        cosineToWeights: meanCosine(attributions, targets.weights).mean,
        toProduct: relativeL1(attributions, targets.product),
        cosineToProduct: meanCosine(attributions, targets.product).mean,
      });
    };
    // No claim rests on logistic models, whose fits are the slowest: there samples are the fewer ones.
    const given = model === "linear" ? options : { ...options, wideSamples: options.samples };
    const direct = yield* context.step(`${name}/${model}-direct`, () =>
      compiledDirect(given, modelTask)(params, points, keys[0]),
    );
    const own = byMethod(direct);
    for (const method of methodNames) add(method, "direct", own[method]);
    const problems = model === "linear" ? linearProblems(options) : logisticProblems(options);
    for (const [j, { method, route, instance }] of problems.entries()) {
      yield progress(done + i + j / problems.length, total, `${name}, ${model}: ${method}`);
      const fit = compiledFit(`recover ${method}`, instance, route, given, modelTask);
      add(
        method,
        route,
        yield* context.step(`${name}/${model}-${route}-${j + 1}`, () =>
          fit(params, points, keys[1 + j]),
        ),
      );
      const { toWeights } = rows[rows.length - 1];
      const metric = `${name}, ${model}: distance from the weights, by problem`;
      yield { type: "metric", name: metric, step: j, value: toWeights };
    }
  }
  return rows;
}

interface Problem {
  readonly method: Recovered["method"];
  readonly route: "exact" | "adam";
  readonly instance: Instance;
}

const linearProblems = (options: Options): Problem[] =>
  (["exact", "adam"] as const).flatMap((route) =>
    methodNames.map((method) => ({ method, route, instance: instanceOf(method, options) })),
  );

/**
 * Only a logistic g has a logistic f in its class. With little noise its scale is hardly to be seen, so
 * a wider neighbourhood is tried as well.
 */
const logisticProblems = ({ sigma }: Options): Problem[] =>
  [sigma, wide].flatMap((deviation) =>
    (["SmoothGrad", "C-LIME"] as const).map((method) => ({
      method: `${method}, logistic g, sigma ${deviation}`,
      route: "adam",
      instance: {
        neighbourhood: gaussian(deviation),
        loss: method === "SmoothGrad" ? "gradientMatching" : "squaredError",
        model: "logistic",
      },
    })),
  );
const wide = 1;

/** w and w x0 at every point: [m, d]. */
function targetsOf(params: Trained, { data, shape: [m, d] }: NDArray) {
  const w = params[0].weight.data;
  const rows = (of: (i: number) => number): NDArray =>
    array(
      Float32Array.from({ length: m * d }, (_, i) => of(i)),
      { shape: [m, d] },
    );
  return {
    weights: rows((i) => Number(w[i % d])),
    product: rows((i) => Number(w[i % d]) * Number(data[i])),
  };
}

/** How far a method is from what it must give for its model: w, or w x0. */
export const recoveryError = ({ method, toWeights, toProduct }: Recovered): number =>
  method in methods && methods[method as MethodName].operation === "multiplicative"
    ? toProduct
    : toWeights;
