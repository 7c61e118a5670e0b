/** The page's end of the worker. */
import {
  type Ending,
  type Failure,
  fromWorkerSchema,
  type Job,
  type ToWorker,
  type WorkerEvent,
} from "./protocol.ts";

/** What happens during a job. */
export type JobEvent = Exclude<WorkerEvent, Ending>;

export interface WorkerClient {
  /** The number of the worker that is there, if one is: a new one knows nothing of what others read. */
  readonly worker: number | undefined;
  /** Does a job; never rejects. One at a time. */
  run(job: Job, onEvent: (event: JobEvent) => void): Promise<Ending>;
  /** Ends the job, between two of its events; by force if there is none in time. */
  stop(): void;
  /** Ends the worker and frees its memory. */
  close(): void;
}

/** Milliseconds that a worker has to stop by itself. */
const patience = 2000;

/** A client whose worker begins with the first job. */
export function workerClient(): WorkerClient {
  let worker: Worker | undefined;
  let workers = 0;
  let jobs = 0;
  let end: ((ending: Ending) => void) | undefined;

  const close = (): void => {
    worker?.terminate();
    worker = undefined;
    end?.({ type: "stopped" });
  };
  const fail = (failure: Failure): void => {
    end?.({ type: "failed", failure });
    close();
  };
  const open = (): Worker => {
    workers += 1;
    const opened = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    opened.onerror = (event) => {
      event.preventDefault();
      const why = event.message || "its script could not be loaded; is the connection there?";
      fail({ kind: "engine", message: `the worker failed: ${why}` });
    };
    return opened;
  };
  const post = (message: ToWorker): void => worker?.postMessage(message);

  return {
    get worker() {
      return worker === undefined ? undefined : workers;
    },
    run(job, onEvent) {
      const opened = worker ?? open();
      worker = opened;
      jobs += 1;
      const id = jobs;
      return new Promise((resolve) => {
        end = (ending) => {
          end = undefined;
          resolve(ending);
        };
        opened.onmessage = ({ data }: MessageEvent<unknown>) => {
          const said = fromWorkerSchema.safeParse(data);
          if (!said.success) {
            const message = "the site was renewed while this page was open; load it again";
            fail({ kind: "engine", message });
          } else if (said.data.id === id) {
            const { event } = said.data;
            if (isEnding(event)) end?.(event);
            else onEvent(event);
          }
        };
        post({ type: "job", id, job });
      });
    },
    stop() {
      const stopping = jobs;
      post({ type: "stop" });
      setTimeout(() => {
        if (end !== undefined && stopping === jobs) close();
      }, patience);
    },
    close,
  };
}

const isEnding = (event: WorkerEvent): event is Ending =>
  event.type === "done" || event.type === "stopped" || event.type === "failed";
