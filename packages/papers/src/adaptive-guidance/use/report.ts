/** What is shown of a study, and what is kept. */
import { csvCell, writeNpz } from "@etude/data";
import type { NDArray } from "@etude/tensor";
import { base64 } from "../../contract/base64.ts";
import type { Summary } from "../../contract/experiment.ts";
import type { Figure, Mark, Picture } from "../../contract/figure.ts";
import type { OutputFile } from "../../contract/use.ts";
import { type Row, sheetOf } from "../measure.ts";
import { linearGuidance } from "../policy.ts";
import { writePolicy } from "./policyFile.ts";
import { names, type Study } from "./study.ts";
import type { Subject } from "./subject.ts";

const row = (study: Study, name: string): Row | undefined =>
  study.rows.find((each) => each.name === name);

export function reportOf(study: Study, subject: Subject): Summary {
  return {
    tables: [
      {
        id: "policies",
        title: `What each policy costs and moves, ${study.setting.steps} steps, strength ${study.setting.strength}`,
        caption:
          "Evaluations of the network a sample; relative squared error and structural similarity to full guidance from the same noise; growth is the largest root mean square on the way over that of full guidance.",
        columns: ["policy", "evaluations", "saved, %", "relative error", "similarity", "growth"],
        rows: study.rows.map((each) => [
          each.name,
          each.evaluations,
          saved(study, each),
          each.error,
          Number.isFinite(each.ssim) ? each.ssim : null,
          each.growth,
        ]),
      },
    ],
    figures: [alignmentFigure(study), costFigure(study)],
    pictures: sheets(study, subject),
    findings: [...findingsOf(study), ...subject.notes],
  };
}

const saved = (study: Study, { evaluations }: Row): number =>
  100 * (1 - evaluations / (2 * study.setting.steps));

const sheetLines = [names.full, names.adaptive, names.linear, names.conditional];

function sheets({ shown }: Study, subject: Subject): Picture[] {
  if (Object.keys(shown).length === 0) return [];
  const classes = subject.names.slice(0, 10);
  return [
    {
      id: "sheet",
      title: "The same noise under four policies",
      caption: `From the top: ${sheetLines.join(", ")}${classes.length > 0 ? `; columns: ${classes.join(", ")}` : ""}.`,
      png: base64(sheetOf(shown, sheetLines, 3)),
    },
  ];
}

function alignmentFigure({ alignment, adaptive }: Study): Figure {
  const x = alignment.mean.map((_, k) => k);
  return {
    id: "alignment",
    title: "How parallel the guided and the unguided prediction are",
    caption: "Mean and 80 % of the samples under full guidance; guidance stops at the line.",
    x: { label: "step, from noise to data" },
    y: { label: "alignment gamma" },
    marks: [
      { type: "line", series: "mean", x, y: alignment.mean },
      { type: "band", series: "80 % of the samples", x, low: alignment.low, high: alignment.high },
      { type: "rule", series: "threshold", y: adaptive.threshold },
    ],
  };
}

function costFigure(study: Study): Figure {
  const dots = (series: string, belongs: (name: string) => boolean): Mark => {
    const chosen = study.rows
      .filter(({ name, error }) => belongs(name) && error > 0)
      .sort((a, b) => a.evaluations - b.evaluations);
    return {
      type: "dots",
      series,
      x: chosen.map(({ evaluations }) => evaluations),
      y: chosen.map(({ error }) => error),
    };
  };
  return {
    id: "cost",
    title: "What a saving costs",
    caption: "Lower and further left is better.",
    x: { label: "network evaluations a sample" },
    y: { label: "relative error", scale: "log" },
    marks: [
      dots("adaptive", (name) => name === names.adaptive || name.startsWith("threshold ")),
      dots("LinearAG", (name) => name === names.linear),
      dots("fewer steps", (name) => name.startsWith("full guidance, ")),
      dots(
        "others",
        (name) =>
          [names.conditional, names.without, names.searched].some((other) => other === name) ||
          name.endsWith("half"),
      ),
    ],
  };
}

