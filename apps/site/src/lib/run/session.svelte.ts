/** A run as the page sees it: what state it is in, how far it is, and what it has told so far. */
import type { Figure, Picture, Report, RunEvent } from "@etude/papers";
import { type Pace, paceOf } from "@etude/papers/pace";
import type { JobEvent, WorkerClient } from "../worker/client.ts";
import type { PaperDescription } from "../worker/describe.ts";
import type { Ending, Failure, Job } from "../worker/protocol.ts";
import { type MetricSeries, withPoint } from "./metrics.ts";

export type RunStatus =
  | "idle"
  /** The engine, the paper's code or data are on their way. */
  | "loading"
  | "running"
  | "stopping"
  | "stopped"
  | "done"
  | "failed";

export interface ResultFile {
  readonly name: string;
  readonly describe: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Lines of the log that are kept. */
const mostLines = 200;

export class RunSession {
  status = $state<RunStatus>("idle");
  /** What is being fetched or done. */
  label = $state("");
  /** From 0 to 1. */
  fraction = $state(0);
  /** Where it computes: "wasm, 4 threads"; empty before the engine is there. */
  device = $state("");
  /** Steps that were taken from an earlier run. */
  resumed = $state(0);
  /** Seconds since the run began. */
  elapsed = $state(0);
  /** Seconds that are left; undefined while nobody can tell. */
  remaining = $state<number | undefined>(undefined);
  metrics = $state.raw<readonly MetricSeries[]>([]);
  figures = $state.raw<readonly Figure[]>([]);
  pictures = $state.raw<readonly Picture[]>([]);
  log = $state.raw<readonly string[]>([]);
  files = $state.raw<readonly ResultFile[]>([]);
  report = $state.raw<Report | null>(null);
  failure = $state.raw<Failure | null>(null);
  readonly isActive = $derived(
    this.status === "loading" || this.status === "running" || this.status === "stopping",
  );

  /** A clock in seconds. */
  readonly #now: () => number;
  #client: WorkerClient | undefined;
  #pace: Pace = paceOf();
  #began = 0;

  constructor(now: () => number = () => performance.now() / 1000) {
    this.#now = now;
  }

  /** The number of the worker that is there, if one is: a new one knows nothing of what others read. */
  get worker(): number | undefined {
    return this.#client?.worker;
  }

  /** Does something short, such as reading a file; what a run has shown stays. */
  task(job: Job, onEvent: (event: JobEvent) => void): Promise<Ending> {
    return this.#perform(job, onEvent);
  }

  /** What a page says of a paper; undefined, with a failure, where it cannot be loaded. */
  async describe(slug: string): Promise<PaperDescription | undefined> {
    this.failure = null;
    let about: PaperDescription | undefined;
    const ending = await this.task({ type: "describe", slug }, (event) => {
      if (event.type === "described") about = event.about;
    });
    if (ending.type === "failed") this.failure = ending.failure;
    return about;
  }

  /** Runs an experiment or a method, from its start or where it was. */
  async run(job: Job): Promise<void> {
    this.reset();
    this.status = "loading";
    this.#began = this.#now();
    const clock = setInterval(() => this.#tick(), 1000);
    try {
      const ending = await this.#perform(job, (event) => this.#note(event));
      this.#tick();
      this.status = ending.type;
      if (ending.type === "failed") this.failure = ending.failure;
    } finally {
      clearInterval(clock);
    }
  }

  stop(): void {
    if (!this.isActive) return;
    this.status = "stopping";
    this.#client?.stop();
  }

  /** Forgets what the last run has shown. */
  reset(): void {
    this.status = "idle";
    this.label = "";
    this.fraction = 0;
    this.resumed = 0;
    this.elapsed = 0;
    this.remaining = undefined;
    this.metrics = [];
    this.figures = [];
    this.pictures = [];
    this.log = [];
    this.files = [];
    this.report = null;
    this.failure = null;
    this.#pace = paceOf();
  }

  /** Ends the worker and frees its memory; what was shown stays. */
  close(): void {
    this.#client?.close();
  }

  async #perform(job: Job, onEvent: (event: JobEvent) => void): Promise<Ending> {
    try {
      // With the protocol's schemas, which nobody needs before something runs.
      const { workerClient } = await import("../worker/client.ts");
      this.#client ??= workerClient();
    } catch {
      const message = "the site's code could not be loaded; is the connection there?";
      return { type: "failed", failure: { kind: "engine", message } };
    }
    return this.#client.run(job, (event) => {
      if (event.type === "loading") this.label = event.label;
      if (event.type === "ready") this.device = event.device;
      onEvent(event);
    });
  }

  #tick(): void {
    const now = this.#now();
    this.elapsed = now - this.#began;
    this.remaining = this.#pace.remaining(now);
  }

  #note(event: JobEvent): void {
    switch (event.type) {
      case "resumed":
        this.resumed = event.steps;
        break;
      case "run":
        if (this.status === "loading") this.status = "running";
        for (const each of event.events) this.#show(each);
        break;
      case "file":
        this.files = [...this.files, event];
        break;
      case "report":
        this.report = event.report;
        break;
    }
  }

  #show(event: RunEvent): void {
    const now = this.#now();
    switch (event.type) {
      case "progress":
        this.fraction = event.total > 0 ? Math.min(1, event.done / event.total) : 0;
        this.label = event.label;
        this.#pace.note(this.fraction, now);
        break;
      case "metric":
        this.metrics = withPoint(this.metrics, event, now);
        break;
      case "figure":
        this.figures = [...this.figures.filter(({ id }) => id !== event.figure.id), event.figure];
        break;
      case "picture":
        this.pictures = [
          ...this.pictures.filter(({ id }) => id !== event.picture.id),
          event.picture,
        ];
        break;
      case "log":
        this.log = [...this.log, event.message].slice(-mostLines);
        break;
    }
  }
}
