/** What a running experiment tells whoever watches: a terminal, a page, a queue, a test. */
import type { Figure, Picture } from "./figure.ts";

export type RunEvent =
  /** `done` of `total` units of work (any unit; fractions are fine), and what is being done now. */
  | {
      readonly type: "progress";
      readonly done: number;
      readonly total: number;
      readonly label: string;
    }
  /** A number that changes over the steps of a run, such as a training loss. */
  | {
      readonly type: "metric";
      readonly name: string;
      readonly step: number;
      readonly value: number;
    }
  | { readonly type: "figure"; readonly figure: Figure }
  | { readonly type: "picture"; readonly picture: Picture }
  | { readonly type: "log"; readonly message: string };

/** A computation that tells how it is getting on and ends with a result. */
export type Running<R> = AsyncGenerator<RunEvent, R, void>;

export const progress = (done: number, total: number, label: string): RunEvent => ({
  type: "progress",
  done,
  total,
  label,
});

export const log = (message: string): RunEvent => ({ type: "log", message });

/** Where a unit of work is among those of a run. */
export interface Place {
  readonly label: string;
  readonly done: number;
  readonly total: number;
}

/** A computation as one unit of work after `done` others, of `total`: its progress is a part of theirs. */
export async function* within<R>(running: Running<R>, done: number, total: number): Running<R> {
  for (;;) {
    const next = await running.next();
    if (next.done) return next.value;
    const event = next.value;
    yield event.type === "progress"
      ? progress(done + event.done / event.total, total, event.label)
      : event;
  }
}

/** The result of a computation nobody watches. */
export async function finish<R>(running: Running<R>): Promise<R> {
  for (;;) {
    const next = await running.next();
    if (next.done) return next.value;
  }
}
