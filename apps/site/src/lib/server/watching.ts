/** Sweeps that somebody looks at: the store is asked once a second, however many look. */
import { sweepDetails } from "@etude/jobs";
import type { Store } from "@etude/store";
import { type PublicRun, publicRun } from "./publicRun.ts";

type Listener = (run: PublicRun | undefined) => void;

interface Watch {
  readonly listeners: Set<Listener>;
  last: string;
}

const watches = new Map<string, Watch>();
const every = 1000;
/** Open streams of a process. */
const mostListeners = 500;
let listening = 0;

/**
 * Tells a listener of a sweep's state now and whenever it changes, and `undefined` when there is nothing more to
 * come.
 *
 * @returns the way to stop; undefined when too many look already
 */
export function watchSweep(store: Store, id: string, listener: Listener): (() => void) | undefined {
  if (listening >= mostListeners) return undefined;
  listening += 1;
  const found = watches.get(id);
  const watch = found ?? { listeners: new Set(), last: "" };
  watch.listeners.add(listener);
  if (found === undefined) {
    watches.set(id, watch);
    void look(store, id, watch);
  } else if (found.last !== "") listener(JSON.parse(found.last) as PublicRun);
  return () => {
    if (watch.listeners.delete(listener)) listening -= 1;
  };
}

async function look(store: Store, id: string, watch: Watch): Promise<void> {
  for (;;) {
    // A store that is away for a moment has nothing new to tell.
    const details = await sweepDetails(store, id).catch(() => null);
    const run = details ? publicRun(details, "") : undefined;
    const shown = JSON.stringify(run ?? null);
    const isOver = details === undefined || run?.settled === true;
    if (run !== undefined && shown !== watch.last) {
      watch.last = shown;
      for (const listener of watch.listeners) listener(run);
    }
    if (isOver || watch.listeners.size === 0) {
      watches.delete(id);
      for (const listener of watch.listeners) listener(undefined);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, every).unref());
  }
}
