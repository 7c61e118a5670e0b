import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { findServer, serverDatabases } from "../../store/src/testing/serverDatabases.ts";
import type { Submission } from "./sweep.ts";
import { verifiedAlone } from "./testing/alone.ts";
import { undergo, undergoAlone, walks } from "./testing/killing.ts";

const cleanUp: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const step of cleanUp) await step();
});

/** The report of the same experiment without a queue. */
const undisturbed = ({ set, seeds }: Submission) => verifiedAlone(set ?? {}, seeds);

const installed = findServer();

test.runIf(installed !== undefined)(
  "workers are killed and the database crashes: one result a job, the same as undisturbed",
  async () => {
    if (installed === undefined) return;
    const databases = await serverDatabases(installed);
    cleanUp.push(() => databases.stop());
    const submission = walks(6, 5, 300);
    const { details, report } = await undergo(
      { submission, url: await databases.create(), workers: 2 },
      { kills: 4, crashes: 1, every: 3000, seed: 1, crash: () => databases.crash(1000) },
    );
    expect(details.counts).toMatchObject({ done: 6, waiting: 0, running: 0, dead: 0 });
    expect(report).toEqual(await undisturbed(submission));
  },
  120_000,
);

test("the only process is killed again and again: nothing is lost", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "etude-jobs-"));
  cleanUp.push(() => rm(folder, { recursive: true, force: true }));
  const submission = walks(2, 5, 200);
  const { details, report } = await undergoAlone(path.join(folder, "database"), submission, {
    kills: 5,
    every: 5000,
    seed: 2,
  });
  expect(details.counts).toMatchObject({ done: 2, waiting: 0, running: 0, dead: 0 });
  expect(report).toEqual(await undisturbed(submission));
}, 120_000);
