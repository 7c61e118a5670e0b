/** The three kinds of steps as compiled functions of one model. */
import { type Concrete, concat, jit, type Tensor, where } from "@etude/tensor";
import {
  type Condition,
  type ConditionArrays,
  classifierFreeGuidance,
  conditionRows,
  editingGuidance,
  type Predict,
  perSample,
} from "../diffusion/index.ts";
import { cosines } from "./alignment.ts";

/** Where samples are, when, and how the sampler goes on from there. */
interface Common {
  /** [B, ...] */
  readonly x: Tensor;
  /** [] */
  readonly t: Tensor;
  /** Factors of x, of the prediction and of fresh noise: [3]. */
  readonly by: Tensor;
  readonly noise: Tensor | null;
}

interface Guided extends Common {
  readonly condition: Condition;
  /** The negative condition; for editing the image alone before it. */
  readonly others: readonly (Condition | null)[];
  readonly strengths: { readonly strength: Tensor; readonly image: Tensor };
  /** Factors of x and of predictions that make estimates of x_0, to compare those. */
  readonly compare: Tensor | null;
  /** An alignment from which on the conditional prediction is taken at once. */
  readonly limit: Tensor | null;
  /** Samples whose guidance is on: see `activeRows`. All of them with null. */
  readonly active: { readonly rows: Tensor; readonly source: Tensor } | null;
  /** Return the predictions as well. */
  readonly keep: boolean;
}

type WithArrays<T> = {
  readonly [K in keyof T]: K extends "condition"
    ? ConditionArrays
    : K extends "others"
      ? readonly (ConditionArrays | null)[]
      : Concrete<T[K]>;
};
export type GuidedArrays = WithArrays<Guided>;

const advance = ({ x, by, noise }: Common, prediction: Tensor) => {
  const moved = x.mul(by.slice(0)).add(prediction.mul(by.slice(1)));
  const next = noise === null ? moved : moved.add(noise.mul(by.slice(2)));
  return { x: next, size: next.mul(next).mean().sqrt() };
};

const timesOf = ({ x, t }: Common, count = x.shape[0]): Tensor => t.broadcastTo([count]);

function build(predict: Predict) {
  const conditional = jit((input: Common & { readonly condition: Condition }) => {
    const prediction = predict(input.x, timesOf(input), input.condition);
    return { ...advance(input, prediction), prediction };
  });

  const guided = jit((input: Guided) => {
    const { x, condition, others, strengths, active } = input;
    const vc = predict(x, timesOf(input), condition);
    const taken = <T extends Tensor>(full: T): Tensor =>
      active === null ? full : full.gather(active.rows);
    const [here, with_] = [taken(x), taken(vc)];
    const times = timesOf(input, here.shape[0]);
    const without = others.map((other) =>
      predict(here, times, active === null ? other : conditionRows(other, active.rows)),
    );
    const seen = (v: Tensor): Tensor =>
      input.compare === null
        ? v
        : here.mul(input.compare.slice(0)).add(v.mul(input.compare.slice(1)));
    const gamma = without
      .map((v) => cosines(seen(with_), seen(v)))
      .reduce((least, next) => least.minimum(next));
    const combined =
      without.length === 1
        ? classifierFreeGuidance(with_, without[0], strengths.strength)
        : editingGuidance(with_, without[0], without[1], strengths.image, strengths.strength);
    const chosen =
      input.limit === null
        ? combined
        : where(perSample(gamma.greaterEqual(input.limit), with_), with_, combined);
    const v = active === null ? chosen : concat([vc, chosen]).gather(active.source);
    const predictions = input.keep ? { conditional: vc, unconditional: without[0] } : null;
    return { ...advance(input, v), gamma, predictions };
  });

  const linear = jit(
    (
      input: Common & {
        readonly condition: Condition;
        readonly strengths: Guided["strengths"];
        /** The estimate as far as it comes from earlier steps, and the factor of this step's own. */
        readonly past: Tensor;
        readonly own: Tensor;
      },
    ) => {
      const vc = predict(input.x, timesOf(input), input.condition);
      const vn = input.past.add(vc.mul(input.own));
      return {
        ...advance(input, classifierFreeGuidance(vc, vn, input.strengths.strength)),
        predictions: { conditional: vc, unconditional: vn },
      };
    },
  );
  return { conditional, guided, linear };
}

type Steps = ReturnType<typeof build>;

const built = new WeakMap<Predict, Steps>();

/** The steps of a model, compiled once as long as the function is the same. */
export function compiledSteps(predict: Predict): Steps {
  const known = built.get(predict);
  if (known !== undefined) return known;
  const steps = build(predict);
  built.set(predict, steps);
  return steps;
}
