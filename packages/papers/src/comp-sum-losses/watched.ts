/** A training that tells how far it is, and its loss. */
import { type Place, progress, type Running } from "../contract/events.ts";
import type { Fit, FitProgress } from "./training.ts";

/** Shares of a training at which it is said how far it is. */
const notices = 20;

export async function* watched<P>(
  fit: AsyncGenerator<FitProgress, Fit<P>, void>,
  { done, total, label }: Place,
): Running<Fit<P>> {
  let said = -1;
  for (;;) {
    const next = await fit.next();
    if (next.done) return next.value;
    const { step, steps, loss } = next.value;
    const notice = Math.floor((notices * step) / steps);
    if (notice === said) continue;
    said = notice;
    yield progress(done + step / steps, total, label);
    yield { type: "metric", name: `loss: ${label}`, step, value: loss };
  }
}
