/** The eight methods on the user's model: all that it allows. */
import { concat, type NDArray, type Tensor, type TensorLike, where } from "@etude/tensor";
import { cLimeDesign } from "../cLime.ts";
import { type Design, designOf, regress } from "../design.ts";
import { kernelShapDesign } from "../kernelShap.ts";
import { effectiveSamplesOf, normalisedWeights } from "../leastSquares.ts";
import { limeDesign } from "../lime.ts";
import { type Instance, type MethodName, methodNames, methods } from "../methods.ts";
import { bernoulli, type Neighbourhood } from "../neighbourhoods.ts";
import { explanationLosses, lossesOn } from "../noFreeLunch.ts";
import { occlusionPoints, occlusionWeights } from "../occlusion.ts";
import { fromBaseline } from "../perturbation.ts";
import { type PerturbationTestOptions, testChanges, testPoints } from "../perturbationTest.ts";
import { overRows, type Problem, runStudy, type Study, settingOf } from "./study.ts";

/** Methods this model can be explained with. */
export const availableMethods = ({ model }: Pick<Problem, "model">): readonly MethodName[] =>
  methodNames.filter((name) => model.traced !== undefined || !methods[name].needsGradient);

/** Attributions of every row: [m, d]. */
export function attributionsBy(problem: Problem, name: MethodName): Promise<NDArray> {
  const purpose = methodNames.indexOf(name);
  const { samples, sigma } = problem;
  if (!methods[name].needsGradient)
    return runStudy(problem, purpose, samples, studyOf(problem, name));
  const options = { ...settingOf(problem), samples, sigma };
  return overRows(problem, purpose, samples, (f, x0, key) =>
    methods[name].direct(f, x0, { ...options, key }),
  );
}

/** Attributions of single pixels, by the methods that need a gradient: [m, inputs]. */
export function pixelAttributionsBy(problem: Problem, name: MethodName): Promise<NDArray> {
  const { samples, sigma } = problem;
  const { baseline, batch } = settingOf(problem);
  return overRows(problem, methodNames.indexOf(name), samples, (f, x0, key) =>
    methods[name].direct(f, x0, { baseline, batch, sigma, samples: Math.min(samples, 200), key }),
  );
}

/** Methods that only evaluate the model, as studies. */
function studyOf(problem: Problem, name: MethodName): Study {
  const { samples, sigma } = problem;
  const setting = settingOf(problem);
  const fromDesign = (design: (x0: Tensor, key: Tensor) => Design): Study => ({
    points: (x0, key) => {
      const { points, ...rest } = design(x0, key);
      return { points, rest };
    },
    finish: (values, rest) => regress({ ...(rest as unknown as Design) }, values).weights,
  });
  switch (name) {
    case "LIME":
      return fromDesign((x0, key) =>
        limeDesign(x0, { ...setting, samples, key, kernelWidth: kernelWidthAt(problem, x0) }),
      );
    case "KernelSHAP":
      return fromDesign((x0, key) => kernelShapDesign(x0, { ...setting, samples, key }));
    case "C-LIME":
      return fromDesign((x0, key) => cLimeDesign(x0, { ...setting, samples, sigma, key }));
    default:
      return {
        points: (x0) => ({ points: occlusionPoints(x0, setting), rest: {} }),
        finish: (values) => occlusionWeights(values),
      };
  }
}

/**
 * As asked for, or 1. In the space of pixels distances are large; there the width is the distance at
 * which half of an image is removed, so that such a perturbation weighs 1 / e.
 */
export function kernelWidthAt({ subject, kernelWidth }: Problem, x0: Tensor): TensorLike {
  if (kernelWidth !== undefined) return kernelWidth;
  if (subject.image === undefined) return 1;
  const difference = fromBaseline(x0, subject);
  const width = difference.mul(difference).sum().div(2).sqrt();
  return where(width.greater(1e-6), width, 1);
}

