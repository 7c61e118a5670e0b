/**
 * `node packages/jobs/bench/killing.ts [--jobs 30] [--kills 20] [--crashes 2] [--workers 3]`: a sweep on a server of
 * its own while workers are killed by force at random and the database crashes, beside the same sweep undisturbed.
 */
import { isDeepStrictEqual, parseArgs } from "node:util";
import { findServer, serverDatabases } from "../../store/src/testing/serverDatabases.ts";
import { undergo, walks } from "../src/testing/killing.ts";

const { values } = parseArgs({
  options: {
    jobs: { type: "string", default: "30" },
    kills: { type: "string", default: "20" },
    crashes: { type: "string", default: "2" },
    workers: { type: "string", default: "3" },
    seed: { type: "string", default: "1" },
  },
});
const installed = findServer();
if (installed === undefined) throw new Error("no PostgreSQL is installed");
const databases = await serverDatabases(installed);
try {
  const trial = { submission: walks(Number(values.jobs), 10, 400) };
  const quiet = await undergo({ ...trial, url: await databases.create(), workers: 2 });
  console.log(`undisturbed, two workers: ${quiet.seconds.toFixed(1)} s`);
  const hurt = await undergo(
    { ...trial, url: await databases.create(), workers: Number(values.workers) },
    {
      kills: Number(values.kills),
      crashes: Number(values.crashes),
      every: 4000,
      seed: Number(values.seed),
      crash: () => databases.crash(1500),
    },
  );
  const { counts, jobs } = hurt.details;
  const deaths = jobs.reduce((sum, { attempt }) => sum + attempt - 1, 0);
  console.log(
    `${hurt.kills} kills, ${values.crashes} crashes of the database: ${hurt.seconds.toFixed(1)} s, ${counts.done} of ${jobs.length} done, ${deaths} begun again`,
  );
  console.log(`same report: ${isDeepStrictEqual(hurt.report, quiet.report)}`);
} finally {
  await databases.stop();
}
