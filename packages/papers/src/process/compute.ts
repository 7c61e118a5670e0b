/** A seed in a process of its own: its steps in a store, its time and memory within limits. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { RunEvent } from "../contract/events.ts";
import type { StepStore } from "../run/steps.ts";
import type { Failure, FromRunner, ToRunner, Work } from "./protocol.ts";

export type Ending =
  | { readonly kind: "done"; readonly outcome: Uint8Array }
  /** By itself. */
  | { readonly kind: "failed"; readonly failure: Failure }
  /** Another machine may do better. */
  | { readonly kind: "machine"; readonly failure: Failure }
  /** It was told to. */
  | { readonly kind: "stopped" };

export interface Conditions {
  readonly store: StepStore;
  /** At most; any number where absent. */
  readonly minutes?: number;
  readonly megabytes?: number;
  /** Ends the process at once; finished steps are in the store. */
  readonly signal: AbortSignal;
  readonly show: (event: RunEvent) => void;
}

const entry = fileURLToPath(new URL("./main.ts", import.meta.url));

/**
 * Computes a seed.
 *
 * @throws what the store throws
 */
export function compute(
  work: Work,
  { store, minutes, megabytes, signal, show }: Conditions,
): Promise<Ending> {
  const child = fork(entry, [], {
    serialization: "advanced",
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    // Objects of JavaScript may have what all may have; the runtime's arrays are measured with them.
    execArgv: [
      ...process.execArgv,
      ...(megabytes === undefined ? [] : [`--max-old-space-size=${megabytes}`]),
    ],
  });
  let said = "";
  child.stderr?.on("data", (data) => {
    said = (said + String(data)).slice(-4000);
  });
  const { promise, resolve, reject } = Promise.withResolvers<Ending>();
  const end = (ending: Ending) => {
    resolve(ending);
    child.kill("SIGKILL");
  };
  const stop = () => end({ kind: "stopped" });
  const fail = (message: string) => end({ kind: "failed", failure: { name: "Error", message } });
  const timer =
    minutes === undefined
      ? undefined
      : setTimeout(() => fail(`it took more than ${minutes} minutes`), minutes * 60_000);
  const send = (message: ToRunner) => {
    if (child.connected) child.send(message, () => {});
  };
  const answer = async (request: number, bytes: Promise<Uint8Array | undefined>) =>
    send({ type: "bytes", request, bytes: await bytes });

  child.on("message", (message: FromRunner) => {
    const broken = (error: unknown) => {
      reject(error);
      child.kill("SIGKILL");
    };
    switch (message.type) {
      case "load":
        return void answer(message.request, store.load(message.name)).catch(broken);
      case "save": {
        const saved = store.save(message.name, message.bytes).then(() => undefined);
        return void answer(message.request, saved).catch(broken);
      }
      case "event":
        return show(message.event);
      case "memory":
        if (megabytes !== undefined && message.megabytes > megabytes)
          fail(`it took more than ${megabytes} MB of memory`);
        return;
      case "done":
        return end({ kind: "done", outcome: message.outcome });
      case "failed":
        return end({ kind: message.machine ? "machine" : "failed", failure: message.failure });
    }
  });
  child.on("error", (failure) => end({ kind: "machine", failure }));
  child.on("exit", (code, killer) => {
    const how = killer === null ? `status ${code}` : killer;
    fail(`its process ended with ${how}${lastWords(said)}`);
  });
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  send({ type: "work", work });
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  });
}

/** What a dying process said of it. */
function lastWords(said: string): string {
  const lines = said.split("\n").filter((line) => line.trim() !== "");
  const line = lines.findLast((each) => /error|fatal|abort|terminate/i.test(each)) ?? lines.at(-1);
  return line === undefined ? "" : `: ${line.trim().slice(0, 300)}`;
}
