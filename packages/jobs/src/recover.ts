/** After a crash of the only process: nobody has what is marked as running. */
import { jobs, type Store } from "@etude/store";
import { eq, sql } from "drizzle-orm";
import type { Queue } from "./queue.ts";

/** Gives all running jobs back at once, instead of when their silence has lasted long enough. */
export const giveBackAll = ({ db }: Store, queue: Queue): Promise<void> =>
  db.transaction(async (tx) => {
    const orphans = await tx
      .update(jobs)
      .set({ state: "waiting", deaths: sql`${jobs.deaths} + 1`, changed: sql`now()` })
      .where(eq(jobs.state, "running"))
      .returning({ message: jobs.message });
    await queue.takeBack(
      orphans.flatMap(({ message }) => message ?? []),
      tx,
    );
  });
