/**
 * Events of a run on their way to the page. A run may tell a thousand things a second, of which a page
 * can show a few: of progress and of a figure only the newest counts, and all go out together.
 */
import type { RunEvent } from "@etude/papers";

export interface Outbox {
  put(event: RunEvent): void;
  /** Sends what is left. */
  flush(): void;
}

/** Milliseconds between two posts; what is being done now is told at once. */
const between = 100;
/** Of one metric, between two posts. */
const mostPoints = 200;

/** @param now a clock in milliseconds */
export function outbox(send: (events: readonly RunEvent[]) => void, now: () => number): Outbox {
  let held: (RunEvent | undefined)[] = [];
  /** Where the events are held that a later one replaces. */
  const places = new Map<string, number>();
  let sent = Number.NEGATIVE_INFINITY;
  let label: string | undefined;

  const flush = (): void => {
    if (held.length > 0) send(thinned(held.filter((event) => event !== undefined)));
    held = [];
    places.clear();
    sent = now();
  };
  return {
    put(event) {
      const subject = subjectOf(event);
      if (subject !== undefined) {
        const earlier = places.get(subject);
        if (earlier !== undefined) held[earlier] = undefined;
        places.set(subject, held.length);
      }
      held.push(event);
      const isNews = event.type === "progress" && event.label !== label;
      if (event.type === "progress") label = event.label;
      if (isNews || now() - sent >= between) flush();
    },
    flush,
  };
}

/** What only the newest event counts of; undefined where all of them do. */
function subjectOf(event: RunEvent): string | undefined {
  switch (event.type) {
    case "progress":
      return "progress";
    case "figure":
      return `figure ${event.figure.id}`;
    case "picture":
      return `picture ${event.picture.id}`;
    default:
      return undefined;
  }
}

/** Of a metric with more points than can be drawn, one in so many. */
function thinned(events: readonly RunEvent[]): readonly RunEvent[] {
  const counts = new Map<string, number>();
  for (const event of events)
    if (event.type === "metric") counts.set(event.name, (counts.get(event.name) ?? 0) + 1);
  const seen = new Map<string, number>();
  return events.filter((event) => {
    if (event.type !== "metric") return true;
    const place = seen.get(event.name) ?? 0;
    seen.set(event.name, place + 1);
    const every = Math.ceil((counts.get(event.name) ?? 1) / mostPoints);
    return place % every === 0;
  });
}
