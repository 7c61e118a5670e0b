/**
 * Runs in the browser's own database: what was asked for, what is done, and the report. A tab may be
 * closed at any moment; the next one goes on from the last finished step.
 */
import type { StepStore, VerifyReport } from "@etude/papers";
import type { VerifyRequest } from "./protocol.ts";

/** A run of an experiment, as it lies in the database. */
export interface KeptRun {
  readonly id: string;
  readonly slug: string;
  readonly request: VerifyRequest;
  /** The build of the site's code that makes it: another one might give other numbers. */
  readonly code: string;
  /** ISO 8601, UTC. */
  readonly began: string;
  /** From 0 to 1, roughly. */
  readonly fraction: number;
  /** null until it is finished; to be checked by the schema of reports after it is read. */
  readonly report: VerifyReport | null;
}

export interface RunDatabase {
  /** Runs of a paper, the newest first. */
  list(slug: string): Promise<KeptRun[]>;
  /** Notes a run; what it has done so far stays. */
  keep(run: KeptRun): Promise<void>;
  /** Notes a run with its report, and gives up its steps, in one move. */
  finish(run: KeptRun): Promise<void>;
  /** Removes a run and all it has done. */
  drop(id: string): Promise<void>;
  /** Finished steps and checkpoints of a run. */
  count(id: string): Promise<number>;
  steps(id: string): StepStore;
  close(): void;
}

const runs = "runs";
/** Bytes under [run, name]. */
const steps = "steps";

/**
 * Opens the database.
 *
 * @param name another one for tests
 * @throws Error when the browser has none, as in some private windows
 */
export async function openRuns(name = "etude-runs"): Promise<RunDatabase> {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore(runs, { keyPath: "id" }).createIndex("slug", "slug");
    opening.result.createObjectStore(steps);
  };
  const database = await resultOf(opening);
  // A tab with a newer build may want to change the tables; this one would be in its way.
  database.onversionchange = () => database.close();

  /** Writes are on the disk when this resolves, all of them or none. */
  const write = async (work: (transaction: IDBTransaction) => void): Promise<void> => {
    const transaction = database.transaction([runs, steps], "readwrite", { durability: "strict" });
    const ended = endOf(transaction);
    work(transaction);
    await ended;
  };
  const read = <T>(table: string, ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> =>
    resultOf(ask(database.transaction(table).objectStore(table)));

  return {
    list: async (slug) => {
      const found = await read<KeptRun[]>(runs, (store) => store.index("slug").getAll(slug));
      return found.sort((a, b) => (a.began < b.began ? 1 : -1));
    },
    keep: (run) => write((transaction) => transaction.objectStore(runs).put(run)),
    finish: (run) =>
      write((transaction) => {
        transaction.objectStore(runs).put(run);
        transaction.objectStore(steps).delete(allOf(run.id));
      }),
    drop: (id) =>
      write((transaction) => {
        transaction.objectStore(runs).delete(id);
        transaction.objectStore(steps).delete(allOf(id));
      }),
    count: (id) => read(steps, (store) => store.count(allOf(id))),
    steps: (id) => ({
      load: (name) => read<Uint8Array | undefined>(steps, (store) => store.get([id, name])),
      // A copy: of a view the database would store the whole buffer behind it.
      save: (name, bytes) =>
        write((transaction) =>
          transaction.objectStore(steps).put(new Uint8Array(bytes), [id, name]),
        ),
    }),
    close: () => database.close(),
  };
}

/** All keys that begin with a run: an array sorts after every text. */
const allOf = (id: string): IDBKeyRange => IDBKeyRange.bound([id], [id, []]);

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function endOf(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}
