/** The steps of a job, in the database: another machine goes on where a dead one was. */
import type { StepStore } from "@etude/papers";
import { checkpoints, type Store } from "@etude/store";
import { and, eq } from "drizzle-orm";

export const checkpointStore = ({ db }: Store, job: string): StepStore => ({
  async load(name) {
    const [found] = await db
      .select({ bytes: checkpoints.bytes })
      .from(checkpoints)
      .where(and(eq(checkpoints.job, job), eq(checkpoints.name, name)));
    return found?.bytes;
  },
  async save(name, bytes) {
    await db
      .insert(checkpoints)
      .values({ job, name, bytes })
      .onConflictDoUpdate({ target: [checkpoints.job, checkpoints.name], set: { bytes } });
  },
});
