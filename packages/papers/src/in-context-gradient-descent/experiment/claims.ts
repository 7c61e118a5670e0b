/** What is decided, with the bars of before the run. */
import type { Claim } from "../../contract/claim.ts";
import type { Result } from "../experiment.ts";
import type { CopyingResult } from "./copying.ts";
import type { LinearResult } from "./linear.ts";
import { rangeFactors } from "./linear.ts";
import { architectureOf, isDeep, isLinear, type LinearPart, type Options } from "./options.ts";
import type { SineResult } from "./sine.ts";

export const claims = (options: Options): Claim<Result>[] =>
  options.parts.flatMap((part) => {
    if (part === "sine") return sineClaims();
    if (part === "copying") return copyingClaims();
    if (!isLinear(part)) return [];
    if (part === "softmax") return softmaxClaims();
    return isDeep(part) ? deepClaims(part) : oneLayerClaims();
  });

const lacking = (name: string): never => {
  throw new Error(`no result of ${name}`);
};

/** What a seed measured of a part. */
export const ofPart = ({ linear }: Result, part: LinearPart): LinearResult =>
  linear.find((result) => result.part === part) ?? lacking(part);

const apart = (value: number, from: number): number => Math.abs(value - from) / from;

function linearClaim(
  part: LinearPart,
  claim: Omit<Claim<Result>, "measure">,
  quantity: (result: LinearResult) => number,
): Claim<Result> {
  return {
    ...claim,
    measure: (results) => results.map((result) => quantity(ofPart(result, part))),
  };
}

function oneLayerClaims(): Claim<Result>[] {
  const of = (
    id: string,
    statement: string,
    paper: string,
    bar: Claim<Result>["bar"],
    quantity: (result: LinearResult) => number,
  ) => linearClaim("one", { id, statement, paper, bar }, quantity);
  return [
    of(
      "one-loss",
      "One layer: the difference of its loss and that of one tuned step of gradient descent, over the latter",
      "the losses coincide; 0.2047 for gradient descent on the authors' tasks",
      { atMost: 0.02 },
      ({ losses }) => apart(losses.trained, losses.GD),
    ),
    of(
      "one-cosine",
      "One layer: the cosine of its sensitivity and that of gradient descent, mean over tasks",
      "about 1 in a plot",
      { atLeast: 0.99 },
      ({ withDescent }) => withDescent.cosine,
    ),
    of(
      "one-interpolated",
      "The layer half-way between the trained and the constructed one: the difference of its loss and that of gradient descent, over the latter",
      "the interpolated weights are as good, in a plot",
      { atMost: 0.02 },
      ({ losses }) => apart(losses.interpolated ?? Number.NaN, losses.GD),
    ),
    of(
      "one-range",
      "One layer on inputs of half the range: the difference of its loss and that of gradient descent, over the latter",
      "the curves over ranges overlap in a plot",
      { atMost: 0.03 },
      ({ ranges }) => {
        const half = rangeFactors.indexOf(0.5);
        return apart(ranges.trained[half], ranges.GD[half]);
      },
    ),
    of(
      "one-products",
      "One layer: the largest entry of W_Q W_K^T beside the diagonal of the inputs, whose mean is 1",
      "a diagonal matrix in a plot",
      { atMost: 0.1 },
      ({ products }) => products?.offDiagonal ?? Number.NaN,
    ),
  ];
}

const words: Readonly<Record<LinearPart, string>> = {
  one: "One layer",
  two: "Two layers with shared weights",
  five: "Five layers with shared weights",
  "two own": "Two layers with weights of their own",
  "five own": "Five layers with weights of their own",
  softmax: "One layer of softmax attention with two heads",
};

export const describePart = (part: LinearPart): string => words[part];

