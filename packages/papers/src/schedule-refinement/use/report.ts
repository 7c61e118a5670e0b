/** Tables, plots and files of a refined log. */
import type { DataTable, Figure } from "../../contract/figure.ts";
import type { OutputFile } from "../../contract/use.ts";
import type { NormKind } from "../refine.ts";
import { linearDecay, polynomial } from "../standardSchedules.ts";
import type { Refined } from "./refineLog.ts";

export interface Told {
  readonly column: string;
  readonly norm: NormKind;
  /** Steps from one record to the next. */
  readonly spacing: number;
  readonly peak?: number;
}

export function summaryTable({ schedule, fit, filtered, gain }: Refined, told: Told): DataTable {
  const rows: (readonly [string, string | number])[] = [
    ["column", told.column],
    ["weights", told.norm === "l2" ? "1 / norm^2" : "1 / norm"],
    ["records", filtered.length],
    ["steps from one to the next", told.spacing],
    ["steps of the schedule", schedule.length],
    ["peak at, share of the run", (schedule.indexOf(1) + 1) / schedule.length],
    ["first multiplier", schedule[0]],
    ["nearest polynomial: warm-up, share of the run", fit.warmup],
    ["nearest polynomial: power of the decay", fit.power],
    ["nearest polynomial: root mean square error", fit.error],
    ["bound for the last iterate, over that of linear decay", gain],
  ];
  return { id: "schedule", title: "The refined schedule", columns: ["", "value"], rows };
}

/** Points of a plotted line; a long run has more than can be seen. */
const plotted = 600;

/** Evenly spread places of 0 ... length - 1, both ends among them. */
function spreadPlaces(length: number): number[] {
  const count = Math.min(length, plotted);
  return Array.from({ length: count }, (_, i) => Math.round((i * (length - 1)) / (count - 1)));
}

export function figuresOf(
  { schedule, fit, norms, filtered }: Refined,
  { spacing, norm, peak = 1 }: Told,
): Figure[] {
  const records = spreadPlaces(norms.length);
  const steps = spreadPlaces(schedule.length);
  const nearest = polynomial(schedule.length, fit);
  const linear = linearDecay(schedule.length);
  const of = (series: string, values: ArrayLike<number>) => ({
    type: "line" as const,
    series,
    x: steps,
    y: steps.map((t) => peak * values[t]),
  });
  const at = records.map((t) => t * spacing);
  return [
    {
      id: "schedule",
      title: "The refined schedule",
      caption: `Beside it linear decay and the nearest polynomial: warm-up ${fit.warmup.toFixed(3)}, power ${fit.power.toFixed(2)}.`,
      x: { label: "step" },
      y: { label: peak === 1 ? "learning rate over its peak" : "learning rate" },
      marks: [
        of("linear decay", linear),
        of("nearest polynomial", nearest),
        of("refined", schedule),
      ],
    },
    {
      id: "norms",
      title: "Gradient norms of the log",
      caption: "Where filtered norms are small the schedule takes long steps.",
      x: { label: "step" },
      y: { label: `${norm} norm`, scale: "log" },
      marks: [
        // The logarithm of 0 is nowhere to be drawn.
        { type: "dots", series: "log", x: at, y: records.map((t) => norms[t] || Number.NaN) },
        { type: "line", series: "filtered", x: at, y: records.map((t) => filtered[t]) },
      ],
    },
  ];
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Nine digits: more than float32 optimisers can tell apart. */
const digits = (value: number): number => Number(value.toPrecision(9));

export function filesOf({ schedule, fit }: Refined, { norm, peak }: Told): OutputFile[] {
  const multipliers = Array.from(schedule, digits);
  const rates = peak === undefined ? undefined : Array.from(schedule, (m) => digits(peak * m));
  const lines = multipliers.map((multiplier, step) =>
    [step, multiplier, ...(rates === undefined ? [] : [rates[step]])].join(","),
  );
  const header = ["step", "multiplier", ...(rates === undefined ? [] : ["rate"])].join(",");
  const json = {
    steps: schedule.length,
    norm,
    ...(peak === undefined ? {} : { peak }),
    polynomial: { warmup: fit.warmup, power: fit.power, error: fit.error },
    multipliers,
    ...(rates === undefined ? {} : { rates }),
  };
  const describe = "the schedule: step (from 0), multiplier of the peak rate";
  return [
    {
      name: "schedule.csv",
      describe: rates === undefined ? describe : `${describe}, rate`,
      bytes: encode(`${[header, ...lines].join("\n")}\n`),
    },
    {
      name: "schedule.json",
      describe: "the same, with the nearest polynomial",
      bytes: encode(`${JSON.stringify(json)}\n`),
    },
  ];
}
