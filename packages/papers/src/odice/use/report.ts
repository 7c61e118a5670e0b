/** What came out of a log: files, tables, plots, findings. */
import { meanOf, quantileOf } from "@etude/learn";
import type { OutputFile, UseResult } from "../../contract/use.ts";
import type { Residuals } from "../inspect.ts";
import { type Doubtful, doubts } from "./doubtful.ts";
import type { PreparedLog } from "./log.ts";
import { exportPolicy, exportValue } from "./models.ts";
import type { UseOptions } from "./options.ts";
import type { TrainedOnLog } from "./train.ts";

export interface Inspected {
  readonly residuals: Residuals;
  /** omega of each transition. */
  readonly ratios: Float32Array;
  readonly doubtful: Doubtful;
}

export function reportOn(
  log: PreparedLog,
  trained: TrainedOnLog,
  inspected: Inspected,
  options: UseOptions,
): UseResult {
  return {
    files: [
      {
        name: "policy.onnx",
        describe: `the policy, from ${log.observations.length} columns of the state to the action`,
        bytes: exportPolicy(log, trained),
      },
      {
        name: "value.onnx",
        describe: "the value of a state, in the units of the rewards",
        bytes: exportValue(log, trained),
      },
      ratiosFile(log, inspected),
      doubtfulFile(log, inspected),
    ],
    tables: [
      summaryTable(log, inspected),
      doubtTable(log, inspected),
      ...evaluationTable(log, trained),
    ],
    figures: [ratioFigure(inspected), valueFigure(trained), angleFigure(trained)],
    findings: findings(log, trained, inspected, options),
  };
}

const csv = (header: readonly string[], rows: readonly (readonly (string | number)[])[]) =>
  new TextEncoder().encode([header, ...rows].map((row) => `${row.join(",")}\n`).join(""));

const digits = (value: number): number => Number(value.toPrecision(6));

function ratiosFile(log: PreparedLog, { residuals, ratios }: Inspected): OutputFile {
  const { rewardScale } = log;
  const rows = Array.from(ratios, (ratio, i) => [
    log.rows[i],
    digits(ratio),
    Number(ratio > 0),
    digits(residuals.value[i] / rewardScale),
    digits(residuals.nextValue[i] / rewardScale),
    digits(residuals.residual[i]),
  ]);
  return {
    name: "ratios.csv",
    describe: "omega of each transition: how much the policy follows that logged action",
    bytes: csv(["row", "omega", "kept", "value", "next_value", "residual"], rows),
  };
}

function doubtfulFile(log: PreparedLog, { residuals, doubtful }: Inspected): OutputFile {
  const rows = doubtful.states.map(({ transition, doubts }) => [
    log.rows[transition],
    digits(residuals.value[transition] / log.rewardScale),
    digits(residuals.nextValue[transition] / log.rewardScale),
    log.goesOn[transition],
    doubts.join("; "),
  ]);
  return {
    name: "doubtful.csv",
    describe: "next states whose value is far outside what the log supports",
    bytes: csv(["row", "value", "next_value", "log_goes_on", "why"], rows),
  };
}

function summaryTable(
  log: PreparedLog,
  { residuals, ratios }: Inspected,
): UseResult["tables"][number] {
  const values = Array.from(residuals.value, (v) => v / log.rewardScale);
  const kept = ratios.filter((ratio) => ratio > 0).length;
  return {
    id: "log",
    title: `The log ${log.file}`,
    columns: ["", "value"],
    rows: [
      ["transitions", ratios.length],
      ["rows left out", log.dropped],
      ["episodes", log.returns.length],
      ["mean return of episodes", meanOf([...log.returns])],
      ["factor of the rewards", log.rewardScale],
      ["logged actions kept", kept],
      ["share kept", kept / ratios.length],
      ["mean omega", meanOf(Array.from(ratios))],
      ["median V of logged states", quantileOf(values, 0.5)],
      ["least V of logged states", quantileOf(values, 0)],
      ["greatest V of logged states", quantileOf(values, 1)],
    ],
  };
}

function doubtTable(log: PreparedLog, { doubtful }: Inspected): UseResult["tables"][number] {
  const count = (doubt: (typeof doubts)[number], goesOn: number): number =>
    doubtful.states.filter(
      (state) => state.doubts.includes(doubt) && log.goesOn[state.transition] === goesOn,
    ).length;
  const { values, jumps } = doubtful;
  const scale = log.rewardScale;
  const bounds = [values.high, values.low, jumps.high, jumps.low].map((bound) => bound / scale);
  return {
    id: "doubtful",
    title: "Next states with a doubtful value",
    caption:
      "Beyond the fences of the values of logged states, or of the changes of value where the log goes on.",
    columns: ["what", "beyond", "where the log goes on", "where it ends"],
    rows: doubts.map((doubt, i) => [doubt, bounds[i], count(doubt, 1), count(doubt, 0)]),
  };
}

