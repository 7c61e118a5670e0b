/** A training inside a run: how far it is, and its loss, as events. */
import { type Place, progress, type Running } from "../contract/events.ts";
import { boost, type GbnnModel } from "./boosting.ts";
import type { GbnnConfig } from "./config.ts";
import type { Examples } from "./crossValidation.ts";
import type { Task } from "./losses.ts";

/** @param metric the name under which the loss after every part is told, if it is */
export async function* watched(
  { x, y }: Examples,
  task: Task,
  config: GbnnConfig,
  { label, done, total }: Place,
  metric?: string,
): Running<GbnnModel> {
  const boosting = boost(x, y, task, config);
  for (;;) {
    const next = await boosting.next();
    if (next.done) return next.value;
    const { part, parts, loss } = next.value;
    yield progress(done + part / parts, total, `${label}, part ${part} of ${parts}`);
    if (metric !== undefined) yield { type: "metric", name: metric, step: part, value: loss };
  }
}