function deepClaims(part: LinearPart): Claim<Result>[] {
  const name = words[part];
  const steps = architectureOf(part).layers;
  const id = part.replace(" ", "-");
  return [
    linearClaim(
      part,
      {
        id: `${id}-beats-descent`,
        statement: `${name}: the loss over that of ${steps} tuned steps of gradient descent`,
        paper: "clearly below gradient descent in a plot",
        bar: { atMost: 0.85 },
      },
      ({ losses }) => losses.trained / losses.GD,
    ),
    linearClaim(
      part,
      {
        id: `${id}-plus-loss`,
        statement: `${name}: the difference of the loss and that of ${steps} steps of GD++, over the latter`,
        paper: "the curves coincide in a plot",
        bar: { atMost: 0.06 },
      },
      ({ losses }) => apart(losses.trained, losses["GD++"]),
    ),
    linearClaim(
      part,
      {
        id: `${id}-plus-cosine`,
        statement: `${name}: the cosine of the sensitivity and that of GD++, mean over tasks`,
        paper: "about 1 in a plot",
        bar: { atLeast: 0.98 },
      },
      ({ withPlusPlus }) => withPlusPlus?.cosine ?? Number.NaN,
    ),
    linearClaim(
      part,
      {
        id: `${id}-nearer`,
        statement: `${name}: the cosine with GD++ minus that with gradient descent`,
        paper: "GD++ is the nearer of the two in a plot",
        bar: { atLeast: 0 },
      },
      ({ withPlusPlus, withDescent }) => (withPlusPlus?.cosine ?? Number.NaN) - withDescent.cosine,
    ),
  ];
}

function softmaxClaims(): Claim<Result>[] {
  const paper =
    "two heads of softmax attention come close to linear attention; figures not seen here";
  return [
    linearClaim(
      "softmax",
      {
        id: "softmax-loss",
        statement:
          "Two heads of softmax attention: the loss over that of one step of gradient descent",
        paper,
        bar: { atMost: 1.1 },
      },
      ({ losses }) => losses.trained / losses.GD,
    ),
    linearClaim(
      "softmax",
      {
        id: "softmax-cosine",
        statement:
          "Two heads of softmax attention: the cosine of the sensitivity and that of gradient descent, mean over tasks",
        paper,
        bar: { atLeast: 0.95 },
      },
      ({ withDescent }) => withDescent.cosine,
    ),
  ];
}

function sineClaims(): Claim<Result>[] {
  const paper = "the curves of both models coincide in a plot";
  const of = ({ sine }: Result): SineResult => sine ?? lacking("sine");
  return [
    {
      id: "sine-loss",
      statement:
        "Sine tasks: the loss of attention on learned features over that of a step of gradient descent on learned features",
      paper,
      bar: { between: [0.8, 1.25] },
      measure: (results) =>
        results.map((result) => {
          const { losses } = of(result);
          return losses.attention / losses["features and GD"];
        }),
    },
    {
      id: "sine-predictions",
      statement:
        "Sine tasks: the mean distance of the predictions of both, over the root mean squared error of the latter",
      paper,
      bar: { atMost: 1 },
      measure: (results) =>
        results.map((result) => {
          const { losses, alignment } = of(result);
          return alignment.predictionDifference / Math.sqrt(2 * losses["features and GD"]);
        }),
    },
  ];
}

function copyingClaims(): Claim<Result>[] {
  const of = ({ copying }: Result): CopyingResult => copying ?? lacking("copying");
  const last = (result: Result) => of(result).history.at(-1)?.measured ?? {};
  return [
    {
      id: "copying-loss",
      statement: "Separate tokens, two layers: the loss over that of one step of gradient descent",
      paper: "the loss of one step, 0.2047 on the authors' tasks, is reached",
      bar: { atMost: 1.05 },
      measure: (results) =>
        results.map((result) => {
          const { losses } = of(result);
          return losses.trained / losses.GD;
        }),
    },
    {
      id: "copying-next",
      statement:
        "Separate tokens: how much a token after the first layer depends on the next token, over how much on other tokens",
      paper: "the dependence on the neighbour emerges, the others go to 0, in a plot",
      bar: { atLeast: 3 },
      measure: (results) => results.map((result) => last(result).next / last(result).other),
    },
  ];
}
