/** All that is measured of one network on one table. */
import { meanOf, standardError } from "@etude/learn";
import { array, type NDArray, random } from "@etude/tensor";
import type { RunContext } from "../../contract/context.ts";
import { progress, type Running } from "../../contract/events.ts";
import { attributionDistances, meanL1 } from "../distances.ts";
import { type Instance, type MethodName, methodNames } from "../methods.ts";
import { gaussian, uniformScale } from "../neighbourhoods.ts";
import {
  compiledChecks,
  compiledDirect,
  compiledFit,
  compiledLosses,
  compiledTests,
  instanceOf,
  type TestName,
  testNames,
} from "./compiled.ts";
import type { Prepared } from "./data.ts";
import { qualityOf, type Trained, trainModel } from "./models.ts";
import type { Options } from "./options.ts";

/** Rows and columns of matrices are in the order of `methodNames`. */
export interface NetworkResult {
  readonly depth: number;
  /** R^2, or accuracy, on the test part. */
  readonly quality: number;
  /** Mean distances, rows the methods' own formulas, columns the framework's route. */
  readonly l1: readonly (readonly number[])[];
  readonly cosine: readonly (readonly number[])[];
  /** Pairs of which one attribution was zero. */
  readonly zeros: number;
  /** Mean L1 distance of SmoothGrad's fit to Vanilla Gradients, for every sigma. */
  readonly toVanilla: readonly number[];
  /** Mean L1 distance of the fit over scales from alpha to Gradient x Input, for every alpha. */
  readonly toTimesInput: readonly number[];
  /** Mean change of the score by method and number of features, with its standard error. */
  readonly tests: Readonly<Record<TestName, Curves>>;
  /** Mean loss: rows explanations, columns neighbourhoods. */
  readonly losses: readonly (readonly number[])[];
  /** Median over points of the samples that LIME's weights leave. */
  readonly limeSamples: number;
  /** Share of the gradient's entries below 1e-8. */
  readonly flat: number;
}

export interface Curves {
  readonly mean: readonly (readonly number[])[];
  readonly error: readonly (readonly number[])[];
}

/** Parts of the work, for progress. */
export const partsOfNetwork = 7;

