/** What the benchmarks of papers (`bench/papers`) share: a peer in Python that answers, and taking turns with it. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { median } from "./contest.ts";

/** What a peer answers: how long it took, and what it computed. */
export interface Answer<R> {
  readonly milliseconds: number;
  readonly result: R;
}

export interface PaperPeer<R> {
  /** One request a line, one answer in JSON. */
  ask(request: string): Promise<Answer<R>>;
  end(): void;
}

/** Starts `bench/peers/papers/<slug>.py` in the Python of ETUDE_BENCH_PYTHON. */
export function startPaperPeer<R = number[]>(
  slug: string,
  args: readonly (string | number)[],
): PaperPeer<R> {
  const script = fileURLToPath(new URL(`./peers/papers/${slug}.py`, import.meta.url));
  const peer = spawn(process.env.ETUDE_BENCH_PYTHON ?? "python3", [script, ...args.map(String)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const answers = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
  return {
    async ask(request) {
      peer.stdin.write(`${request}\n`);
      const { value, done } = await answers.next();
      if (done) throw new Error("the peer ended early; is all it needs there? See bench/README.md");
      return JSON.parse(value);
    },
    end: () => peer.stdin.end(),
  };
}

/** The largest difference of two results, beside 1 + the size of the entry. */
export const farthest = (mine: readonly number[], theirs: readonly number[]): number =>
  Math.max(...mine.map((value, i) => Math.abs(value - theirs[i]) / (1 + Math.abs(value))));

/** Medians, in milliseconds, of both sides, which take turns so that a disturbance hits both. */
export async function inTurns(
  rounds: number,
  mine: (round: number) => Promise<unknown>,
  theirs: () => Promise<Pick<Answer<unknown>, "milliseconds">>,
): Promise<readonly [ours: number, others: number]> {
  const [ours, others]: number[][] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    await mine(round);
    ours.push(performance.now() - began);
    others.push((await theirs()).milliseconds);
  }
  return [median(ours), median(others)];
}

/** "40 steps: 229 ms, PyTorch 740 ms, 3.23x" */
export const compared = (
  name: string,
  [ours, others]: readonly [number, number],
  who = "PyTorch",
): string =>
  `${name}: ${ours.toFixed(0)} ms, ${who} ${others.toFixed(0)} ms, ${(others / ours).toFixed(2)}x`;
