/** How the seeds of a run share a machine. */
import { availableParallelism } from "node:os";
import type { RecordedPlan } from "./runDirectory.ts";

export type Shares = Pick<RecordedPlan, "threads" | "parallel">;

export interface Sharing {
  /** As a person asked for it. */
  readonly threads?: number | undefined;
  readonly parallel?: number | undefined;
  readonly seeds: number;
  /** What the preset takes. */
  readonly minutes: number;
  readonly gigabytes?: number | undefined;
  readonly device: string;
  /** Whether a process of its own can compute a seed. */
  readonly shared: boolean;
  /** The run that is gone on with: it goes on as it was. */
  readonly before?: RecordedPlan | undefined;
}

/** A run that takes less is over before processes have started. */
const worthwhile = 0.5;

/**
 * Small networks do not keep several cores busy: seeds side by side with a thread each are faster than one after the
 * other with all. Up to two seeds a core, in rounds of equally many, as a last round of few leaves cores idle.
 *
 * @throws UsageError for a number of seeds that is no count, or papers that other processes do not find
 */
export async function shareOut({
  threads,
  parallel,
  seeds,
  minutes,
  gigabytes = 2,
  device,
  shared,
  before,
}: Sharing): Promise<Shares> {
  const { UsageError } = await import("@etude/papers/errors");
  if (parallel !== undefined && !(Number.isInteger(parallel) && parallel >= 1 && parallel <= 256))
    throw new UsageError(`--parallel ${parallel}: expected a whole number from 1 to 256`);
  if (parallel !== undefined && parallel > 1 && !shared)
    throw new UsageError(
      "--parallel: only papers of the registry can be computed in other processes",
    );
  const cores = availableParallelism();
  const most = Math.min(
    2 * cores,
    Math.max(1, Math.floor(process.availableMemory() / (gigabytes * 1e9))),
  );
  const fitting = Math.ceil(seeds / Math.ceil(seeds / most));
  const usual = shared && device === "cpu" && minutes >= worthwhile ? fitting : 1;
  const atOnce = Math.min(seeds, parallel ?? before?.parallel ?? usual);
  const each = atOnce === 1 ? null : Math.max(1, Math.floor(cores / atOnce));
  return { parallel: atOnce, threads: threads ?? (before === undefined ? each : before.threads) };
}
