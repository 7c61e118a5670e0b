/** Carries a computation to its end while somebody watches. */
import type { RunEvent, Running } from "@etude/papers";

/** Passes every event on and gives the result. */
export async function watch<R>(running: Running<R>, show: (event: RunEvent) => void): Promise<R> {
  for (;;) {
    const next = await running.next();
    if (next.done) return next.value;
    show(next.value);
  }
}
