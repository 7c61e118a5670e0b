/** What a run is given. Nothing else enters it, so the same context gives the same result. */
import type { DataLoader } from "@etude/data";
import type { CheckpointStore } from "@etude/learn";
import type { Running } from "./events.ts";

export interface RunContext {
  /** The one source of randomness: `random.key(seed)` inside graphs, `random.generator(seed)` outside. */
  readonly seed: number;
  /** Data sets by the names of the catalogue. */
  readonly data: DataLoader;
  /** Aborted when the run is to stop; the run's driver stops between events by itself. */
  readonly signal: AbortSignal;
  /**
   * A unit of work with a name of its own in the run. Its result is stored, and a resumed run takes
   * it from there: cut an experiment into steps of seconds to a minute. The result must be plain
   * JSON or NDArrays, nested, and depend on the options, the seed and earlier results only. How long
   * the step took goes into the report, apart from what must be reproducible.
   *
   * @example
   * const network = yield* context.step("train", () => trainNetwork(options, data));
   */
  step<T>(name: string, work: () => Running<T> | Promise<T>): Running<T>;
  /** Seconds a finished step took, also when it was finished before the run was resumed. */
  seconds(step: string): number;
  /** Where a long training inside a step keeps its checkpoints: pass it to `train`. */
  checkpoints(name: string): CheckpointStore;
}
