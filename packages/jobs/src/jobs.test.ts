import { jobs, type Store } from "@etude/store";
import { eachDatabase } from "@etude/store/testing";
import { sql } from "drizzle-orm";
import { afterEach, expect, test, vi } from "vitest";
import { checkpointStore } from "./checkpoints.ts";
import { beat, type Claim, claim, deathsAllowed, fail, finish, release } from "./claim.ts";
import { isTransient, persist } from "./persist.ts";
import { openQueue, type Queue } from "./queue.ts";
import { cancelSweep, findSweep, listSweeps, retrySweep, sweepDetails } from "./status.ts";
import { submit } from "./submit.ts";
import { planSweep, type Submission } from "./sweep.ts";
import "./testing/toy.ts";

const walk = (more: Partial<Submission> = {}): Submission => ({
  paper: "toy-walk",
  preset: "smoke",
  ...more,
});
const bytes = Uint8Array.of(1, 2, 3);

test("a submission is spelled out, or refused in one line", async () => {
  const plan = await planSweep(walk({ grid: { steps: [2, 3], milliseconds: [0, 1] }, seeds: [7] }));
  expect(plan.settings.map(({ name }) => name)).toEqual([
    "steps=2, milliseconds=0",
    "steps=2, milliseconds=1",
    "steps=3, milliseconds=0",
    "steps=3, milliseconds=1",
  ]);
  expect(plan.seeds).toEqual([7]);
  const refused = (more: Partial<Submission>, line: string | RegExp) =>
    expect(planSweep(walk(more))).rejects.toThrow(line);
  await refused({ grid: { steps: [0] } }, 'option "steps": Too small');
  await refused({ grid: { stride: [1] } }, "stride");
  await refused({ grid: { steps: [] } }, 'option "steps": the grid has no value for it');
  await refused({ grid: { steps: [1] }, set: { steps: 2 } }, "is set and in the grid as well");
  await refused({ grid: { steps: Array.from({ length: 3000 }, (_, i) => i + 1) } }, "at most 2000");
  await refused({ paper: "toy-wall" }, "toy-wall");
});

test("only a database that may come back is waited for", async () => {
  expect(isTransient(Object.assign(new Error("x"), { code: "ECONNREFUSED" }))).toBe(true);
  expect(
    isTransient(new Error("query", { cause: Object.assign(new Error(), { code: "57P01" }) })),
  ).toBe(true);
  expect(isTransient(Object.assign(new Error("disk full"), { code: "53100" }))).toBe(true);
  expect(isTransient(Object.assign(new Error("duplicate"), { code: "23505" }))).toBe(false);
  let left = 2;
  const troubled = vi.fn();
  const act = async () => {
    if (left-- > 0) throw Object.assign(new Error("gone"), { code: "57P01" });
    return "there";
  };
  expect(await persist(act, { troubled })).toBe("there");
  expect(troubled).toHaveBeenCalledTimes(1);
  await expect(persist(() => Promise.reject(new Error("wrong")))).rejects.toThrow("wrong");
});

