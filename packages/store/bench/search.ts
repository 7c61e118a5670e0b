/**
 * How long search, similar papers and feeds take among many papers, on both databases.
 *
 *     node packages/store/bench/search.ts [--papers 100000] [--folder FOLDER] [--url URL]
 *
 * Papers are made up and stored as any others; with a folder or a server's address they stay there,
 * and the next time only those that are missing are added.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { sql } from "drizzle-orm";
import { maintain, openStore, type Store, upsertPapers } from "../src/index.ts";
import { papers } from "../src/schema/index.ts";
import { findServer, serverDatabases } from "../src/testing/serverDatabases.ts";
import { madeUpPaper } from "./corpus.ts";
import { questions, repetitions } from "./questions.ts";

const { values: given } = parseArgs({
  options: {
    papers: { type: "string", default: "100000" },
    folder: { type: "string" },
    url: { type: "string" },
  },
});
const count = Number(given.papers);
const now = new Date(Date.UTC(2026, 0, 1));

await withEmbedded(measure);
await withServer(measure);

async function withEmbedded(use: (store: Store) => Promise<void>): Promise<void> {
  const folder = given.folder ?? (await mkdtemp(path.join(tmpdir(), "etude-bench-")));
  const store = await openStore({ folder });
  await use(store);
  await store.close();
  if (given.folder === undefined) await rm(folder, { recursive: true });
}

async function withServer(use: (store: Store) => Promise<void>): Promise<void> {
  if (given.url !== undefined) {
    const store = await openStore({ url: given.url });
    await use(store);
    return store.close();
  }
  const installed = findServer();
  if (installed === undefined) return console.log("no server is installed");
  const databases = await serverDatabases(installed);
  const store = await databases.open();
  await use(store);
  await store.close();
  await databases.stop();
}

async function measure(store: Store): Promise<void> {
  await load(store);
  console.log(`\n${store.kind}, ${count} papers, milliseconds: median, p99, longest`);
  for (const [kind, ask] of Object.entries(questions(store, count, now))) {
    // Not counted: what only the first call waits for.
    await ask(repetitions);
    const times: number[] = [];
    let found = 0;
    for (let i = 0; i < repetitions; i++) {
      const start = performance.now();
      found += await ask(i);
      times.push(performance.now() - start);
    }
    times.sort((a, b) => a - b);
    const [median, p99, longest] = [0.5, 0.99, 1]
      .map((share) => times[Math.ceil(share * repetitions) - 1])
      .map((time) => time.toFixed(1).padStart(8));
    const each = (found / repetitions).toFixed(1).padStart(6);
    console.log(`  ${kind.padEnd(22)}${median}${p99}${longest}   ${each} found`);
  }
}

async function load(store: Store): Promise<void> {
  const batch = 1000;
  const start = performance.now();
  const before = await store.db.$count(papers);
  for (let first = before; first < count; first += batch) {
    const size = Math.min(batch, count - first);
    const made = Array.from({ length: size }, (_, i) => madeUpPaper(first + i));
    await upsertPapers(store, made, now);
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    process.stderr.write(`\r${store.kind}: ${first + size} papers stored, ${seconds} s `);
  }
  if (store.kind === "embedded") await maintain(store);
  else if (before < count) await store.db.execute(sql`vacuum (analyze) ${papers}`);
}
