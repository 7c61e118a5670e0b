/** Slows all senders of a run down together while nothing can be sent, and stops them if that lasts. */
import { type Clock, minute, second } from "./clock.ts";

const firstPause = 5 * second;
const longestPause = 5 * minute;
/** After so many in a row a run is of no use. */
const troublesAllowed = 5;

export class Brake {
  readonly #clock: Clock;
  readonly #signal: AbortSignal | undefined;
  #troubles = 0;
  #until = 0;
  #stopped: string | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(clock: Clock, signal?: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
  }

  /** Why the run is over, when it is. */
  get stopped(): string | undefined {
    return this.#stopped;
  }

  /**
   * Runs an attempt at once; but after trouble one attempt at a time, each after a pause, until one
   * succeeds: what fails for all should fail for few.
   */
  attempt(work: () => Promise<void>): Promise<void> {
    if (this.#troubles === 0) return work();
    const turn = this.#queue.then(async () => {
      await this.#pause();
      if (this.#stopped === undefined) await work();
    });
    this.#queue = turn.catch(() => {});
    return turn;
  }

  async #pause(): Promise<void> {
    const left = this.#until - this.#clock.now().getTime();
    if (this.#troubles > 0 && left > 0) await this.#clock.wait(left, this.#signal);
  }

  /**
   * Something failed that concerns all. Attempts that meet the same trouble at the same time count
   * once.
   *
   * @param began when the failed attempt began
   */
  press(began: Date, why: string): void {
    if (this.#troubles > 0 && began.getTime() < this.#until) return;
    this.#troubles += 1;
    if (this.#troubles >= troublesAllowed) this.#stopped = why;
    const pause = Math.min(firstPause * 2 ** (this.#troubles - 1), longestPause);
    this.#until = this.#clock.now().getTime() + pause;
  }

  /** Something was sent: all is well. */
  release(): void {
    this.#troubles = 0;
  }
}
