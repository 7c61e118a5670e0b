/** What the scheduled job does: builds the digests that are due and sends what is queued. */
import type { Store } from "@etude/store";
import { type Recovered, recover } from "./claims.ts";
import { day, hour, systemClock } from "./clock.ts";
import { type Delivered, type DeliverOptions, deliver } from "./deliver.ts";
import { type Built, buildDigest, type Issue } from "./digest.ts";
import { lease, nextTry } from "./outbox.ts";
import { forgetUnconfirmed } from "./subscriptions.ts";
import type { Frequency } from "./templates/choice.ts";
import type { Transport } from "./transport/transport.ts";

/** Digests are built at seven in the morning, UTC; weekly ones on Mondays. */
const dueHour = 7;
const monday = 1;

/**
 * The latest issue that is due: today's, or that of the last day that had one. Earlier ones that were
 * missed are not made up for, so that after a long stop everyone gets one of each kind at most.
 *
 * @example
 * dueIssue("weekly", new Date("2026-11-24T12:00:00Z")).day // "2026-11-23", the Monday before
 */
export function dueIssue(frequency: Frequency, now: Date): Issue {
  const date = new Date(now.getTime() - dueHour * hour);
  const behind = frequency === "weekly" ? (date.getUTCDay() - monday + 7) % 7 : 0;
  const due = new Date(date.getTime() - behind * day);
  return { frequency, day: due.toISOString().slice(0, 10) };
}

export interface DigestRun {
  readonly built: readonly Built[];
  readonly recovered: Recovered;
  readonly delivered: Delivered;
  /** When a delivery that failed for now may be tried again: a good time for the next call. */
  readonly nextTry: Date | undefined;
}

/**
 * Does all that is due now and returns when nothing is left to do. To be called every few minutes, by
 * as many processes as there are: a digest is built once and sent to each subscriber at most once.
 *
 * @example
 * const run = await runDigests(store, transport, { site, perMinute: 60 });
 * if (run.recovered.uncertain.length > 0) log(`may have been sent: ${run.recovered.uncertain}`);
 */
export async function runDigests(
  store: Store,
  transport: Transport,
  options: DeliverOptions,
): Promise<DigestRun> {
  const { clock = systemClock } = options;
  await forgetUnconfirmed(store, clock.now());
  const recovered = await recover(store, clock.now(), lease);
  const built: Built[] = [];
  for (const frequency of ["daily", "weekly"] as const) {
    const issue = dueIssue(frequency, clock.now());
    const digest = await buildDigest(store, issue, clock.now());
    if (digest !== undefined) built.push(digest);
  }
  const delivered = await deliver(store, transport, options);
  return { built, recovered, delivered, nextTry: await nextTry(store) };
}
