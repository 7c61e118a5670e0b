import { expect, it } from "vitest";
import { recordedRun, recordRun, shortened } from "./recorded.ts";
import { loadPaper, runnable } from "./registry.ts";

it.each(runnable)("%s: the kept run is of the claims as they stand", async (slug) => {
  const kept = await recordedRun(slug);
  const { experiment } = await loadPaper(slug);
  const { options, seeds } = experiment.presets.quick;
  expect(kept?.seeds).toEqual(seeds);
  expect(kept?.options).toEqual(JSON.parse(JSON.stringify(options)));
  expect(kept?.claims.map(({ id }) => id)).toEqual(experiment.claims(options).map(({ id }) => id));
  expect(kept && shortened(kept)).toEqual(kept);
});

it("keeps only what can be compared with", async () => {
  const kept = await recordedRun("gbnn");
  if (kept === undefined) throw new Error("there should be one");
  await expect(recordRun({ ...kept, changed: true })).rejects.toThrow("quick preset as it stands");
  await expect(recordRun({ ...kept, preset: "smoke" })).rejects.toThrow("quick preset");
  await expect(recordRun({ ...kept, paper: "../x" })).rejects.toThrow("no paper here");
});