export async function* measureNetwork(
  name: string,
  { task, train, test }: Prepared,
  points: NDArray,
  depth: number,
  options: Options,
  context: RunContext,
  done: number,
  total: number,
): Running<NetworkResult> {
  const root = random.generator(context.seed).fork(depth);
  const keys = Array.from({ length: 64 }, () => random.key(root.bits()));
  const part = (i: number, label: string) => progress(done + i, total, `${name}, ${label}`);

  yield part(0, "training");
  const model = yield* context.step(`${name}/model`, async () => {
    const params = await trainModel(train, task, depth, options, context.seed + 1000 * depth);
    return { params, quality: await qualityOf(params, task, test) };
  });
  const { params } = model as { params: Trained; quality: number };

  yield part(1, "the methods' own formulas");
  const direct = yield* context.step(`${name}/direct`, () =>
    compiledDirect(options, task)(params, points, keys[0]),
  );
  const own = byMethod(direct);

  const fitted: Partial<Record<MethodName, NDArray>> = {};
  for (const [i, method] of (["LIME", "KernelSHAP", "Occlusion", "C-LIME"] as const).entries()) {
    yield part(2 + i / 4, `fitting ${method}`);
    fitted[method] = yield* context.step(`${name}/fit-${method}`, () =>
      compiledFit(
        method,
        instanceOf(method, options),
        "adam",
        options,
        task,
      )(params, points, keys[1 + i]),
    );
  }
  const noisy: NDArray[] = [];
  for (const [i, sigma] of options.sigmas.entries()) {
    yield part(3 + i / options.sigmas.length, `fitting noise of ${sigma}`);
    const instance = matching(gaussian(sigma));
    noisy.push(
      yield* context.step(`${name}/fit-sigma-${i + 1}`, () =>
        compiledFit(`sigma ${sigma}`, instance, "adam", options, task)(params, points, keys[5 + i]),
      ),
    );
  }
  const scaled: NDArray[] = [];
  for (const [i, alpha] of options.alphas.entries()) {
    yield part(4 + i / options.alphas.length, `fitting scales from ${alpha}`);
    const instance = matching(uniformScale(alpha));
    scaled.push(
      yield* context.step(`${name}/fit-alpha-${i + 1}`, () =>
        compiledFit(
          `alpha ${alpha}`,
          instance,
          "adam",
          options,
          task,
        )(params, points, keys[25 + i]),
      ),
    );
  }
  const smooth = options.sigmas.indexOf(options.sigma);
  const approximated: Record<MethodName, NDArray> = {
    ...(fitted as Record<MethodName, NDArray>),
    SmoothGrad: noisy[smooth],
    "Vanilla Gradients": noisy[noisy.length - 1],
    "Integrated Gradients": scaled[options.alphas.indexOf(0)],
    "Gradient x Input": scaled[scaled.length - 1],
  };
  const ordered = Object.fromEntries(methodNames.map((method) => [method, approximated[method]]));
  const distances = attributionDistances(own, ordered);

  yield part(5, "perturbation tests");
  const tests = yield* context.step(`${name}/tests`, async () => {
    const changes = await compiledTests(options, task)(params, points, direct, keys[45]);
    return Object.fromEntries(testNames.map((test) => [test, curvesOf(changes[test])]));
  });

  yield part(6, "losses in every neighbourhood");
  const columns = yield* context.step(`${name}/losses`, async () => {
    const all: number[][] = [];
    for (const [i, column] of methodNames.entries()) {
      const losses = compiledLosses(column, options, task);
      all.push(meanOverPoints(await losses(params, points, direct, keys[46 + i])));
    }
    return all;
  });
  const checks = yield* context.step(`${name}/checks`, async () => {
    const found = await compiledChecks(options, task)(params, points, keys[60]);
    const flat = found.gradients.data.filter((value) => Math.abs(Number(value)) < 1e-8).length;
    return {
      limeSamples: medianOf(found.effectiveSamples),
      flat: flat / found.gradients.size,
    };
  });

  return {
    depth,
    quality: model.quality,
    l1: distances.l1,
    cosine: distances.cosine,
    zeros: distances.zeros,
    toVanilla: noisy.map((weights) => meanL1(weights, own["Vanilla Gradients"])),
    toTimesInput: scaled.map((weights) => meanL1(weights, own["Gradient x Input"])),
    tests: tests as NetworkResult["tests"],
    losses: methodNames.map((_, row) => columns.map((column) => column[row])),
    ...checks,
  };
}

const matching = (neighbourhood: Instance["neighbourhood"]): Instance => ({
  neighbourhood,
  loss: "gradientMatching",
  model: "linearNoBias",
});

/** Attributions [8, m, d] by the name of the method, each [m, d]. */
export function byMethod(attributions: NDArray): Record<MethodName, NDArray> {
  const [, m, d] = attributions.shape;
  const parts = methodNames.map((name, i) => {
    const data = attributions.data.slice(i * m * d, (i + 1) * m * d);
    return [name, array(data, { shape: [m, d], dtype: attributions.dtype })] as const;
  });
  return Object.fromEntries(parts) as Record<MethodName, NDArray>;
}

/** Mean and standard error over points of changes [m, e, k]. */
function curvesOf({ data, shape: [m, e, k] }: NDArray): Curves {
  const at = (row: number, column: number): number[] =>
    Array.from({ length: m }, (_, point) => Number(data[(point * e + row) * k + column]));
  const table = (of: (values: number[]) => number): number[][] =>
    Array.from({ length: e }, (_, row) =>
      Array.from({ length: k }, (_, column) => of(at(row, column))),
    );
  return {
    mean: table(meanOf),
    error: table((values) => (values.length > 1 ? standardError(values) : Number.NaN)),
  };
}

/** Values [m, e] to [e]. */
const meanOverPoints = ({ data, shape: [m, e] }: NDArray): number[] =>
  Array.from({ length: e }, (_, row) => {
    let sum = 0;
    for (let point = 0; point < m; point++) sum += Number(data[point * e + row]);
    return sum / m;
  });

function medianOf({ data }: NDArray): number {
  const sorted = Float64Array.from(data, Number).sort();
  return sorted[Math.floor(sorted.length / 2)];
}
