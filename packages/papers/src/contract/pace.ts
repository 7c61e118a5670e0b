/** How fast work goes and how long it will take, from how far it was when. */

export interface Pace {
  /** Notes how far the work is, from 0 to 1, at a time in seconds. */
  note(fraction: number, seconds: number): void;
  /** Seconds that are left; undefined while nobody can tell. */
  remaining(seconds: number): number | undefined;
}

interface Sample {
  readonly fraction: number;
  readonly seconds: number;
}

/** Older samples than this many seconds, or than half of the run so far, do not count. */
const memory = 30;
/** Before this many seconds of real work an estimate would only jump about. */
const patience = 2;

/**
 * The pace over the last part of a run. A run that is resumed leaps over what is done already; that
 * leap is forgotten like everything old, and at once if it comes within the first moment.
 */
export function paceOf(): Pace {
  let samples: Sample[] = [];
  let began: number | undefined;
  return {
    note(fraction, seconds) {
      began ??= seconds;
      if (seconds - began < leap) samples = [];
      samples.push({ fraction, seconds });
      const horizon = seconds - Math.max(memory, (seconds - began) / 2);
      while (samples.length > 2 && samples[1].seconds <= horizon) samples.shift();
    },
    remaining(seconds) {
      const first = samples[0];
      const last = samples.at(-1);
      if (first === undefined || last === undefined) return undefined;
      const gained = last.fraction - first.fraction;
      const spent = last.seconds - first.seconds;
      if (gained <= 0 || spent < patience) return undefined;
      const atLast = ((1 - last.fraction) * spent) / gained;
      return Math.max(0, atLast - (seconds - last.seconds));
    },
  };
}

/** Seconds in which nothing but finished steps are read. */
const leap = 0.5;
