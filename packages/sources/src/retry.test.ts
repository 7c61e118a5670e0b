import { expect, test } from "vitest";
import { SourceError } from "./errors.ts";
import { retry, retryAfter } from "./retry.ts";
import { testClock } from "./testing/clock.ts";

/** Fails with each of the errors, and then succeeds. */
function failing(...errors: Error[]): { action: () => Promise<string>; calls: () => number } {
  let calls = 0;
  return {
    calls: () => calls,
    async action() {
      const error = errors[calls];
      calls += 1;
      if (error !== undefined) throw error;
      return "done";
    },
  };
}
const busy = (retryAfter?: string) => new SourceError("busy", { transient: true, retryAfter });

test("tries again while that may help, waiting longer each time", async () => {
  const clock = testClock();
  const { action, calls } = failing(busy(), busy(), busy());
  expect(await retry(action, { clock })).toBe("done");
  expect(calls()).toBe(4);
  expect(clock.sleeps).toEqual([500, 1_000, 2_000]); // half of 1, 2 and 4 s: the test's chance
});

test("draws each wait from nothing up to the whole back-off, which has a bound", async () => {
  const none = testClock(0, 0);
  await retry(failing(busy(), busy()).action, { clock: none });
  expect(none.sleeps).toEqual([0, 0]);
  const most = testClock(0, 0.999);
  const errors = Array.from({ length: 9 }, () => busy());
  await retry(failing(...errors).action, { clock: most, attempts: 10, longestBackOff: 5_000 });
  expect(most.sleeps).toEqual([999, 1_998, 3_996, ...Array.from({ length: 6 }, () => 4_995)]);
});

test("gives up with the last error", async () => {
  const last = busy();
  const { action, calls } = failing(busy(), busy(), last, busy());
  await expect(retry(action, { clock: testClock(), attempts: 3 })).rejects.toBe(last);
  expect(calls()).toBe(3);
});

test.each([[new SourceError("no")], [new TypeError("a bug")]])("%s is final", async (error) => {
  const { action, calls } = failing(error);
  await expect(retry(action, { clock: testClock() })).rejects.toBe(error);
  expect(calls()).toBe(1);
});

test("waits as long as the server asks, within reason", async () => {
  const clock = testClock(Date.parse("2024-05-01T00:00:00Z"));
  const errors = [busy("20"), busy("Wed, 01 May 2024 00:01:20 GMT"), busy("86400"), busy("soon")];
  await retry(failing(...errors).action, { clock });
  expect(clock.sleeps).toEqual([20_000, 60_000, 300_000, 4_000]);
});

test("an aborted signal ends the waiting", async () => {
  const abort = new AbortController();
  abort.abort(new Error("enough"));
  const { action, calls } = failing(busy());
  const options = { clock: testClock(), signal: abort.signal };
  await expect(retry(action, options)).rejects.toThrow("enough");
  expect(calls()).toBe(1);
});

test.each([
  [undefined, undefined],
  ["0", 0],
  [" 120 ", 120_000],
  ["Wed, 01 May 2024 00:00:10 GMT", 10_000],
  ["Tue, 30 Apr 2024 23:59:00 GMT", 0],
  ["-5", undefined],
  ["1.5", undefined],
  ["soon 3", undefined],
  ["2024-05-01", undefined],
  ["Wed, nonsense GMT", undefined],
])("Retry-After %j is %j ms", (header, ms) =>
  expect(retryAfter(header, Date.parse("2024-05-01T00:00:00Z"))).toBe(ms),
);
