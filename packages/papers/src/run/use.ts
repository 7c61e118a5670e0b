/** A paper's method on the user's own data, ending in files and a report. */
import { UsageError } from "../contract/errors.ts";
import type { Running } from "../contract/events.ts";
import type { Paper } from "../contract/paper.ts";
import { optionsAsJson, type UseReport } from "../contract/report.ts";
import { type AnyUse, describeKind, type OutputFile, type UserInput } from "../contract/use.ts";
import { steppedRun, stoppable } from "./steps.ts";
import { parseOptions, type Surroundings } from "./verify.ts";

export interface UseRequest {
  readonly seed: number;
  /** As the user gave them, by name; checked by the schema of the paper. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, UserInput>>;
}

export interface UseOutcome {
  readonly report: UseReport;
  readonly files: readonly OutputFile[];
}

/**
 * Runs a paper's `use`.
 *
 * @throws UsageError for an option or an input that does not fit
 */
export async function* use(
  paper: Paper,
  { seed, options: given, inputs }: UseRequest,
  { data, store, signal, environment }: Surroundings,
): Running<UseOutcome> {
  const options = parseOptions(paper.use.options, given);
  checkInputs(paper.use, inputs);
  const run = steppedRun("use", store, { seed, data, signal });
  const result = yield* stoppable(paper.use.run(options, inputs, run.context), signal);
  const report: UseReport = {
    kind: "use",
    schema: 1,
    paper: paper.card.slug,
    seed,
    options: optionsAsJson(options),
    inputs: Object.entries(inputs).map(([name, input]) => ({
      name,
      file: input.file,
      describe: describeInput(input),
    })),
    files: result.files.map(({ name, describe, bytes }) => ({
      name,
      describe,
      bytes: bytes.length,
    })),
    tables: result.tables,
    figures: result.figures,
    pictures: result.pictures ?? [],
    findings: result.findings,
    environment,
    finished: new Date().toISOString(),
    timings: run.timings,
  };
  return { report, files: result.files };
}

function checkInputs(use: AnyUse, inputs: Readonly<Record<string, UserInput>>): void {
  for (const [name, slot] of Object.entries(use.inputs)) {
    const input: UserInput | undefined = inputs[name];
    if (input === undefined && slot.required)
      throw new UsageError(`--${name} is missing: ${slot.describe}`);
    if (input !== undefined && !slot.accepts.includes(input.kind)) {
      const wanted = slot.accepts.map(describeKind).join(" or ");
      throw new UsageError(
        `--${name} ${input.file}: expected ${wanted}, got ${describeKind(input.kind)}`,
      );
    }
  }
  const unknown = Object.keys(inputs).find((name) => !(name in use.inputs));
  if (unknown !== undefined) {
    throw new UsageError(
      `--${unknown} is not an input; there are ${Object.keys(use.inputs).join(", ")}`,
    );
  }
}

function describeInput(input: UserInput): string {
  switch (input.kind) {
    case "table":
      return `${input.table.rows} rows, ${input.table.columns.length} columns`;
    case "images":
      return `images of shape [${input.dataset.inputs.shape.join(", ")}]`;
    case "arrays":
      return Object.entries(input.arrays)
        .map(([name, array]) => `${name} [${array.shape.join(", ")}]`)
        .join(", ");
    case "model":
      return `a model of ${input.bytes.length} bytes`;
    case "text":
      return `text of ${input.text.length} characters`;
  }
}
