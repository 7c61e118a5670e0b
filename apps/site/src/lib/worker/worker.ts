/**
 * The worker that runs papers. It fetches what it is built from and data sets of the catalogue, all from
 * the site itself, and sends nothing to anyone but the page that began it.
 */
import { failureOf } from "./failure.ts";
import { type Desk, perform } from "./jobs.ts";
import { type FromWorker, type Job, toWorkerSchema, type WorkerEvent } from "./protocol.ts";

/** The part of a worker's global scope that is used; the types of the page describe another one. */
interface WorkerScope {
  onmessage: ((message: MessageEvent<unknown>) => void) | null;
  postMessage(message: FromWorker, transfer: Transferable[]): void;
}
const scope = globalThis as unknown as WorkerScope;

const inputs: Desk["inputs"] = new Map();
let queue: Promise<void> = Promise.resolve();
let current = new AbortController();

scope.onmessage = ({ data }) => {
  const message = toWorkerSchema.parse(data);
  if (message.type === "stop") current.abort();
  else queue = queue.then(() => carryOut(message.id, message.job));
};

async function carryOut(id: number, job: Job): Promise<void> {
  current = new AbortController();
  const { signal } = current;
  const tell = (event: WorkerEvent): void =>
    scope.postMessage({ id, event }, event.type === "file" ? [event.bytes.buffer] : []);
  try {
    await perform(job, { signal, tell, inputs });
    tell({ type: "done" });
  } catch (error) {
    const isUse = job.type === "use" || job.type === "read";
    tell(
      signal.aborted
        ? { type: "stopped" }
        : { type: "failed", failure: failureOf(error, { isUse }) },
    );
  }
}
