/**
 * Sampling under adaptive guidance beside PyTorch: 256 samples, 20 steps, a class-conditional residual
 * network of 3 blocks of 256 units on 32 latents; full guidance, and AG with a threshold at which half of
 * the samples still need guidance halfway. Both sides have the same weights and noise and take turns;
 * medians over the rounds.
 *
 *   ETUDE_BENCH_PYTHON=~/peers/bin/python node bench/papers/adaptive-guidance.ts [--rounds 9] [--threads 2]
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { writeNpz } from "@etude/data";
import { evaluate, type NDArray, random, setThreads, treeFlatten } from "@etude/tensor";
import {
  adaptiveGuidance,
  conditionalMlp,
  cyclingClasses,
  flowSampler,
  freshWeights,
  fullGuidance,
  guidedSample,
  predictWith,
  thresholdFor,
} from "../../packages/papers/src/adaptive-guidance/index.ts";
import { median } from "../contest.ts";
import { startPaperPeer } from "../paperPeer.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "9" }, threads: { type: "string", default: "2" } },
});
const rounds = Number(values.rounds);
setThreads(Number(values.threads));

const [samples, dimensions, classes, steps, strength] = [256, 32, 10, 20, 4];
const net = conditionalMlp({ inputs: dimensions, classes, timeScale: 1000 });
// Fresh weights predict almost nothing; louder ones make the two predictions differ.
const quiet = await freshWeights(net, 3);
const [leaves, { paths }] = treeFlatten(quiet);
const arrays: Record<string, NDArray> = {};
leaves.forEach((leaf, i) => {
  const array = leaf as NDArray;
  if (paths[i].includes("out") && paths[i].endsWith("weight"))
    for (let j = 0; j < array.size; j++) array.data[j] *= 10;
  arrays[paths[i]] = array;
});
const predict = predictWith(net, quiet);
const initial = await evaluate(random.normal(random.key(5), [samples, dimensions]));
const condition = cyclingClasses(samples, classes);
const common = { condition, initial, strength, steps };

const reference = await guidedSample(predict, flowSampler(), {
  ...common,
  policy: fullGuidance(steps),
});
const threshold = thresholdFor(reference.alignments, 1.5 * steps);
const policies = { full: fullGuidance(steps), adaptive: adaptiveGuidance(threshold) };
type Loop = keyof typeof policies;
const work = (loop: Loop) =>
  guidedSample(predict, flowSampler(), { ...common, policy: policies[loop] });

const folder = await mkdtemp(path.join(tmpdir(), "etude-bench-"));
const file = path.join(folder, "inputs.npz");
await writeFile(file, writeNpz({ ...arrays, initial, condition }));

const peer = startPaperPeer("adaptive-guidance", [
  file,
  steps,
  strength,
  threshold,
  values.threads,
]);

const loops = [
  ["full", "full guidance"],
  ["adaptive", "adaptive guidance"],
] as const;
const times = loops.map(() => ({ ours: [] as number[], theirs: [] as number[], needed: 0 }));
for (const [i, [loop, name]] of loops.entries()) {
  const mine = await work(loop);
  const theirs = (await peer.ask(loop)).result;
  const apart = Math.max(...theirs.map((value, at) => Math.abs(value - mine.samples.data[at])));
  if (!(apart < 5e-2)) throw new Error(`${name}: results differ by ${apart}`);
  times[i].needed = mine.evaluations.reduce((sum, count) => sum + count, 0) / samples;
}
// Everything in turn in every round, so that a disturbance hits all.
for (let round = 0; round < rounds; round++) {
  for (const [i, [loop]] of loops.entries()) {
    const began = performance.now();
    await work(loop);
    times[i].ours.push(performance.now() - began);
    times[i].theirs.push((await peer.ask(loop)).milliseconds);
  }
}
const parts = loops.map(([, name], i) => {
  const [ours, theirs] = [median(times[i].ours), median(times[i].theirs)];
  return `${name}, ${times[i].needed.toFixed(1)} evaluations: ${ours.toFixed(0)} ms, PyTorch ${theirs.toFixed(0)} ms, ${(theirs / ours).toFixed(2)}x`;
});
peer.end();
await rm(folder, { recursive: true });
process.stdout.write(`adaptive-guidance  ${parts.join("; ")}\n`);
