import type { Clock } from "../clock.ts";

/** A clock that moves only while somebody waits, and then at once. */
export interface TestClock extends Clock {
  time: number;
  /** How long each wait was, in milliseconds. */
  readonly waits: number[];
}

export function testClock(start: string): TestClock {
  const clock: TestClock = {
    time: Date.parse(start),
    waits: [],
    now: () => new Date(clock.time),
    async wait(milliseconds) {
      clock.waits.push(milliseconds);
      clock.time += milliseconds;
    },
  };
  return clock;
}
