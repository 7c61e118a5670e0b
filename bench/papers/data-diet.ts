/**
 * The inner loops of the data diet beside PyTorch: 100 training steps, and GraNd scores by the
 * gradient of every example. Both sides get the same numbers and take turns; medians over the rounds.
 *
 *   ETUDE_BENCH_PYTHON=~/peers/bin/python node bench/papers/data-diet.ts [--rounds 7] [--threads 2]
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
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
import { compared, farthest, inTurns, startPaperPeer } from "../paperPeer.ts";

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

const folder = await mkdtemp(path.join(tmpdir(), "etude-bench-"));
const file = path.join(folder, "inputs.npz");
const weights = Object.fromEntries(
  treeLeaves(start.params).map((leaf, i) => [`parameter${i}`, leaf as NDArray]),
);
await writeFile(file, writeNpz({ inputs, labels, batches, ...weights }));

const peer = startPaperPeer("data-diet", [file, scored, values.threads]);

const parts: string[] = [];
for (const [loop, name] of [
  ["train", `${steps} steps`],
  ["score", `GraNd of ${scored}`],
] as const) {
  const mine = Array.from(await work[loop]());
  const theirs = (await peer.ask(loop)).result;
  const apart = farthest(mine, theirs);
  if (!(apart < 1e-3)) throw new Error(`${name}: results differ by ${apart}`);
  const times = await inTurns(
    rounds,
    () => work[loop](),
    () => peer.ask(loop),
  );
  parts.push(compared(name, times));
}
peer.end();
await rm(folder, { recursive: true });
process.stdout.write(`data-diet  ${parts.join("; ")}\n`);