/** (sum pi)^2 / sum pi^2 of LIME's weights at every row: [m]. */
export const limeSamples = (problem: Problem): Promise<NDArray> =>
  runStudy(problem, 0, problem.samples, {
    points: (x0, key) => {
      const { points, ...rest } = limeDesign(x0, {
        ...settingOf(problem),
        samples: problem.samples,
        key,
        kernelWidth: kernelWidthAt(problem, x0),
      });
      return { points: points.slice([0, 1]), rest };
    },
    finish: (_, { xi, logWeights }) =>
      effectiveSamplesOf(normalisedWeights(xi.shape[0], logWeights)).astype("float32"),
  });

/** A neighbourhood in which explanations are judged: that of a method, or plain removal. */
export const plainRemoval = "plain removal";
export type ColumnName = MethodName | typeof plainRemoval;

export const availableColumns = (problem: Pick<Problem, "model">): readonly ColumnName[] => [
  ...availableMethods(problem),
  plainRemoval,
];

function instanceOf(problem: Problem, column: ColumnName, x0: Tensor): Instance {
  if (column === plainRemoval)
    return { neighbourhood: bernoulli(), loss: "squaredError", model: "linear" };
  return methods[column].instance({
    sigma: problem.sigma,
    kernelWidth: kernelWidthAt(problem, x0),
  });
}

/**
 * Losses of explanations in a neighbourhood: [m, e].
 *
 * @param explanations [m, e, d]
 */
export function lossesIn(
  problem: Problem,
  column: ColumnName,
  explanations: NDArray,
): Promise<NDArray> {
  const setting = settingOf(problem);
  const { samples } = problem;
  const purpose = 20 + (column === plainRemoval ? methodNames.length : methodNames.indexOf(column));
  if (problem.model.traced !== undefined) {
    return overRows(
      problem,
      purpose,
      samples,
      (f, x0, key, rows) =>
        explanationLosses(f, x0, rows, instanceOf(problem, column, x0), {
          ...setting,
          samples,
          key,
        }),
      explanations,
    );
  }
  const isDelta = column === "Occlusion";
  const study: Study = {
    points: (x0, key, rows) => {
      const { neighbourhood } = instanceOf(problem, column, x0);
      const { points, ...rest } = designOf(
        x0,
        isDelta ? complement(neighbourhood) : neighbourhood,
        samples,
        key,
        setting,
      );
      return {
        points: isDelta ? concat([points, x0.expandDims(0)]) : points,
        rest: { ...rest, rows },
      };
    },
    finish: (values, rest) =>
      lossesOn(observedFrom(values, rest, isDelta), rest.rows, {
        loss: isDelta ? "deltaSquaredError" : "squaredError",
        model: isDelta ? "linearNoBias" : "linear",
      }),
  };
  return runStudy(problem, purpose, samples, study, explanations);
}

/** What is kept where the neighbourhood says what is removed. */
const complement = (neighbourhood: Neighbourhood): Neighbourhood => ({
  ...neighbourhood,
  draw: (key, size) => neighbourhood.draw(key, size).neg().add(1),
});

function observedFrom(
  values: Tensor,
  { xi, logWeights }: Record<string, Tensor>,
  isDelta: boolean,
) {
  if (!isDelta) return { xi, targets: values, logWeights };
  const n = xi.shape[0];
  // The last value is that of the row itself (eq. 11).
  const targets = values.slice(n).sub(values.slice([0, n]));
  return { xi: xi.neg().add(1), targets, logWeights: undefined };
}

/**
 * Changes of the score when features are perturbed: [m, e, sizes].
 *
 * @param explanations [m, e, d]
 */
export function testsOf(
  problem: Problem,
  explanations: NDArray,
  test: Pick<PerturbationTestOptions, "side" | "noise" | "sizes">,
): Promise<NDArray> {
  const [, e] = explanations.shape;
  const draws = test.noise === "binary" ? 1 : test.noise.draws;
  const setting = settingOf(problem);
  const study: Study = {
    points: (x0, key, rows) => ({
      points: testPoints(x0, rows, { ...setting, ...test, key }),
      rest: {},
    }),
    finish: (values) => testChanges(values, e, test),
  };
  return runStudy(problem, 40, e * test.sizes.length * draws, study, explanations);
}
