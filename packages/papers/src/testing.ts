/** What tests of papers share: surroundings without files or network, and a run to its end. */
import { dataLoader } from "@etude/data";
import { finish } from "./contract/events.ts";
import type { PresetName } from "./contract/experiment.ts";
import type { Paper } from "./contract/paper.ts";
import { reportSchema, type VerifyReport } from "./contract/report.ts";
import { memoryStore } from "./run/steps.ts";
import { planVerify, type Surroundings, verify } from "./run/verify.ts";

export const testSurroundings = (changes: Partial<Surroundings> = {}): Surroundings => ({
  data: dataLoader(),
  store: memoryStore(),
  signal: new AbortController().signal,
  environment: {
    etude: "test",
    runtime: "test",
    platform: "test",
    processor: "test",
    cores: 1,
    device: "cpu",
  },
  ...changes,
});

/**
 * The report of a preset, run to its end, written as JSON and read again by the schema: what the
 * command would leave behind.
 */
export async function verified(
  paper: Paper,
  preset: PresetName,
  set: Readonly<Record<string, unknown>> = {},
  surroundings = testSurroundings(),
): Promise<VerifyReport> {
  const plan = planVerify(paper.experiment, { preset, set });
  const report = await finish(verify(paper, plan, surroundings));
  const read = reportSchema.parse(JSON.parse(JSON.stringify(report)));
  if (read.kind !== "verify") throw new Error("a verification gave another kind of report");
  return read;
}
