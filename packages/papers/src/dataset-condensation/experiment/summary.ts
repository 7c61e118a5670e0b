/** Tables, figures and findings over all seeds. */
import type { Summary } from "../../contract/experiment.ts";
import type { DataTable } from "../../contract/figure.ts";
import { type Baseline, baselineOf, baselines, type Method } from "../settings.ts";
import { accuracyOf, last, meanOf, type Result, slowing } from "./claims.ts";
import {
  clutterFigure,
  earlierFigure,
  lossFigure,
  replayFigure,
  setFigure,
  velocityFigure,
} from "./figures.ts";
import type { SetScores } from "./garments.ts";
import type { Options } from "./options.ts";
import { memories } from "./replayStudy.ts";
import { confidence, setsOf, spread } from "./spread.ts";

export function summarise(
  results: readonly Result[],
  seeds: readonly number[],
  options: Options,
): Summary {
  const tables = [mainTable(results, options), seedTable(results, seeds)];
  const figures = [setFigure(results, options), lossFigure(results)];
  if (options.evaluateAt.length > 0) figures.push(earlierFigure(results, options));
  if (options.furtherIpc > 0) tables.push(furtherTable(results, options));
  tables.push(shareTable(results));
  if (options.velocityEpochs > 0) figures.push(velocityFigure(results));
  if (options.betas.length > 0) {
    tables.push(clutterTable(results, options));
    figures.push(clutterFigure(results, options));
  }
  if (options.replaySteps > 0) {
    tables.push(replayTable(results, options));
    figures.push(replayFigure(results, options));
  }
  return {
    tables,
    figures,
    pictures: [
      {
        id: "sets",
        title: `The synthetic sets, seed ${seeds[0]}`,
        caption: `Rows: ${["the real images all begin as", ...options.methods].join(", ")}; columns: classes in order. Cut to what can be seen.`,
        png: results[0].garments.sheet,
      },
    ],
    findings: findings(results, seeds, options),
  };
}

const spreadNote = `With half the ${100 * confidence} % interval for the mean over seeds.`;

const over = (results: readonly Result[], of: (result: Result) => number): string =>
  spread(results.map(of));

function setRows(
  results: readonly Result[],
  options: Options,
  scores: (result: Result) => SetScores,
): (string | number)[][] {
  return setsOf(options).map((set) => [
    isBaseline(set) ? `real images, drawn at ${set}` : set,
    over(results, (result) => accuracyOf(scores(result), set)),
    isBaseline(set)
      ? "-"
      : over(
          results,
          (result) => accuracyOf(scores(result), set) - accuracyOf(scores(result), baselineOf(set)),
        ),
  ]);
}

const isBaseline = (set: Method | Baseline): set is Baseline =>
  baselines.some((name) => name === set);

const mainTable = (results: readonly Result[], options: Options): DataTable => ({
  id: "main",
  title: `Test accuracy after training on ${options.ipc} image${options.ipc === 1 ? "" : "s"} per class, per cent`,
  caption: `Mean over ${options.evalNetworks} fresh networks each. ${spreadNote}`,
  columns: ["trained on", "accuracy", "beside random"],
  rows: [
    ...setRows(results, options, ({ garments }) => garments.main),
    ["all images", over(results, ({ garments }) => garments.everything), "-"],
  ],
});

const seedTable = (results: readonly Result[], seeds: readonly number[]): DataTable => ({
  id: "seeds",
  title: "The same by seed, per cent",
  columns: ["seed", "random", ...results[0].garments.main.methods.map(({ method }) => method)],
  rows: results.map(({ garments: { main } }, i) => [
    seeds[i],
    meanOf(main.random),
    ...main.methods.map(({ accuracies }) => meanOf(accuracies)),
  ]),
});

const furtherTable = (results: readonly Result[], options: Options): DataTable => ({
  id: "further",
  title: `With ${options.furtherIpc} images per class, per cent`,
  caption: `${options.judgeFurther ? "" : "Not judged: no separation is expected after so few loops. "}${spreadNote}`,
  columns: ["trained on", "accuracy", "beside random"],
  rows: setRows(results, options, ({ garments }) => garments.further ?? garments.main),
});

const shareTable = (results: readonly Result[]): DataTable => ({
  id: "common",
  title: "Gradients of the sets beside real ones",
  caption: `Share of the inner products of a synthetic class's gradient that goes to the real gradient of its own class, mean over classes; 1 / classes would be no preference. ${spreadNote}`,
  columns: ["set", "share of the own class"],
  rows: results[0].garments.ownShare.map(({ set }, i) => [
    set,
    spread(
      results.map(({ garments }) => garments.ownShare[i].share),
      3,
    ),
  ]),
});