function evaluationTable(log: PreparedLog, { evaluation }: TrainedOnLog): UseResult["tables"] {
  if (evaluation === null) return [];
  const row = (name: string, values: readonly number[]) => [
    name,
    values.length,
    meanOf([...values]),
    Math.min(...values),
    Math.max(...values),
  ];
  return [
    {
      id: "returns",
      title: "Returns of episodes",
      columns: ["policy", "episodes", "mean", "least", "greatest"],
      rows: [
        row("O-DICE", evaluation.policy),
        row("behaviour cloning", evaluation.cloning),
        row("the log itself", log.returns),
      ],
    },
  ];
}

const bins = 40;

function ratioFigure({ ratios }: Inspected): UseResult["figures"][number] {
  const sorted = Float32Array.from(ratios).sort();
  const places = Array.from({ length: bins + 1 }, (_, i) =>
    Math.round((i * (sorted.length - 1)) / bins),
  );
  return {
    id: "ratios",
    title: "omega of the logged actions, from the least to the greatest",
    caption: "Where it is 0 the policy leaves the logged action out.",
    x: { label: "share of the log" },
    y: { label: "omega" },
    marks: [
      {
        type: "line",
        x: places.map((_, i) => i / bins),
        y: places.map((place) => digits(sorted[place])),
      },
    ],
  };
}

function valueFigure({ history }: TrainedOnLog): UseResult["figures"][number] {
  return {
    id: "value",
    title: "Mean V of minibatches, scaled",
    caption: "Where it still climbs or falls at the end, more steps are needed.",
    x: { label: "step" },
    y: { label: "mean V" },
    marks: [
      {
        type: "line",
        x: history.map(({ step }) => step),
        y: history.map(({ meanValue }) => meanValue),
      },
    ],
  };
}

function angleFigure({ history }: TrainedOnLog): UseResult["figures"][number] {
  const x = history.map(({ step }) => step);
  return {
    id: "cosine",
    title: "Forward and backward gradient, and the share of actions kept",
    x: { label: "step" },
    y: { label: "cosine, share" },
    marks: [
      { type: "line", series: "cosine", x, y: history.map(({ cosine }) => cosine) },
      { type: "line", series: "share kept", x, y: history.map(({ kept }) => kept) },
    ],
  };
}

function findings(
  log: PreparedLog,
  { history, config, evaluation }: TrainedOnLog,
  { ratios, doubtful }: Inspected,
  { task }: UseOptions,
): string[] {
  const kept = ratios.filter((ratio) => ratio > 0).length / ratios.length;
  const lines = [
    ...log.remarks,
    `The policy follows ${percent(kept)} of the logged actions (omega above 0), with lambda ${config.lambda}.`,
  ];
  if (log.dropped > 0) {
    lines.push(
      `${log.dropped} rows were left out: their step was cut, and its next state is not recorded.`,
    );
  }
  if (task === "learn" && log.rewardScale !== 1) {
    lines.push(
      `Rewards were multiplied by ${log.rewardScale.toPrecision(4)}; another factor acts like another lambda (--reward-scale).`,
    );
  }
  const ends = doubtful.states.filter(({ transition }) => log.goesOn[transition] === 0).length;
  lines.push(
    doubtful.states.length === 0
      ? "No next state has a value far outside what the log supports."
      : `${doubtful.states.length} next states have a doubtful value, ${ends} of them where the log ends; doubtful.csv lists them.`,
  );
  lines.push(
    ...new Set(history.flatMap(({ warning }) => (warning === undefined ? [] : [warning]))),
  );
  if (kept < scarce) {
    lines.push(
      "So few actions are kept that the policy rests on little: a smaller --reward-scale or --lambda, or conjugate weights, keep more.",
    );
  }
  if (task === "learn" && kept > ample) {
    lines.push(
      `That is nearly all, so the policy stays near the log: to choose more, raise --reward-scale (now ${log.rewardScale.toPrecision(3)}), for instance threefold.`,
    );
  }
  const drift = driftOf(history.map(({ meanValue }) => meanValue));
  if (drift > 0.05) {
    lines.push(
      `V was still moving when training ended (by ${percent(drift)} of its range in the last fifth): try more --steps.`,
    );
  }
  if (evaluation !== null) {
    const [policy, cloning] = [evaluation.policy, evaluation.cloning].map((all) =>
      meanOf([...all]),
    );
    lines.push(
      `In the environment: mean return ${policy.toPrecision(4)}, behaviour cloning ${cloning.toPrecision(4)}, the log ${meanOf([...log.returns]).toPrecision(4)}.`,
    );
  }
  return lines;
}

/** Shares of the log that are remarkably small and large to keep. */
const [scarce, ample] = [0.02, 0.75];

/** How far values moved in the last fifth of a training, over how far they moved in all. */
function driftOf(values: readonly number[]): number {
  const late = values[Math.floor(0.8 * values.length)];
  const range = Math.max(...values) - Math.min(...values);
  return range === 0 ? 0 : Math.abs(values[values.length - 1] - late) / range;
}

const percent = (share: number): string => `${(100 * share).toPrecision(3)} %`;
