/** A training inside a run: how far it is, its loss and what is measured on the way, as events. */
import { type Place, progress, type Running } from "../contract/events.ts";
import type { HistoryEntry, Trained } from "./training.ts";

/**
 * @param steps of the whole training
 * @param metric the name before each metric: "one layer" gives "one layer: loss"
 */
export async function* watched<P>(
  training: AsyncGenerator<HistoryEntry, Trained<P>, void>,
  steps: number,
  { label, done, total }: Place,
  metric: string,
): Running<Trained<P>> {
  for (;;) {
    const next = await training.next();
    if (next.done) return next.value;
    const { step, loss, measured } = next.value;
    yield progress(done + step / steps, total, `${label}, step ${step} of ${steps}`);
    for (const [name, value] of Object.entries({ loss, ...measured }))
      yield { type: "metric", name: `${metric}: ${name}`, step, value };
  }
}
