import type { Clock } from "../clock.ts";

/** A clock that moves only while someone sleeps, and then at once. */
export interface TestClock extends Clock {
  time: number;
  /** How long each sleep was, in milliseconds. */
  readonly sleeps: number[];
}

/** @param random what is drawn each time */
export function testClock(time = 0, random = 0.5): TestClock {
  const clock: TestClock = {
    time,
    sleeps: [],
    now: () => clock.time,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      clock.sleeps.push(ms);
      clock.time += ms;
    },
    random: () => random,
  };
  return clock;
}
