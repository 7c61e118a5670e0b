/** A refined schedule from the gradient norms in the log of an earlier run. */
import { UsageError } from "../contract/errors.ts";
import { log, progress } from "../contract/events.ts";
import type { Use } from "../contract/use.ts";
import type { NormKind } from "./refine.ts";
import { chooseColumns, saysL1 } from "./use/columns.ts";
import { readLog } from "./use/log.ts";
import { optionsSchema, type UseOptions } from "./use/options.ts";
import { refineLog } from "./use/refineLog.ts";
import { figuresOf, filesOf, summaryTable, type Told } from "./use/report.ts";
import { seriesOf } from "./use/series.ts";

export const use: Use<UseOptions> = {
  description:
    "Turns the gradient norms that an earlier run logged into the learning-rate schedule that suits the problem, warm-up and decay included: a multiplier for every step.",
  options: optionsSchema,
  inputs: {
    log: {
      accepts: ["table", "text"],
      required: true,
      describe:
        "the log: CSV, JSON Lines, JSON or one number a line, with the norm of the gradient (before clipping) at every step or every so many steps",
    },
  },
  examples: [
    "--log run.csv --optimiser sgd",
    "--log trainer_state.json --optimiser adam --length 20000 --peak 3e-4",
    "--log metrics.jsonl --column train/grad_l1 --filter mean",
  ],
  async *run(options, inputs, context) {
    const input = inputs.log;
    if (input === undefined) throw new UsageError("--log is missing: give the log of a run");
    yield progress(0, 2, "reading the log");
    const read = await readLog(input);
    const columns = chooseColumns(read, options);
    const norm = normOf(columns.norm, options);
    const series = seriesOf(read, columns);
    yield progress(1, 2, `refining ${series.norms.length} norms`);
    const steps = options.length ?? series.norms.length * series.spacing;
    const refined = await refineLog(series.norms, norm, steps, options, context.signal);
    const told: Told = {
      column: columns.norm,
      norm,
      spacing: series.spacing,
      ...(options.peak === undefined ? {} : { peak: options.peak }),
    };
    const notes = [...series.notes, ...refined.notes, ...aboutNorms(columns.norm, norm)];
    for (const note of notes) yield log(note);
    const { warmup, power } = refined.fit;
    return {
      tables: [summaryTable(refined, told)],
      figures: figuresOf(refined, told),
      findings: [
        `Nearest polynomial: warm up over ${(100 * warmup).toFixed(1)} % of the run, then (1 - s)^${power.toFixed(2)}.`,
        `The bound for the last iterate is ${refined.gain.toFixed(2)} times that of linear decay: the nearer to 1, the less there is to gain.`,
        "The peak rate of the old run is not the best one for this schedule: sweep it again, a factor of two either way at least.",
        ...notes,
      ],
      files: filesOf(refined, told),
    };
  },
};

/** @throws UsageError where neither the option nor the name of the column says it */
function normOf(column: string, { optimiser }: UseOptions): NormKind {
  if (optimiser !== undefined) return optimiser === "sgd" ? "l2" : "l1";
  if (saysL1(column)) return "l1";
  throw new UsageError(
    "--optimiser is missing: say whether the run was trained with sgd or with adam and its like; their weights differ, 1 / norm^2 and 1 / norm",
  );
}

function aboutNorms(column: string, norm: NormKind): string[] {
  if (norm === "l1" && !saysL1(column))
    return [
      `For adam the norm to record is l1, the sum of absolute values. If "${column}" holds l2 norms they stand in for it, which is right as far as the two keep their ratio over the run.`,
    ];
  if (norm === "l2" && saysL1(column))
    return [`For sgd the norm to record is l2, but "${column}" is named as l1.`];
  return [];
}
