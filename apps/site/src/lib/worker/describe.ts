/** What a page says of a paper before anything runs. A server may make it too, so that nothing is loaded. */
import { type DataSet, dataSet } from "@etude/data";
import type { Bar, InputKind, Paper, PresetName } from "@etude/papers";
import { type Field, fieldsOf, type Json } from "./fields.ts";

export interface DataDescription {
  readonly id: string;
  readonly title: string;
  readonly bytes: number;
  /** Whether the site is known not to have it. */
  readonly isMissing: boolean;
}

export interface PresetDescription {
  readonly options: Readonly<Record<string, Json>>;
  readonly seeds: readonly number[];
  /** What to expect of the native engine on two cores. */
  readonly minutes: number;
  readonly data: readonly DataDescription[];
}

export interface ClaimDescription {
  readonly id: string;
  readonly statement: string;
  readonly paper: string;
  readonly bar: Bar;
}

export interface SlotDescription {
  readonly name: string;
  readonly accepts: readonly InputKind[];
  readonly required: boolean;
  readonly describe: string;
}

/** A table of the catalogue that shows what the method does. */
export interface ExampleDescription {
  readonly set: string;
  readonly title: string;
  readonly slot: string;
  readonly target: string;
}

export interface PaperDescription {
  readonly slug: string;
  readonly verify: {
    readonly description: string;
    readonly fields: readonly Field[];
    readonly presets: Readonly<Record<PresetName, PresetDescription>>;
    /** Those that the quick preset decides. */
    readonly claims: readonly ClaimDescription[];
  };
  readonly use: {
    readonly description: string;
    readonly slots: readonly SlotDescription[];
    readonly fields: readonly Field[];
    readonly example: ExampleDescription | null;
  };
}

/**
 * @param isMissing whether the site does not have a data set of the catalogue, where that is known
 * @example
 * const about = describePaper(await loadPaper("gbnn")); // in the load function of a page
 */
export function describePaper(
  { card, experiment, use }: Paper,
  isMissing: (id: string) => boolean = () => false,
): PaperDescription {
  const preset = (name: PresetName): PresetDescription => {
    const { options, seeds, minutes } = experiment.presets[name];
    return {
      options: JSON.parse(JSON.stringify(options)),
      seeds,
      minutes,
      data: [...new Set(experiment.data(options))].map((id) => announced(dataSet(id), isMissing)),
    };
  };
  const slots = Object.entries(use.inputs).map(([name, { accepts, required, describe }]) => ({
    name,
    accepts,
    required,
    describe,
  }));
  const fields = fieldsOf(use.options);
  return {
    slug: card.slug,
    verify: {
      description: experiment.description,
      fields: fieldsOf(experiment.options),
      presets: { smoke: preset("smoke"), quick: preset("quick"), full: preset("full") },
      claims: experiment
        .claims(experiment.presets.quick.options)
        .map(({ id, statement, paper, bar }) => ({ id, statement, paper, bar })),
    },
    use: { description: use.description, slots, fields, example: exampleFor(slots, fields) },
  };
}

const announced = (
  { id, title, files }: DataSet,
  isMissing: (id: string) => boolean,
): DataDescription => ({
  id,
  title,
  bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
  isMissing: isMissing(id),
});

/**
 * A small table for those who have none at hand: wines of three cultivars, or tumours of two kinds for
 * methods that say they know no more than two classes. None where a table with a target is not enough.
 */
function exampleFor(
  slots: readonly SlotDescription[],
  fields: readonly Field[],
): ExampleDescription | null {
  const [slot, ...others] = slots.filter(({ required }) => required);
  const target = fields.find(({ name }) => name === "target");
  if (slot === undefined || others.length > 0 || !slot.accepts.includes("table")) return null;
  if (target?.columns !== "one") return null;
  const task = fields.find(({ name }) => name === "task")?.value;
  const isTwoClass = task?.kind === "choice" && !task.of.includes("multiclass");
  const set = dataSet(isTwoClass ? "breast-cancer-wisconsin" : "wine");
  if (set.target === undefined) return null;
  return { set: set.id, title: set.title, slot: slot.name, target: set.target };
}
