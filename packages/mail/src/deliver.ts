/** Sends what is queued, over several connections at a time. */
import { digests, type Store, subscribers } from "@etude/store";
import { eq } from "drizzle-orm";
import { Brake } from "./brake.ts";
import {
  ClaimLost,
  claimNext,
  giveUp,
  giveUpAddress,
  noteHandOver,
  noteSent,
  putBack,
} from "./claims.ts";
import { type Clock, hour, second, systemClock } from "./clock.ts";
import { SendError } from "./errors.ts";
import { issuedMail } from "./issuedMail.ts";
import type { Mail } from "./message.ts";
import { type Claim, countDue, tooLate } from "./outbox.ts";
import type { Session, Transport } from "./transport/transport.ts";

export interface DeliverOptions {
  /** Where the site is, for links. */
  readonly site: URL;
  readonly clock?: Clock;
  /** Connections at a time; 4 unless told. */
  readonly concurrency?: number;
  /** Mails a minute, by all processes together; no limit unless told. */
  readonly perMinute?: number;
  /** Ends the run after the mails that are under way. */
  readonly signal?: AbortSignal;
}

/** How many deliveries took which way in a run. */
export interface Delivered {
  readonly sent: number;
  /** Queued again, for another try. */
  readonly deferred: number;
  /** Given up for good. */
  readonly failed: number;
  /** Of the failed: Message-IDs of those whose connection broke before the server's answer. */
  readonly uncertain: readonly string[];
  /** Subscriptions stopped, as their addresses were refused again and again. */
  readonly stopped: number;
  /** Why the run ended before the queue did: nothing can be sent now. */
  readonly trouble: string | undefined;
}

/** A wait that is longer, in milliseconds, is not worth an idle connection. */
const longestIdle = 5 * second;

/**
 * Sends every delivery that is due, each at most once, and returns when none is left. Any number of
 * processes may do so at the same time.
 */
export async function deliver(
  store: Store,
  transport: Transport,
  options: DeliverOptions,
): Promise<Delivered> {
  const run = new Run(store, transport, options);
  const { clock = systemClock, concurrency = 4 } = options;
  const senders = Math.min(concurrency, await countDue(store, clock.now()));
  const ended = await Promise.allSettled(Array.from({ length: senders }, () => run.sender()));
  for (const end of ended) if (end.status === "rejected") throw end.reason;
  return run.result();
}

type Digest = typeof digests.$inferSelect;

/** One call of `deliver`: what its senders share. */
class Run {
  readonly #store: Store;
  readonly #transport: Transport;
  readonly #options: DeliverOptions;
  readonly #clock: Clock;
  readonly #brake: Brake;
  readonly #digests = new Map<number, Promise<Digest>>();
  #sent = 0;
  #deferred = 0;
  #failed = 0;
  #stopped = 0;
  readonly #uncertain: string[] = [];

  constructor(store: Store, transport: Transport, options: DeliverOptions) {
    this.#store = store;
    this.#transport = transport;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#brake = new Brake(this.#clock, options.signal);
  }

  result(): Delivered {
    return {
      sent: this.#sent,
      deferred: this.#deferred,
      failed: this.#failed,
      uncertain: this.#uncertain,
      stopped: this.#stopped,
      trouble: this.#brake.stopped,
    };
  }

  /** Delivers one after the other over one connection, opened before anything is claimed. */
  async sender(): Promise<void> {
    const line: { session?: Session; done: boolean } = { done: false };
    try {
      while (!line.done) {
        await this.#brake.attempt(() => this.#step(line));
        line.done ||= this.#brake.stopped !== undefined || this.#options.signal?.aborted === true;
      }
    } finally {
      await line.session?.close();
    }
  }

  /** Takes the next delivery as far as it goes. */
  async #step(line: { session?: Session; done: boolean }): Promise<void> {
    if (this.#options.signal?.aborted) return;
    line.session ??= await this.#open();
    if (line.session === undefined) return;
    const { perMinute = Number.POSITIVE_INFINITY } = this.#options;
    const claim = await claimNext(this.#store, this.#clock.now(), perMinute);
    if (claim === undefined) {
      line.done = true;
    } else if (claim instanceof Date) {
      line.session = await this.#idle(line.session, claim);
    } else if (!(await this.#deliver(line.session, claim))) {
      await line.session.close();
      line.session = undefined;
    }
  }

  async #open(): Promise<Session | undefined> {
    const began = this.#clock.now();
    try {
      return await this.#transport.open();
    } catch (error) {
      if (!(error instanceof SendError)) throw error;
      this.#brake.press(began, error.message);
      return undefined;
    }
  }

  /** Waits until the minute has room again; a server would end a connection that is idle for long. */
  async #idle(session: Session, until: Date): Promise<Session | undefined> {
    const milliseconds = until.getTime() - this.#clock.now().getTime();
    const keep = milliseconds <= longestIdle;
    if (!keep) await session.close();
    await this.#clock.wait(milliseconds, this.#options.signal);
    return keep ? session : undefined;
  }

  /** @returns whether the session may be used again */
  async #deliver(session: Session, claim: Claim): Promise<boolean> {
    const began = this.#clock.now();
    const mail = await this.#mail(claim, began);
    if (typeof mail === "string") {
      await giveUp(this.#store.db, claim, this.#clock.now(), mail);
      this.#failed += 1;
      return true;
    }
    try {
      await session.send(mail, () => noteHandOver(this.#store, claim, mail.messageId));
    } catch (error) {
      // Its new holder will report it.
      if (error instanceof ClaimLost) return false;
      if (!(error instanceof SendError)) throw error;
      await this.#fail(claim, error, mail.messageId, began);
      return false;
    }
    await noteSent(this.#store, claim, this.#clock.now());
    this.#sent += 1;
    this.#brake.release();
    return true;
  }

  /** What is to be sent, or in words why nothing is. */
  async #mail(claim: Claim, now: Date): Promise<Mail | string> {
    const [subscriber] = await this.#store.db
      .select()
      .from(subscribers)
      .where(eq(subscribers.id, claim.subscriber));
    if (subscriber === undefined) return "the subscriber was deleted";
    const digest = await this.#digest(claim.digest);
    if (now.getTime() - digest.built.getTime() > tooLate) {
      const last = claim.lastError === null ? "" : `; the last try: ${claim.lastError}`;
      return `not sent in ${tooLate / hour} hours${last}`;
    }
    return issuedMail(digest, subscriber, {
      site: this.#options.site,
      from: this.#transport.from,
    });
  }

  /** Read once a run: it does not change, and may be long. */
  #digest(id: number): Promise<Digest> {
    const known = this.#digests.get(id);
    if (known !== undefined) return known;
    const read = this.#store.db
      .select()
      .from(digests)
      .where(eq(digests.id, id))
      .then(([row]) => row);
    this.#digests.set(id, read);
    return read;
  }

  async #fail(claim: Claim, error: SendError, messageId: string, began: Date): Promise<void> {
    const now = this.#clock.now();
    const why = `${error.kind}: ${error.message}`;
    // Whatever is not about this one address would happen to the next one too.
    if (error.kind !== "recipient" && error.kind !== "temporary") this.#brake.press(began, why);
    if (error.kind === "temporary" || error.kind === "unavailable") {
      await putBack(this.#store, claim, now, why);
      this.#deferred += 1;
      return;
    }
    this.#failed += 1;
    if (error.kind === "unknown") this.#uncertain.push(messageId);
    if (error.kind !== "recipient") return giveUp(this.#store.db, claim, now, why);
    if (await giveUpAddress(this.#store, claim, now, why)) this.#stopped += 1;
  }
}
