/** Carries a run to its end inside the worker. */
import type { RunEvent, Running } from "@etude/papers";
import { outbox } from "./outbox.ts";

/** Milliseconds after which messages of the page are looked at. */
const breathing = 50;

/**
 * Passes events on and gives the result. Computing in WebAssembly never gives way to the event loop
 * by itself, so between two events the worker breathes: else it would not hear that it is to stop.
 */
export async function drive<R>(
  running: Running<R>,
  send: (events: readonly RunEvent[]) => void,
): Promise<R> {
  const now = () => performance.now();
  const events = outbox(send, now);
  let breathed = now();
  for (;;) {
    const next = await running.next();
    if (next.done) {
      events.flush();
      return next.value;
    }
    events.put(next.value);
    if (now() - breathed < breathing) continue;
    await breath();
    breathed = now();
  }
}

/** One turn of the event loop. Timers would wait for at least four milliseconds. */
function breath(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