eachDatabase("jobs", (open) => {
  const queues: Queue[] = [];
  afterEach(async () => {
    for (const queue of queues.splice(0)) await queue.close();
  });
  async function opened(): Promise<{ store: Store; queue: Queue }> {
    const store = await open();
    const queue = await openQueue(store, { tend: false });
    queues.push(queue);
    // What earlier tests left: their tables are emptied, their messages are not.
    for (;;) {
      const message = await queue.take();
      if (message === undefined) break;
      await store.db.transaction((tx) => queue.settle(message, tx));
    }
    return { store, queue };
  }
  const put = async (store: Store, queue: Queue, more: Partial<Submission> = {}) =>
    submit(store, queue, await planSweep(walk(more)), {});
  async function taken(store: Store, queue: Queue, worker = "w"): Promise<Claim> {
    const message = await queue.take();
    const mine = message && (await claim(store, queue, message, worker));
    if (mine === undefined) throw new Error("nothing to do");
    return mine;
  }
  const stateOf = async (store: Store, sweep: string) =>
    (await sweepDetails(store, sweep))?.jobs.map(({ state }) => state);

  test("a sweep becomes jobs; the first result counts, once", async () => {
    const { store, queue } = await opened();
    const sweep = await put(store, queue);
    expect(await stateOf(store, sweep)).toEqual(["waiting", "waiting"]);
    const mine = await taken(store, queue);
    expect(mine).toMatchObject({ attempt: 1, sweep: { paper: "toy-walk" }, setting: { name: "" } });
    expect(await beat(store, queue, mine, { done: 1, total: 3, label: "step 1" })).toBe(true);
    const shown = await sweepDetails(store, sweep);
    expect(shown?.jobs.find(({ state }) => state === "running")).toMatchObject({ label: "step 1" });
    expect(shown?.done).toBeCloseTo(1 / 6);
    await checkpointStore(store, mine.job).save("a/b", bytes);
    expect(await finish(store, queue, mine, bytes)).toBe(true);
    expect(await finish(store, queue, mine, Uint8Array.of(9))).toBe(false);
    const [{ outcome }] = await store.db.select().from(jobs).where(sql`${jobs.id} = ${mine.job}`);
    expect(outcome).toEqual(bytes);
    expect(await checkpointStore(store, mine.job).load("a/b")).toBeUndefined();
    expect(await beat(store, queue, mine, undefined)).toBe(false);
    expect((await listSweeps(store))[0].counts).toMatchObject({ done: 1, waiting: 1 });
  });

  test("whoever was given the job after is obeyed; a result is taken from either", async () => {
    const { store, queue } = await opened();
    const sweep = await put(store, queue, { seeds: [0] });
    const first = await taken(store, queue);
    // Somebody else gets the same message: the first one seemed dead.
    const second = await claim(store, queue, first.message, "x");
    if (second === undefined) throw new Error("nothing to do");
    expect(await beat(store, queue, first, { done: 9, total: 9, label: "late" })).toBe(false);
    expect(await fail(store, queue, first, "late")).toBe(false);
    expect(await stateOf(store, sweep)).toEqual(["running"]);
    await release(store, queue, first);
    expect(await stateOf(store, sweep)).toEqual(["running"]);
    expect(await finish(store, queue, first, bytes)).toBe(true);
    expect(await beat(store, queue, second, undefined)).toBe(false);
    expect(await finish(store, queue, second, bytes)).toBe(false);
  });

  test("after three failures it is dead with its last error, until it is retried", async () => {
    const { store, queue } = await opened();
    const sweep = await put(store, queue, { seeds: [0] });
    for (const [i, left] of [true, true, false].entries()) {
      const mine = await vi.waitFor(() => taken(store, queue), { timeout: 10_000, interval: 100 });
      expect(mine.attempt).toBe(i + 1);
      expect(await fail(store, queue, mine, `failure\0 ${i + 1}`)).toBe(left);
    }
    const dead = (await sweepDetails(store, sweep))?.jobs[0];
    expect(dead).toMatchObject({ state: "dead", failures: 3, error: "failure 3" });
    expect(await queue.take()).toBeUndefined();
    expect(await retrySweep(store, queue, sweep)).toBe(1);
    expect(await finish(store, queue, await taken(store, queue), bytes)).toBe(true);
  });

  test("workers that die are not held against it, but not for ever", async () => {
    const { store, queue } = await opened();
    const sweep = await put(store, queue, { seeds: [0] });
    const { message } = await taken(store, queue);
    for (let i = 0; i < deathsAllowed; i++)
      expect(await claim(store, queue, message, "w")).toBeDefined();
    expect(await claim(store, queue, message, "w")).toBeUndefined();
    expect((await sweepDetails(store, sweep))?.jobs[0]).toMatchObject({
      state: "dead",
      failures: 0,
      error: expect.stringContaining("workers died"),
    });
  });

  test("cancelled jobs are nobody's", async () => {
    const { store, queue } = await opened();
    const sweep = await put(store, queue);
    const mine = await taken(store, queue);
    expect(await cancelSweep(store, sweep)).toBe(2);
    expect(await beat(store, queue, mine, undefined)).toBe(false);
    expect(await finish(store, queue, mine, bytes)).toBe(false);
    const message = await queue.take();
    expect(message && (await claim(store, queue, message, "w"))).toBeUndefined();
    expect(await queue.take()).toBeUndefined();
    expect(await findSweep(store, sweep.slice(0, 6))).toBe(sweep);
    await expect(findSweep(store, "%")).rejects.toThrow("there is no sweep %");
  });

  test("the urgent come first, and a full queue says so", async () => {
    const { store, queue } = await opened();
    const plan = await planSweep(walk({ seeds: [1] }));
    await submit(store, queue, plan, {});
    await submit(store, queue, { ...plan, seeds: [2] }, { priority: 5 });
    expect((await taken(store, queue)).seed).toBe(2);
    await expect(submit(store, queue, plan, { minutes: 0 })).rejects.toThrow("minutes 0");
    const many = { ...plan, seeds: Array.from({ length: 20_000 }, (_, i) => i) };
    await expect(submit(store, queue, many, {})).rejects.toThrow("the queue is full: 2 jobs");
    expect(await listSweeps(store)).toHaveLength(2);
  });
});
