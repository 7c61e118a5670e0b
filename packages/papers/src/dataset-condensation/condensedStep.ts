/** A condensation inside a run: progress, the growing curve of its losses, and a step that is stored. */
import type { NDArray } from "@etude/tensor";
import type { RunContext } from "../contract/context.ts";
import { type Place, progress, type Running } from "../contract/events.ts";
import { condensing } from "./condense.ts";
import type { Labelled } from "./labelled.ts";
import type { Network } from "./networks.ts";
import type { CondenseOptions } from "./settings.ts";

/** What a step keeps: plain data and arrays. */
export interface Kept {
  /** [C ipc, ...] */
  readonly images: NDArray;
  readonly labels: number[];
  readonly initial: NDArray;
  readonly classwise: number[];
  readonly contrastive: number[];
  readonly snapshots: { readonly outer: number; readonly images: NDArray }[];
}

/** @param metric the name under which both losses are told while the images are learnt, if they are */
export async function* condensedStep(
  name: string,
  data: Labelled,
  net: Network,
  options: CondenseOptions,
  { step, checkpoints }: RunContext,
  { label, done, total }: Place,
  metric?: string,
): Running<Kept> {
  return yield* step(name, async function* (): Running<Kept> {
    const running = condensing(data, net, options, checkpoints(name));
    for (let told = -1; ; ) {
      const next = await running.next();
      if (next.done) {
        const { images, labels, initial, classwise, contrastive, snapshots } = next.value;
        return {
          images,
          labels: Array.from(labels),
          initial,
          classwise: Array.from(classwise),
          contrastive: Array.from(contrastive),
          snapshots: [...snapshots],
        };
      }
      const at = next.value;
      yield progress(
        done + at.step / at.steps,
        total,
        `${label}, network ${at.outer} of ${at.outers}`,
      );
      if (metric === undefined || at.outer === told) continue;
      told = at.outer;
      yield { type: "metric", name: `${metric}: class-wise`, step: at.outer, value: at.classwise };
      yield {
        type: "metric",
        name: `${metric}: contrastive`,
        step: at.outer,
        value: at.contrastive,
      };
    }
  });
}
