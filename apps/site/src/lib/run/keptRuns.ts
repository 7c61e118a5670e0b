/** Runs that this browser has kept, as the page finds them when it opens. */
import type { VerifyReport } from "@etude/papers";
import { type KeptRun, openRuns } from "../worker/idbStore.ts";

export interface FoundRuns {
  /** The newest that is not finished. */
  readonly unfinished: KeptRun | undefined;
  /** The report of the newest that is. */
  readonly finished: VerifyReport | undefined;
}

const nothing: FoundRuns = { unfinished: undefined, finished: undefined };

/** What is kept of a paper. Nothing is made for visitors who never ran anything. */
export async function findRuns(slug: string): Promise<FoundRuns> {
  try {
    const databases = await indexedDB.databases();
    if (!databases.some(({ name }) => name === "etude-runs")) return nothing;
    const database = await openRuns();
    const runs = await database.list(slug).finally(() => database.close());
    const finished = runs.find(({ report }) => report !== null);
    return {
      unfinished: runs.find(({ report }) => report === null),
      finished: finished && (await checked(finished.report)),
    };
  } catch {
    return nothing; // A browser without a database keeps nothing.
  }
}

export async function dropRun(id: string): Promise<void> {
  const database = await openRuns();
  await database.drop(id).finally(() => database.close());
}

/** A report that an earlier build of the site wrote may have another form. */
async function checked(report: unknown): Promise<VerifyReport | undefined> {
  const { reportSchema } = await import("../worker/protocol.ts");
  const read = reportSchema.safeParse(report);
  return read.success && read.data.kind === "verify" ? read.data : undefined;
}
