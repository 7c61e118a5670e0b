/** The queue that hands jobs to workers: pg-boss, in the store's own database. */
import type { Store } from "@etude/store";
import { sql } from "drizzle-orm";
import { type Db, fromDrizzle, fromPglite, type JobAttempt, PgBoss } from "pg-boss";

const name = "jobs";

/** Seconds without a sign of life after which a job is given to another worker; the least pg-boss takes. */
export const silence = 10;

/** A message that somebody took; with `retryCount` it is told from the same message taken again. */
export interface Message extends JobAttempt {
  readonly job: string;
}

type Transaction = Parameters<Parameters<Store["db"]["transaction"]>[0]>[0];

/** What is done inside a transaction of the store happens with it, or not at all. */
export interface Queue {
  /** A message for each job, the greater the priority the earlier. */
  put(jobs: readonly string[], priority: number, tx: Transaction): Promise<void>;
  /** The next message, if there is one. */
  take(): Promise<Message | undefined>;
  /** A sign of life; of a message that was given to somebody else it changes nothing. */
  touch(message: JobAttempt): Promise<void>;
  /** The message is not needed any more. */
  settle(message: JobAttempt, tx: Transaction): Promise<void>;
  /** The message comes again, soon. */
  giveBack(message: JobAttempt, tx: Transaction): Promise<void>;
  /** The same for messages by their ids, whoever took them. */
  takeBack(messages: readonly string[], tx: Transaction): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the queue of a store, and makes it where there is none.
 *
 * @param tend whether to look after messages whose takers are silent: for workers
 */
export async function openQueue({ access }: Store, { tend }: { tend: boolean }): Promise<Queue> {
  const boss = new PgBoss({
    ...("url" in access
      ? { connectionString: access.url, max: 3, connectionTimeoutMillis: 10_000 }
      : { db: fromPglite(access.client), backend: "pglite" as const }),
    application_name: "etude queue",
    schedule: false,
    supervise: tend,
    superviseIntervalSeconds: 2,
    monitorIntervalSeconds: 2,
    registerInstance: false,
    monitorVacuum: false,
    reindex: false,
    openTelemetry: { enabled: false },
  });
  // Broken connections, above all; whoever calls hears of them by itself.
  boss.on("error", () => {});
  await boss.start();
  await boss.createQueue(name, {
    heartbeatSeconds: silence,
    // A worker that dies is not the job's fault: how often it may fail is counted elsewhere.
    retryLimit: 1_000_000,
    retryDelay: 1,
    // The most it takes; jobs have a shorter limit of their own.
    expireInSeconds: 86_400,
    retentionSeconds: 365 * 86_400,
    deleteAfterSeconds: 3600,
  });
  const within = (tx: Transaction): { db: Db } => ({ db: fromDrizzle(tx, sql) });
  const attempt = ({ id, retryCount }: JobAttempt): JobAttempt => ({ id, retryCount });
  return {
    async put(jobs, priority, tx) {
      const messages = jobs.map((job) => ({ data: { job }, priority }));
      await boss.insert(name, messages, within(tx));
    },
    async take() {
      const [taken] = await boss.fetch<{ job: string }>(name, { includeMetadata: true });
      return taken && { id: taken.id, retryCount: taken.retryCount, job: taken.data.job };
    },
    async touch(message) {
      await boss.touch(name, attempt(message));
    },
    async settle(message, tx) {
      await boss.complete(name, attempt(message), null, within(tx));
    },
    async giveBack(message, tx) {
      await boss.fail(name, attempt(message), null, within(tx));
    },
    async takeBack(messages, tx) {
      if (messages.length > 0) await boss.fail(name, [...messages], null, within(tx));
    },
    close: () => boss.stop({ graceful: false }),
  };
}
