import { expect, test } from "vitest";
import { systemClock } from "./clock.ts";
import { rateLimit } from "./rateLimit.ts";
import { testClock } from "./testing/clock.ts";

test("concurrent callers share the interval, in the order of asking", async () => {
  const clock = testClock(1_000);
  const limit = rateLimit(3_000, clock);
  const turns: [string, number][] = [];
  const ask = (name: string) => limit.run(async () => turns.push([name, clock.now()]));
  await Promise.all(["a", "b", "c"].map(ask));
  expect(turns).toEqual([
    ["a", 1_000],
    ["b", 4_000],
    ["c", 7_000],
  ]);
  clock.time += 10_000;
  await ask("d");
  expect(turns.at(-1)).toEqual(["d", 17_000]);
  expect(clock.sleeps).toEqual([3_000, 3_000]);
});

test("one at a time, however long it takes; the time counts from start to start", async () => {
  const clock = testClock();
  const limit = rateLimit(3_000, clock);
  let running = 0;
  const starts: number[] = [];
  const work = (ms: number) =>
    limit.run(async () => {
      starts.push(clock.now());
      running += 1;
      expect(running).toBe(1);
      await Promise.resolve();
      clock.time += ms;
      running -= 1;
    });
  await Promise.all([work(5_000), work(1_000), work(0)]);
  expect(starts).toEqual([0, 5_000, 8_000]);
});

test("a failure is its caller's and holds up nobody", async () => {
  const limit = rateLimit(0, testClock());
  const failed = limit.run(() => Promise.reject(new Error("no")));
  const done = limit.run(async () => "yes");
  await expect(failed).rejects.toThrow("no");
  expect(await done).toBe("yes");
});

test("who gives up while waiting leaves the queue as it is", async () => {
  const limit = rateLimit(0, systemClock);
  const first = Promise.withResolvers<void>();
  const order: string[] = [];
  const a = limit.run(() => first.promise);
  const abort = new AbortController();
  const b = limit.run(async () => order.push("b"), abort.signal);
  const c = limit.run(async () => order.push("c"));
  abort.abort(new Error("enough"));
  await expect(b).rejects.toThrow("enough");
  expect(order).toEqual([]); // c still waits for a
  first.resolve();
  await Promise.all([a, c]);
  expect(order).toEqual(["c"]);
});

test("a clock that is set back does not stop the queue", async () => {
  const clock = testClock(1_000_000);
  const limit = rateLimit(3_000, clock);
  await limit.run(async () => {});
  clock.time = 0;
  await limit.run(async () => {});
  expect(clock.sleeps).toEqual([3_000]);
});
