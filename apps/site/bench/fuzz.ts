/**
 * `node apps/site/bench/fuzz.ts [--minutes 20] [--seed 1]`: odd requests to every public address of a site, on an empty
 * embedded database. Prints what was answered with 500 or above or not at all, and how the site's memory grew.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { recordedRun } from "@etude/papers/recorded";
import { createToken, openStore } from "@etude/store";
import { arxivApi } from "../../../packages/sources/src/testing/arxivServer.ts";
import { startServer } from "../../../packages/sources/src/testing/server.ts";
import { build } from "../build.ts";
import { fuzz } from "../test/fuzz/fuzz.ts";
import { startSite } from "../test/siteProcess.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
  },
});

await build(console.error);
const folder = await mkdtemp(path.join(tmpdir(), "etude-fuzz-"));
const store = await openStore({ folder: path.join(folder, "database") });
const { secret: token } = await createToken(store, { label: "fuzz", quota: 1_000_000 }, new Date());
await store.close();
const arxiv = await startServer(
  arxivApi([{ id: "2405.00001v2", title: "A paper", published: "2026-01-01T00:00:00Z" }]),
);
const env = { ETUDE_ARXIV_URL: `${arxiv.origin}/api/query` };
const site = await startSite(folder, env, ["--proxies", "1"]);
const report = await recordedRun("gbnn");
const upload = await fetch(`${site.url}/api/v1/reports`, {
  method: "POST",
  headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
  body: JSON.stringify(report),
});
const { id } = (await upload.json()) as { id: string };

/** Megabytes; of Linux. */
const memory = async (): Promise<number> => {
  const status = await readFile(`/proc/${site.pid}/status`, "utf8");
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
};

const until = performance.now() + Number(values.minutes) * 60_000;
const statuses: Record<string, number> = {};
let sent = 0;
let failed = 0;
for (let seed = Number(values.seed) * 100_000; performance.now() < until; seed++) {
  const round = await fuzz(site.url, { report, token, ids: [id] }, { count: 1000, seed });
  sent += round.sent;
  for (const [status, count] of Object.entries(round.statuses))
    statuses[status] = (statuses[status] ?? 0) + count;
  for (const { request, what } of round.failures.slice(0, 5))
    console.log(what, JSON.stringify(request).slice(0, 2000));
  failed += round.failures.length;
  console.log(`${sent} requests, ${failed} failures, ${await memory()} MB`);
}
console.log(JSON.stringify(statuses));
for (const line of site.said.slice(0, 20)) console.log(line);
await site.stop();
await arxiv.close();
await rm(folder, { recursive: true });
process.exit(failed === 0 ? 0 : 1);
