/** Slows all senders of a run down together while nothing can be sent, and stops them if that lasts. */
import { type Clock, minute, second } from "./clock.ts";

const firstPause = 5 * second;
const longestPause = 5 * minute;
/** After so many in a row a run is of no use. */
const troublesAllowed = 5;

export class Brake {
  readonly #clock: Clock;
  #troubles = 0;
  #until = 0;
  #stopped: string | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Why the run is over, when it is. */
  get stopped(): string | undefined {
    return this.#stopped;
  }

  /** Waits while a pause lasts. */
  async pause(signal?: AbortSignal): Promise<void> {
    for (;;) {
      const left = this.#until - this.#clock.now().getTime();
      if (left <= 0 || signal?.aborted) return;
      await this.#clock.wait(left, signal);
    }
  }

  /**
   * Something failed that concerns all. Senders that meet the same trouble at the same time count once.
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
