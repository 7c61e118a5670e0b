/**
 * The inner loops of the data diet beside PyTorch: 100 training steps, and GraNd scores by the
 * gradient of every example. Both sides get the same numbers and take turns; medians over the rounds.
 *
 *   ETUDE_BENCH_PYTHON=~/peers/bin/python node bench/papers/data-diet.ts [--rounds 7] [--threads 2]
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeNpz } from "@etude/data";
import { constantSchedule } from "@etude/learn";
import { NDArray, random, setThreads, treeLeaves } from "@etude/tensor";
import { denseClassifier } from "../../packages/papers/src/data-diet/classifier.ts";
import { compileGradientNorms } from "../../packages/papers/src/data-diet/gradientNorms.ts";
import {
  allRows,
  batchOrder,
  compileTrainer,
} from "../../packages/papers/src/data-diet/training.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "7" }, threads: { type: "string", default: "2" } },
});
const rounds = Number(values.rounds);
setThreads(Number(values.threads));

const [rows, scored, steps, batchSize] = [4096, 512, 100, 128];
const sizes = [784, 256, 128, 10];
const recipe = { rate: constantSchedule(0.1), momentum: 0.9, weightDecay: 5e-4, augment: false };

const draw = random.generator(0);
const inputs = new NDArray(
  Float32Array.from({ length: rows * 784 }, () => draw.normal()),
  [rows, 784],
  "float32",
);
const labels = new NDArray(
  Int32Array.from({ length: rows }, () => draw.integer(10)),
  [rows],
  "int32",
);
const classifier = denseClassifier(sizes);
const trainer = compileTrainer(classifier, recipe);
const start = await trainer.start(0);
const batches = batchOrder(allRows(rows), batchSize, steps, 0);
const toScore = new NDArray(inputs.data.slice(0, scored * 784), [scored, 784], "float32");
const someLabels = Int32Array.from(labels.data.slice(0, scored), Number);
const norms = compileGradientNorms(
  (params: typeof start.params, x) => classifier.apply(params as never, {}, x as never, false)[0],
);

const work = {
  train: async () => (await trainer.advance(start, { inputs, labels }, batches)).losses,
  score: () => norms(start.params as never, toScore, someLabels, { batchSize: 32 }),
};
type Loop = keyof typeof work;

const folder = await mkdtemp(path.join(tmpdir(), "etude-bench-"));
const file = path.join(folder, "inputs.npz");
const weights = Object.fromEntries(
  treeLeaves(start.params).map((leaf, i) => [`parameter${i}`, leaf as NDArray]),
);
await writeFile(file, writeNpz({ inputs, labels, batches, ...weights }));

const script = fileURLToPath(new URL("../peers/papers/data-diet.py", import.meta.url));
const peer = spawn(
  process.env.ETUDE_BENCH_PYTHON ?? "python3",
  [script, file, String(scored), values.threads],
  {
    stdio: ["pipe", "pipe", "inherit"],
  },
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
  ["train", `${steps} steps`],
  ["score", `GraNd of ${scored}`],
] as const) {
  const mine = Array.from(await work[loop]());
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
process.stdout.write(`data-diet  ${parts.join("; ")}\n`);
