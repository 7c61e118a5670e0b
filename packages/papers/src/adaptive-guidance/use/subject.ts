/** A model to be sampled from, whatever it came from. */
import { NDArray } from "@etude/tensor";
import {
  type ConditionArrays,
  cosineBetas,
  cumulativeAlphas,
  ddpmSampler,
  discretePath,
  flowPath,
  flowSampler,
  linearBetas,
  type NoisePath,
  type Predict,
  type PredictionKind,
  pathSampler,
  type Sampler,
  scaledLinearBetas,
} from "../../diffusion/index.ts";
import type { Show } from "../pictures.ts";
import type { schedules } from "./options.ts";

export interface Subject {
  readonly predict: Predict;
  readonly sampler: Sampler;
  /** Of one sample. */
  readonly shape: readonly number[];
  readonly show?: Show;
  condition(samples: number): ConditionArrays;
  negative(samples: number): ConditionArrays | null;
  /** Names of the first conditions in turn, for captions. */
  readonly names: readonly string[];
  readonly notes: readonly string[];
}

export type ScheduleName = (typeof schedules)[number];

export function pathOf(schedule: ScheduleName, times: number): NoisePath {
  switch (schedule) {
    case "flow":
      return flowPath();
    case "linear":
      // The published betas are for 1000 times; fewer of them are larger.
      return discretePath(
        cumulativeAlphas(
          linearBetas(times, Math.min(0.5, 0.1 / times), Math.min(0.999, 20 / times)),
        ),
        { name: "linear" },
      );
    case "scaled-linear":
      return discretePath(
        cumulativeAlphas(
          scaledLinearBetas(times, Math.min(0.5, 0.85 / times), Math.min(0.999, 12 / times)),
        ),
        { name: "scaled linear" },
      );
    case "cosine":
      return discretePath(cumulativeAlphas(cosineBetas(times)), { name: "cosine" });
  }
}

export function samplerOf(path: NoisePath, kind: PredictionKind, rule: "ddim" | "ddpm"): Sampler {
  if (rule === "ddpm") return ddpmSampler(path, { kind });
  return path.name === "flow" && kind === "velocity" ? flowSampler() : pathSampler(path, { kind });
}

/** Rows of an array again and again, as many as are asked for. */
export function cycled(array: NDArray, count: number): NDArray {
  const [rows, ...rest] = array.shape;
  const width = rest.reduce((product, length) => product * length, 1);
  const Storage = array.data.constructor as Float32ArrayConstructor;
  const values = new Storage(count * width);
  for (let i = 0; i < count; i++)
    values.set(array.data.subarray((i % rows) * width, ((i % rows) + 1) * width), i * width);
  return new NDArray(values, [count, ...rest], array.dtype);
}
