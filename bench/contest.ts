/** One workload, everybody in turns: what happens to the machine meanwhile happens to all alike. */
import { setTimeout as pause } from "node:timers/promises";
import { writeInputs } from "./inputs.ts";
import type { Options } from "./options.ts";
import { type Participant, Unable } from "./participant.ts";
import type { Fingerprint } from "./program.ts";
import type { Workload } from "./workload.ts";

export interface Measured {
  readonly kind: "measured";
  /** Milliseconds a step, the median over the rounds. */
  readonly milliseconds: number;
  readonly rounds: readonly number[];
  /** Milliseconds from the function to the first result, without the step itself; if it compiles. */
  readonly compile: number | undefined;
  /** What it computed, where that is not what Etude computed. */
  readonly differs?: string;
}

export interface NotMeasured {
  readonly kind: "unable";
  readonly reason: string;
}

export type Outcome = Measured | NotMeasured;

/** A step longer than this is measured in one round only. */
const patience = 2000;
const settle = 30; // milliseconds for the threads of the one before to fall asleep

interface Runner {
  readonly participant: Participant;
  readonly differs: string | undefined;
  readonly steps: number;
  readonly rounds: number;
  readonly compiles: number[];
  readonly times: number[];
}

/** Outcomes in the order of the participants; Etude, whose results count as right, is the first. */
export async function contest(
  workload: Workload,
  participants: readonly Participant[],
  options: Options,
): Promise<Outcome[]> {
  const inputs = await writeInputs(workload);
  const unable = new Map<Participant, string>();
  const attempt = async (participant: Participant, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Unable)) throw error;
      unable.set(participant, error.message);
    }
  };

  const runners: Runner[] = [];
  let expected: readonly Fingerprint[] | undefined;
  try {
    for (const participant of participants) {
      await attempt(participant, async () => {
        const found = await participant.load(inputs);
        expected ??= found;
        runners.push({
          participant,
          differs: difference(expected, found),
          ...(await calibrate(participant, options)),
          compiles: [],
          times: [],
        });
      });
    }
  } finally {
    await inputs.remove();
  }

  const turns = async (rounds: number, turn: (runner: Runner, round: number) => Promise<void>) => {
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < runners.length; i++) {
        const runner = runners[(i + round) % runners.length];
        if (round >= runner.rounds || unable.has(runner.participant)) continue;
        await pause(settle);
        await attempt(runner.participant, () => turn(runner, round));
      }
    }
  };
  await turns(3, async ({ participant, compiles }) => {
    const milliseconds = await participant.compile();
    if (milliseconds !== undefined && milliseconds > 0) compiles.push(milliseconds);
  });
  await turns(options.rounds, async ({ participant, steps, times }) => {
    times.push((await participant.run(steps)) / steps);
  });

  return participants.map((participant): Outcome => {
    const runner = runners.find((candidate) => candidate.participant === participant);
    const reason = unable.get(participant);
    if (runner === undefined || reason !== undefined)
      return { kind: "unable", reason: reason ?? "it did not run" };
    const { times, compiles, differs } = runner;
    return {
      kind: "measured",
      milliseconds: median(times),
      rounds: times,
      compile: compiles.length === 0 ? undefined : median(compiles),
      ...(differs === undefined ? {} : { differs }),
    };
  });
}

/** How many steps fill a turn; finding out warms the participant up. */
async function calibrate(
  participant: Participant,
  { rounds, roundMilliseconds }: Options,
): Promise<{ steps: number; rounds: number }> {
  for (let steps = 1; ; steps *= 2) {
    const milliseconds = await participant.run(steps);
    if (milliseconds < roundMilliseconds / 3) continue;
    const single = milliseconds / steps;
    const fitting = Math.max(1, Math.round(roundMilliseconds / single));
    return { steps: fitting, rounds: single > patience ? 1 : rounds };
  }
}

/** Where results are further apart than rounding explains, in words. */
function difference(
  expected: readonly Fingerprint[],
  found: readonly Fingerprint[],
): string | undefined {
  const tolerance = 1e-3;
  for (const [step, { norm, projection }] of found.entries()) {
    const right = expected[step];
    const apart = Math.max(Math.abs(norm - right.norm), Math.abs(projection - right.projection));
    if (apart <= tolerance * right.norm) continue;
    const show = (x: number) => x.toPrecision(6);
    return `step ${step + 1}: norm ${show(norm)}, projection ${show(projection)} where Etude has ${show(right.norm)}, ${show(right.projection)}`;
  }
  return undefined;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
