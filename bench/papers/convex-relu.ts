/**
 * The inner loops of convex ReLU training beside PyTorch: 300 iterations of ADMM with the factorised
 * u-update (240 digits of 65 inputs, 48 patterns, float64), and 200 steps of Adam on the penalised
 * robust program. Both sides get the same numbers and take turns; medians over the rounds.
 *
 *   ETUDE_BENCH_PYTHON=~/peers/bin/python node bench/papers/convex-relu.ts [--rounds 7] [--threads 2]
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { dataLoader, writeNpz } from "@etude/data";
import { array, random, setThreads } from "@etude/tensor";
import { convexReluAdmm } from "../../packages/papers/src/convex-relu/admm.ts";
import { convexAdversarial } from "../../packages/papers/src/convex-relu/adversarial.ts";
import { twoClasses } from "../../packages/papers/src/convex-relu/pairs.ts";
import { samplePatterns } from "../../packages/papers/src/convex-relu/patterns.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "7" }, threads: { type: "string", default: "2" } },
});
const rounds = Number(values.rounds);
setThreads(Number(values.threads));

const [iterations, steps, eps] = [300, 200, 0.12];
const { X, y } = twoClasses(await dataLoader().images("digits"), [3, 8], 240, 0).train;
const patterns = samplePatterns(X, 48, random.generator(1));
const robust = { eps, beta: 1e-4, loss: "hinge", steps } as const;

const work = {
  admm: async () => {
    const options = { beta: 0.1, iterations, every: iterations, tolerance: 0 };
    const { v, w } = await convexReluAdmm(X, y, patterns, options);
    return [...v.data, ...w.data];
  },
  // Kinks and Adam's quotients make roundings grow: the first steps are compared.
  robust: async () =>
    Array.from((await convexAdversarial(X, y, patterns, robust)).losses.slice(0, 8)),
};
type Loop = keyof typeof work;

const folder = await mkdtemp(path.join(tmpdir(), "etude-bench-"));
const file = path.join(folder, "inputs.npz");
const D = array(Float64Array.from(patterns.D), { shape: [patterns.count, patterns.samples] });
await writeFile(file, writeNpz({ X, y, D }));

const script = fileURLToPath(new URL("../peers/papers/convex-relu.py", import.meta.url));
const peer = spawn(
  process.env.ETUDE_BENCH_PYTHON ?? "python3",
  [script, file, String(iterations), String(steps), String(eps), values.threads],
  { stdio: ["pipe", "pipe", "inherit"] },
);
const answers = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
const ask = async (loop: Loop): Promise<{ milliseconds: number; result: number[] }> => {
  peer.stdin.write(`${loop}\n`);
  const { value, done } = await answers.next();
  if (done) throw new Error("the peer ended early; is PyTorch there? See bench/README.md");
  return JSON.parse(value);
};

const median = (all: number[]): number => all.sort((a, b) => a - b)[Math.floor(all.length / 2)];
const parts: string[] = [];
for (const [loop, name] of [
  ["admm", `${iterations} iterations of ADMM`],
  ["robust", `${steps} robust steps`],
] as const) {
  const mine = await work[loop]();
  const theirs = (await ask(loop)).result;
  const apart = Math.max(
    ...mine.map((value, i) => Math.abs(value - theirs[i]) / (1 + Math.abs(value))),
  );
  if (!(apart < 1e-3)) throw new Error(`${name}: results differ by ${apart}`);
  const [ours, others]: number[][] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    await work[loop]();
    ours.push(performance.now() - began);
    others.push((await ask(loop)).milliseconds);
  }
  const [a, b] = [median(ours), median(others)];
  parts.push(`${name}: ${a.toFixed(0)} ms, PyTorch ${b.toFixed(0)} ms, ${(b / a).toFixed(2)}x`);
}
peer.stdin.end();
await rm(folder, { recursive: true });
process.stdout.write(`convex-relu  ${parts.join("; ")}\n`);
