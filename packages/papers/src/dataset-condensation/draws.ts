/** What chance decides in a condensation: real batches, and the keys of what is drawn in compiled calls. */
import { array, type MapLeaves, NDArray, random, type Tensor } from "@etude/tensor";
import { keyOf, streams } from "./labelled.ts";
import type { Network } from "./networks.ts";
import type { Settings } from "./settings.ts";

/** What a matching step draws. */
export interface Draw {
  /** int32 [C, batch]: rows of the data */
  readonly rows: Tensor;
  /** int32 [m]: rows that running statistics are measured on */
  readonly statistics: Tensor;
  /** uint32 [2] */
  readonly augmentation: Tensor;
  /** uint32 [2]: of the training before the step */
  readonly training: Tensor;
}

export type ArrayDraw = MapLeaves<Draw, NDArray>;

/** Images of a class that running statistics are measured on before they are frozen. */
const statisticsPerClass = 16;

/** What is drawn at each step, by the seed and the place alone. */
export function drawing(
  byClass: readonly Int32Array[],
  net: Network,
  { batchReal, seed }: Settings,
) {
  const batch = Math.min(batchReal, Math.max(...byClass.map((rows) => rows.length)));
  const sizes = byClass.map((rows) => Math.min(batch, rows.length));
  const weights = Float32Array.from(
    sizes.flatMap((size) => Array.from({ length: batch }, (_, j) => (j < size ? 1 / size : 0))),
  );
  const generator = random.generator(seed).fork(streams.realBatches);
  return {
    /** [C, batch]; a class with fewer images leaves places empty. */
    weights: new NDArray(weights, [byClass.length, batch], "float32"),
    at(o: number, i: number) {
      const draw = generator.fork(o).fork(i);
      const rows = new Int32Array(byClass.length * batch);
      const statistics: number[] = [];
      byClass.forEach((members, c) => {
        // Without replacement. A smaller class is there whole; the rest has weight 0.
        sampled(draw, members, sizes[c]).forEach((row, j) => {
          rows[c * batch + j] = row;
        });
        // Somebody has to be there, but only networks with statistics look at more.
        const few = net.hasState ? Math.min(statisticsPerClass, members.length) : Number(c === 0);
        statistics.push(...sampled(draw, members, few));
      });
      return {
        rows: new NDArray(rows, [byClass.length, batch], "int32"),
        statistics: array(Int32Array.from(statistics)),
        augmentation: keyOf(seed, "augmentation", o, i),
        training: keyOf(seed, "training", o, i),
      };
    },
  };
}

/** Some of the rows, without replacement: of many, one after the other until all are different. */
function sampled(draw: random.Generator, rows: Int32Array, size: number): number[] {
  if (4 * size > rows.length) return Array.from(draw.sample(rows.length, size), (i) => rows[i]);
  const places = new Set<number>();
  while (places.size < size) places.add(draw.integer(rows.length));
  return Array.from(places, (i) => rows[i]);
}

/** Draws of several steps as sequences. */
export function stacked(draws: readonly ArrayDraw[]): ArrayDraw {
  const stack = (name: keyof Draw): NDArray => {
    const { shape, size, dtype, data } = draws[0][name];
    const all =
      dtype === "int32"
        ? new Int32Array(draws.length * size)
        : new Uint32Array(draws.length * size);
    draws.forEach((draw, i) => {
      all.set(draw[name].data, i * size);
    });
    return new NDArray(all as typeof data, [draws.length, ...shape], dtype);
  };
  return {
    rows: stack("rows"),
    statistics: stack("statistics"),
    augmentation: stack("augmentation"),
    training: stack("training"),
  };
}
