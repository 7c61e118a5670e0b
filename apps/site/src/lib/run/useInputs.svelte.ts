/** The visitor's files, by the slots of a method: given, read in the worker, read again in a new one. */
import type { PaperDescription } from "../worker/describe.ts";
import type { ComputeDevice, Failure, GivenFile, ReadSummary } from "../worker/protocol.ts";
import { reportCode } from "./reportCode.ts";
import type { RunSession } from "./session.svelte.ts";

/** Where a slot's content comes from. */
export type Given =
  | { readonly from: "visitor"; readonly files: readonly GivenFile[] }
  | { readonly from: "catalogue"; readonly set: string };

interface SlotState {
  readonly given: Given;
  readonly summary?: ReadSummary;
  readonly failure?: Failure;
  readonly isReading: boolean;
  /** The worker that has read it. */
  readonly worker?: number;
}

export class UseInputs {
  slots = $state.raw<Readonly<Record<string, SlotState>>>({});
  readonly isReading = $derived(Object.values(this.slots).some(({ isReading }) => isReading));
  /** Columns of the first table. */
  readonly columns = $derived(
    Object.values(this.slots)
      .map(({ summary }) => summary?.columns.map(({ name }) => name) ?? [])
      .find((names) => names.length > 0) ?? [],
  );

  readonly #about: PaperDescription;
  readonly #session: RunSession;

  constructor(about: PaperDescription, session: RunSession) {
    this.#about = about;
    this.#session = session;
  }

  /** Slots that must be filled and are not, or whose file could not be read. */
  get missing(): string[] {
    return this.#about.use.slots
      .filter(({ name, required }) => {
        const filled = this.slots[name];
        return filled === undefined ? required : filled.summary === undefined;
      })
      .map(({ name }) => name);
  }

  /** Reads files into a slot; what was there before is replaced. */
  async give(slot: string, given: Given, device: ComputeDevice): Promise<void> {
    this.#set(slot, { given, isReading: true });
    // What draws the results comes first too: once a file is open, nothing is requested any more.
    const drawing = await reportCode().catch(() => undefined);
    if (drawing === undefined) {
      const message = "the site's code could not be loaded; is the connection there?";
      this.#set(slot, { given, failure: { kind: "engine", message }, isReading: false });
      return;
    }
    const { slug } = this.#about;
    let summary: ReadSummary | undefined;
    const ending = await this.#session.task(
      given.from === "visitor"
        ? { type: "read", slug, slot, files: given.files, device }
        : { type: "example", slug, slot, set: given.set, device },
      (event) => {
        if (event.type === "read") summary = event.summary;
      },
    );
    const failure = ending.type === "failed" ? ending.failure : undefined;
    this.#set(slot, { given, summary, failure, isReading: false, worker: this.#session.worker });
  }

  async remove(slot: string): Promise<void> {
    const { [slot]: _, ...others } = this.slots;
    this.slots = others;
    if (this.#session.worker !== undefined)
      await this.#session.task({ type: "forget", slot }, () => {});
  }

  /** Reads again what a worker has read that is gone. */
  async ensureRead(device: ComputeDevice): Promise<boolean> {
    for (const [slot, { given, worker }] of Object.entries(this.slots)) {
      const isThere = worker !== undefined && worker === this.#session.worker;
      if (!isThere) await this.give(slot, given, device);
    }
    return Object.values(this.slots).every(({ failure }) => failure === undefined);
  }

  #set(slot: string, state: SlotState): void {
    this.slots = { ...this.slots, [slot]: state };
  }
}
