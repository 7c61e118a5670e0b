/**
 * Shapes that were published beside the method, to compare one's own with: polynomial fits of the
 * refined schedules of eight problems, and made-up norms whose schedules show what does what. Read
 * from the authors' plotting code; see the README.
 */
import { refineSchedule } from "./refine.ts";

export interface PublishedShape {
  readonly problem: string;
  readonly warmup: number;
  /** Where no polynomial was fitted to the decay there is none. */
  readonly power?: number;
}

export const publishedShapes: readonly PublishedShape[] = [
  { problem: "DLRM", warmup: 0.2, power: 0.9 },
  { problem: "GPT", warmup: 0.28, power: 1 },
  { problem: "RoBERTa", warmup: 0.45, power: 0.8 },
  { problem: "MRI", warmup: 0.4, power: 0.9 },
  { problem: "ViT", warmup: 0.07 },
  { problem: "IWSLT14", warmup: 0.08 },
  { problem: "RCNN", warmup: 0, power: 1.5 },
  { problem: "ImageNet", warmup: 0.01, power: 3 },
];

const places = [0, 0.003, 0.02, 0.03, 0.1, 1];

/** Norms of the made-up runs at these shares of the run: they differ in where they end. */
export const syntheticNorms: Readonly<Record<string, readonly number[]>> = {
  constant: [1, 1, 1, 1, 1, 1],
  "falling, then constant": [15, 6, 4, 2, 1, 1],
  "falling, then growing to 2": [15, 6, 4, 2, 1, 2],
  "falling, then falling to 0.7": [15, 6, 4, 2, 1, 0.7],
};

/** The l2 schedule of one of {@link syntheticNorms}, smoothed over 40 of 2000 steps. */
export function syntheticSchedule(values: readonly number[], steps = 2000): Float64Array {
  const norms = Float64Array.from({ length: steps }, (_, t) => {
    const at = t / (steps - 1);
    const next = Math.max(
      places.findIndex((place) => place >= at),
      1,
    );
    const [from, to] = [places[next - 1], places[next]];
    return values[next - 1] + ((at - from) / (to - from)) * (values[next] - values[next - 1]);
  });
  return refineSchedule(gaussianFilter(norms, steps / 50), { norm: "l2", smoothing: 0 });
}

/**
 * Weighted means over neighbours, with weights exp(-d^2 / (2 deviation^2)) up to four deviations; the
 * values are mirrored at the ends, first and last repeated.
 */
export function gaussianFilter(values: ArrayLike<number>, deviation: number): Float64Array {
  const { length } = values;
  const reach = Math.round(4 * deviation);
  const weights = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-(((i - reach) / deviation) ** 2) / 2),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mirrored = (place: number): number => {
    const turn = ((place % (2 * length)) + 2 * length) % (2 * length);
    return turn < length ? turn : 2 * length - 1 - turn;
  };
  return Float64Array.from({ length }, (_, t) => {
    let sum = 0;
    weights.forEach((weight, i) => {
      sum += weight * values[mirrored(t + i - reach)];
    });
    return sum / total;
  });
}
