/** What is to be seen of the results of all seeds. */

import { meanInterval } from "@etude/learn";
import type { Figure, Mark } from "../../contract/figure.ts";
import { lineOver } from "../../contract/lineOver.ts";
import { baselineOf } from "../settings.ts";
import { accuracyOf, meanOf, type Result } from "./claims.ts";
import type { Options } from "./options.ts";
import { memories } from "./replayStudy.ts";
import { confidence, setsOf } from "./spread.ts";

export function setFigure(results: readonly Result[], options: Options): Figure {
  const sets = setsOf(options);
  const samples = sets.map((set) => results.map(({ garments }) => accuracyOf(garments.main, set)));
  const marks: Mark[] = [{ type: "bars", x: [...sets], y: samples.map(meanOf) }];
  if (results.length > 1) {
    const intervals = samples.map((values) => meanInterval(values, confidence));
    marks.push({
      type: "intervals",
      x: [...sets],
      low: intervals.map(([low]) => low),
      high: intervals.map(([, high]) => high),
    });
  }
  marks.push({
    type: "rule",
    series: "all images",
    y: meanOf(results.map(({ garments }) => garments.everything)),
  });
  return {
    id: "sets",
    title: "Test accuracy by what was trained on",
    caption: "All sets have the same number of images and began as the random ones.",
    x: { label: "set", scale: "band" },
    y: { label: "test accuracy, per cent" },
    marks,
  };
}

/** Equations (2) and (3) at fresh networks, smoothed over a tenth of the loops. */
export function lossFigure(results: readonly Result[]): Figure {
  const { methods } = results[0].garments.main;
  const marks = methods.flatMap(({ method }, place) =>
    (["classwise", "contrastive"] as const).map((loss): Mark => {
      const curves = results.map(({ garments }) => garments.main.methods[place][loss]);
      const means = curves[0].map((_, o) => meanOf(curves.map((curve) => curve[o])));
      const width = Math.max(1, Math.floor(means.length / 10));
      const y = means.slice(width - 1).map((_, o) => meanOf(means.slice(o, o + width)));
      return {
        type: "line",
        series: `${method}: ${loss === "classwise" ? "class-wise (2)" : "contrastive (3)"}`,
        x: y.map((_, o) => o + width - 1),
        y,
      };
    }),
  );
  return {
    id: "losses",
    title: "Both losses while each method descends its own",
    caption:
      "DC descends (2) and is blind to (3); DCC descends (3) after its warm-up. Running means, over seeds.",
    x: { label: "fresh networks" },
    y: { label: "distance of gradients", scale: "log" },
    marks,
  };
}

export function earlierFigure(results: readonly Result[], options: Options): Figure {
  const outers = options.evaluateAt.filter((outer) => outer > 0 && outer < options.outerLoops);
  const x = [0, ...outers, options.outerLoops];
  return {
    id: "growth",
    title: "Test accuracy while the sets are learnt",
    caption: "At 0 they are the random real images.",
    x: { label: "fresh networks" },
    y: { label: "test accuracy, per cent" },
    marks: options.methods.flatMap((method, place) =>
      lineOver(
        method,
        x,
        x.map((outer) =>
          results.map(({ garments: { main } }) => {
            if (outer === 0) return accuracyOf(main, baselineOf(method));
            const earlier = main.methods[place].earlier.find((each) => each.outer === outer);
            return earlier?.accuracy ?? accuracyOf(main, method);
          }),
        ),
      ),
    ),
  };
}

export function velocityFigure(results: readonly Result[]): Figure {
  const { velocities } = results[0].garments;
  return {
    id: "velocity",
    title: "How far the tangent kernel turns in an epoch",
    caption: "Of a network that learns from the set, from equal initial weights.",
    x: { label: "epoch" },
    y: { label: "velocity of the kernel", scale: "log" },
    marks: velocities.map(
      ({ set, velocity }, i): Mark => ({
        type: "line",
        series: set,
        x: velocity.map((_, t) => t),
        y: velocity.map((_, t) =>
          meanOf(results.map(({ garments }) => garments.velocities[i].velocity[t])),
        ),
      }),
    ),
  };
}

export function clutterFigure(results: readonly Result[], { betas }: Options): Figure {
  return {
    id: "clutter",
    title: "Digits by the strength of the signal that all classes share",
    x: { label: "strength of the common signal" },
    y: { label: "test accuracy, per cent" },
    marks: (["random", "DC", "DCC"] as const).flatMap((set) =>
      lineOver(
        set,
        betas,
        betas.map((_, i) => results.map(({ clutter }) => clutter[i][set])),
      ),
    ),
  };
}

export function replayFigure(results: readonly Result[], { replaySteps }: Options): Figure {
  const tasks = Array.from({ length: replaySteps }, (_, i) => i);
  return {
    id: "replay",
    title: "Classes learnt in turn, by what was kept of them",
    caption: "Accuracy on the test images of all classes seen so far.",
    x: { label: "tasks learnt" },
    y: { label: "test accuracy, per cent" },
    marks: memories.flatMap((name) =>
      lineOver(
        name,
        tasks.map((task) => task + 1),
        tasks.map((task) => results.map(({ replay }) => replay?.[name][task] ?? Number.NaN)),
      ),
    ),
  };
}
