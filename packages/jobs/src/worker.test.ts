import { reproducible } from "@etude/papers";
import { findReport, type Store } from "@etude/store";
import { eachDatabase } from "@etude/store/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openQueue, type Queue } from "./queue.ts";
import { reportId } from "./reports.ts";
import { sweepDetails } from "./status.ts";
import { submit, type Terms } from "./submit.ts";
import { planSweep, type Submission } from "./sweep.ts";
import { verifiedAlone } from "./testing/alone.ts";
import { withToy } from "./testing/watched.ts";
import { work } from "./worker.ts";

const before = process.execArgv;
beforeAll(() => {
  // What computes a job is started as this process was.
  process.execArgv = withToy;
});
afterAll(() => {
  process.execArgv = before;
});

eachDatabase("workers", (open) => {
  async function run(
    submission: Partial<Submission>,
    terms: Terms = {},
    use: (store: Store, queue: Queue, said: string[]) => Promise<void> = async () => {},
  ) {
    const store = await open();
    const queue = await openQueue(store, { tend: true });
    const said: string[] = [];
    try {
      const plan = await planSweep({ paper: "toy-walk", preset: "smoke", ...submission });
      const sweep = await submit(store, queue, plan, terms);
      await use(store, queue, said);
      const signal = AbortSignal.timeout(60_000);
      const say = (message: string) => said.push(message);
      const options = { concurrency: 2, threads: 1, untilIdle: true, signal, say };
      const finished = await work(store, queue, options);
      const details = await sweepDetails(store, sweep);
      return { store, sweep, said, finished, jobs: details?.jobs ?? [], reports: details?.reports };
    } finally {
      await queue.close();
    }
  }

  test("a sweep ends in a report for each setting, equal to that of verify", async () => {
    const { store, sweep, finished, reports } = await run({ grid: { steps: [2, 4] } });
    expect(finished).toBe(4);
    expect(reports).toEqual([
      { setting: "steps=2", id: `${sweep}-0` },
      { setting: "steps=4", id: `${sweep}-1` },
    ]);
    const found = await findReport(store, reportId(sweep, 1));
    if (found?.report.kind !== "verify") throw new Error("no report");
    expect(JSON.parse(JSON.stringify(reproducible(found.report)))).toEqual(
      await verifiedAlone({ steps: 4 }),
    );
    expect(found.report.claims.map(({ verdict }) => verdict)).toEqual([
      "holds",
      "does not hold here",
    ]);
  });

  test("jobs that do harm are dead after three tries, and say of what", async () => {
    const harm = ["throw", "exit", "abort", "memory"];
    const { jobs, said } = await run({ grid: { harm }, seeds: [0] }, { megabytes: 400 });
    const dead = { state: "dead", failures: 3, attempt: 3 };
    expect(jobs).toMatchObject([dead, dead, dead, dead]);
    expect(jobs.map(({ error }) => error)).toEqual([
      "the walk went wrong",
      expect.stringContaining("its process ended with status 3"),
      expect.stringContaining("its process ended with SIGABRT"),
      "it took more than 400 MB of memory",
    ]);
    expect(said.filter((line) => line.includes("failed:"))).toHaveLength(12);
  }, 60_000);

  test("a machine that cannot compute stops, and its jobs are free", async () => {
    const said = run({ set: { harm: "disk" }, seeds: [0, 1] });
    await expect(said).rejects.toThrow("this machine cannot compute the jobs");
  }, 30_000);

  test("a worker that is told to stop gives its jobs back at once", async () => {
    const store = await open();
    const queue = await openQueue(store, { tend: false });
    const plan = await planSweep({
      paper: "toy-walk",
      preset: "smoke",
      set: { harm: "forever" },
      seeds: [0],
    });
    const sweep = await submit(store, queue, plan, {});
    const stopping = new AbortController();
    const working = work(store, queue, {
      concurrency: 1,
      threads: 1,
      signal: stopping.signal,
      say: () => {},
    });
    await expect
      .poll(async () => (await sweepDetails(store, sweep))?.jobs[0].state, { timeout: 10_000 })
      .toBe("running");
    stopping.abort();
    expect(await working).toBe(0);
    expect((await sweepDetails(store, sweep))?.jobs[0]).toMatchObject({
      state: "waiting",
      failures: 0,
    });
    await queue.close();
  });
});