const clutterTable = (results: readonly Result[], { betas }: Options): DataTable => ({
  id: "clutter",
  title: "Digits under a common signal, 1 image per class: test accuracy, per cent",
  caption: spreadNote,
  columns: ["strength", "random", "DC", "DCC", "DCC - DC"],
  rows: betas.map((beta, i) => [
    beta,
    over(results, ({ clutter }) => clutter[i].random),
    over(results, ({ clutter }) => clutter[i].DC),
    over(results, ({ clutter }) => clutter[i].DCC),
    over(results, ({ clutter }) => clutter[i].DCC - clutter[i].DC),
  ]),
});

const replayTable = (results: readonly Result[], { replaySteps }: Options): DataTable => ({
  id: "replay",
  title: "Classes learnt in turn: accuracy on the classes seen so far, per cent",
  caption: spreadNote,
  columns: ["memory", ...Array.from({ length: replaySteps }, (_, i) => `task ${i + 1}`)],
  rows: memories.map((name) => [
    name,
    ...Array.from({ length: replaySteps }, (_, i) =>
      over(results, ({ replay }) => replay?.[name][i] ?? Number.NaN),
    ),
  ]),
});

function findings(
  results: readonly Result[],
  seeds: readonly number[],
  options: Options,
): string[] {
  const mean = (of: (result: Result) => number): number => meanOf(results.map(of));
  const points = (value: number) => `${value.toFixed(1)} points`;
  const main = (set: "random" | "DC" | "DCC") =>
    mean(({ garments }) => accuracyOf(garments.main, set));
  const better = results.filter(
    ({ garments }) => accuracyOf(garments.main, "DCC") > accuracyOf(garments.main, "DC"),
  ).length;
  const endOf = (loss: "classwise" | "contrastive", method: "DC" | "DCC") =>
    mean(({ garments }) => {
      const found = garments.main.methods.find((each) => each.method === method);
      const values = found?.[loss] ?? [];
      return meanOf(values.slice(-Math.max(1, Math.floor(values.length / 5))));
    });
  const said = [
    `${options.ipc} per class: random ${main("random").toFixed(1)} %, DC ${main("DC").toFixed(1)} %, DCC ${main("DCC").toFixed(1)} %; DCC is above DC in ${better} of ${seeds.length} seeds.`,
    `Over the last fifth of the loops the contrastive loss (3) is ${endOf("contrastive", "DC").toFixed(2)} for DC and ${endOf("contrastive", "DCC").toFixed(2)} for DCC; the class-wise loss (2) is ${endOf("classwise", "DC").toFixed(2)} and ${endOf("classwise", "DCC").toFixed(2)}.`,
  ];
  if (options.furtherIpc > 0)
    said.push(
      `${options.furtherIpc} per class: DCC less DC is ${points(mean(({ garments: { further } }) => (further === null ? Number.NaN : accuracyOf(further, "DCC") - accuracyOf(further, "DC"))))}.`,
    );
  if (options.betas.length > 0)
    said.push(
      `Digits, DCC less DC by the strength of the common signal: ${options.betas.map((beta, i) => `${points(mean(({ clutter }) => clutter[i].DCC - clutter[i].DC))} at ${beta}`).join(", ")}.`,
    );
  if (options.velocityEpochs > 0) {
    const early = (set: string) =>
      mean(({ garments: { velocities } }) => {
        const velocity = velocities.find((each) => each.set === set)?.velocity ?? [];
        return meanOf(velocity.slice(0, Math.max(1, Math.floor(velocity.length / 5))));
      });
    const slower = (set: string) =>
      mean(({ garments: { velocities } }) =>
        slowing(velocities.find((each) => each.set === set)?.velocity ?? []),
      );
    said.push(
      `The tangent kernel turns by ${early("DC").toExponential(1)} an epoch early on the set by DC and by ${early("DCC").toExponential(1)} on that by DCC; late it is ${slower("DC").toFixed(2)} and ${slower("DCC").toFixed(2)} times that.`,
    );
  }
  if (options.replaySteps > 0)
    said.push(
      `After all tasks: ${memories.map((name) => `${name} ${mean(({ replay }) => last(replay?.[name] ?? [])).toFixed(1)} %`).join(", ")}.`,
    );
  return said;
}