function findingsOf(study: Study): string[] {
  const { adaptive, linear, setting, firedAtOnce } = study;
  const found: string[] = [];
  const [ag, lag] = [row(study, names.adaptive), row(study, names.linear)];
  const fewer = study.rows.find(({ name }) => name.startsWith("full guidance, "));
  if (ag === undefined || lag === undefined) return found;
  const alike = ({ ssim }: Row) =>
    Number.isFinite(ssim) ? ` and similarity ${ssim.toFixed(4)}` : "";
  const told = (each: Row) => `relative error ${each.error.toExponential(1)}${alike(each)}`;
  found.push(
    `Adaptive guidance with threshold ${adaptive.threshold.toFixed(4)}${adaptive.firstCheck > 0 ? ` from step ${adaptive.firstCheck} on` : ""} needs ${ag.evaluations.toFixed(1)} of ${2 * setting.steps} evaluations a sample, ${saved(study, ag).toFixed(0)} % fewer: ${told(ag)}.`,
    `LinearAG needs ${lag.evaluations.toFixed(0)}: ${told(lag)}. Its estimates explain ${(100 * Math.min(...linear.r2)).toFixed(1)} % of the unguided predictions at the worst step.`,
  );
  if (fewer !== undefined)
    found.push(
      `Full guidance in ${Math.round(fewer.evaluations / 2)} steps needs ${fewer.evaluations.toFixed(0)}: ${told(fewer)}. ${fewer.error < ag.error ? "On this model simply taking fewer steps is nearer to full guidance than adaptive guidance." : "Adaptive guidance is nearer to full guidance."}`,
    );
  if (firedAtOnce > 0.5 && setting.strength !== 1)
    found.push(
      `Guidance stops for ${(100 * firedAtOnce).toFixed(0)} % of the samples at step ${adaptive.firstCheck}, the first that may stop it: raise --first-check or the threshold. Predictions of noise look alike at the start whatever the condition.`,
    );
  if (lag.growth > 1.5)
    found.push(
      `LinearAG drifts away here: its samples grow to ${lag.growth.toFixed(1)} times the size of those of full guidance. Raise --ridge, or do not use it.`,
    );
  if (study.searched !== null)
    found.push(
      `The search ends with mixtures of ${study.searched.found.evaluations.toFixed(1)} evaluations and effective strengths ${study.searched.found.effectiveStrength.map((s) => s.toFixed(1)).join(" ")}.`,
    );
  return found;
}

export function filesOf(
  study: Study,
  subject: Subject,
  model: Uint8Array | undefined,
): OutputFile[] {
  const { steps, strength } = study.setting;
  const common = { steps, strength, sampler: subject.sampler.name };
  const lines = Object.keys(study.shown).length > 0;
  return [
    writePolicy("policy.json", "adaptive guidance, to sample with: --policy", {
      ...common,
      policy: study.adaptive,
    }),
    writePolicy("linear-policy.json", "LinearAG with its coefficients, to sample with: --policy", {
      ...common,
      policy: linearGuidance(study.linear),
    }),
    ...(study.searched === null
      ? []
      : [
          writePolicy("searched-policy.json", "the searched policy, discretised", {
            ...common,
            policy: study.searched.policy,
          }),
        ]),
    {
      name: "policies.csv",
      describe: "evaluations, error and similarity of every policy and threshold",
      bytes: policiesCsv(study),
    },
    {
      name: "samples.npz",
      describe: "the same samples under full, adaptive and linear guidance",
      bytes: samplesFile(study.samples),
    },
    ...(lines
      ? [
          {
            name: "samples.png",
            describe: `pictures from the same noise, from the top: ${sheetLines.join(", ")}`,
            bytes: sheetOf(study.shown, sheetLines, 3),
          },
        ]
      : []),
    ...(model === undefined
      ? []
      : [
          {
            name: "model.onnx",
            describe: "the model: x, t and condition to the velocity, and the picture of x",
            bytes: model,
          },
        ]),
  ];
}

function samplesFile(samples: Readonly<Record<string, NDArray>>): Uint8Array {
  const kept = [
    ["full", names.full],
    ["adaptive", names.adaptive],
    ["linear", names.linear],
  ] as const;
  return writeNpz(Object.fromEntries(kept.map(([short, name]) => [short, samples[name]])));
}

function policiesCsv(study: Study): Uint8Array {
  const cell = (value: number) =>
    Number.isFinite(value) ? String(Number(value.toPrecision(8))) : "";
  const lines = study.rows.map((each) =>
    [
      csvCell(each.name),
      cell(each.evaluations),
      cell(saved(study, each)),
      cell(each.error),
      cell(each.ssim),
      cell(each.growth),
    ].join(","),
  );
  const header = "policy,evaluations,saved_percent,relative_error,similarity,growth";
  return new TextEncoder().encode(`${[header, ...lines].join("\n")}\n`);
}
