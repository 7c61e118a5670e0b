/**
 * `node packages/jobs/bench/alone.ts [--kills 50] [--jobs 10]`: a sweep in an embedded database whose only process is
 * killed by force at random moments, beside the same sweep undisturbed.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { undergoAlone, walks } from "../src/testing/killing.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "50" },
    jobs: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
  },
});
const folder = await mkdtemp(path.join(tmpdir(), "etude-alone-"));
try {
  const sweep = walks(Number(values.jobs), 20, 400);
  const every = { every: 6000, seed: Number(values.seed) };
  const quiet = await undergoAlone(path.join(folder, "a"), sweep, { ...every, kills: 0 });
  const kills = Number(values.kills);
  const hurt = await undergoAlone(path.join(folder, "b"), sweep, { ...every, kills });
  const { counts, jobs } = hurt.details;
  const again = jobs.reduce((sum, { attempt }) => sum + attempt - 1, 0);
  console.log(`${kills} kills: ${counts.done} of ${jobs.length} done, ${again} begun again`);
  console.log(`same report: ${isDeepStrictEqual(hurt.report, quiet.report)}`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
