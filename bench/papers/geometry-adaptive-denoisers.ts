/**
 * The inner loop of geometry-adaptive-denoisers beside PyTorch: Adam steps of a bias-free UNet
 * (16 channels, 2 levels) on 32 images of 16 x 16 with noise of random levels. Both sides start from
 * the same weights and first see the same noise, to compare a step; then they take turns; medians over
 * the rounds.
 *
 *   ETUDE_BENCH_PYTHON=~/peers/bin/python node bench/papers/geometry-adaptive-denoisers.ts [--rounds 7] [--threads 2]
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeNpz } from "@etude/data";
import { adam, applyUpdates, type TensorTree } from "@etude/learn";
import {
  evaluate,
  jit,
  type MapLeaves,
  type NDArray,
  random,
  setThreads,
  type Tensor,
  valueAndGrad,
} from "@etude/tensor";
import {
  type DenoiserParams,
  type DenoiserState,
  denoisingLoss,
  drawNoise,
  geometricImages,
  initDenoiser,
} from "../../packages/papers/src/denoising/index.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "7" }, threads: { type: "string", default: "2" } },
});
const rounds = Number(values.rounds);
const steps = 20;
setThreads(Number(values.threads));

const options = { architecture: "unet", channels: 16, blocks: 2, imageChannels: 1 } as const;
const optimiser = adam(1e-3);
interface State {
  params: DenoiserParams;
  state: DenoiserState;
  optimiser: TensorTree;
}
const asTree = (params: DenoiserParams) => params as unknown as TensorTree;
const start = jit((key: Tensor): State => {
  const { params, state } = initDenoiser(key, options);
  return { params, state, optimiser: optimiser.init(asTree(params)) };
});
const update = jit((before: State, clean: Tensor, key: Tensor) => {
  const lossOf = (params: DenoiserParams): [Tensor, DenoiserState] => {
    const { loss, state } = denoisingLoss(options, params, before.state, clean, key);
    return [loss, state];
  };
  const [[loss, state], gradients] = valueAndGrad(lossOf, { hasAux: true })(before.params);
  const params = asTree(before.params);
  const next = optimiser.update(asTree(gradients), before.optimiser, params);
  const after: State = {
    params: applyUpdates(params, next.updates) as unknown as DenoiserParams,
    state,
    optimiser: next.state,
  };
  return { after, loss };
});

const clean = await geometricImages(random.key(0), 32, { size: 16, alpha: 2 });
const initial = await start(random.key(1));
const firstKey = random.key(2);
const noise = await evaluate(drawNoise(firstKey, [32, 1, 16, 16]));
const train = async (): Promise<void> => {
  let state: MapLeaves<State, NDArray> = initial;
  for (let step = 0; step < steps; step++)
    state = (await update(state, clean, random.key(100 + step))).after;
};

const folder = await mkdtemp(path.join(tmpdir(), "etude-bench-"));
const file = path.join(folder, "inputs.npz");
const { weights, gammas } = initial.params;
await writeFile(
  file,
  writeNpz({
    clean,
    noise,
    ...Object.fromEntries(weights.map((weight, i) => [`w${i}`, weight])),
    ...Object.fromEntries(gammas.map((gamma, i) => [`g${i}`, gamma])),
  }),
);

const script = fileURLToPath(
  new URL("../peers/papers/geometry-adaptive-denoisers.py", import.meta.url),
);
const peer = spawn(
  process.env.ETUDE_BENCH_PYTHON ?? "python3",
  [script, file, String(steps), values.threads],
  { stdio: ["pipe", "pipe", "inherit"] },
);
const answers = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
const ask = async (what: "loss" | "train"): Promise<{ milliseconds: number; result: number }> => {
  peer.stdin.write(`${what}\n`);
  const { value, done } = await answers.next();
  if (done) throw new Error("the peer ended early; is PyTorch there? See bench/README.md");
  return JSON.parse(value);
};

const mine = (await update(initial, clean, firstKey)).loss.item();
const theirs = (await ask("loss")).result;
if (!(Math.abs(mine - theirs) < 1e-3 * Math.abs(theirs)))
  throw new Error(`the losses of the first step differ: ${mine} and ${theirs}`);

const median = (all: number[]): number => all.sort((a, b) => a - b)[Math.floor(all.length / 2)];
await train();
await ask("train");
const [ours, others]: number[][] = [[], []];
for (let round = 0; round < rounds; round++) {
  const began = performance.now();
  await train();
  ours.push(performance.now() - began);
  others.push((await ask("train")).milliseconds);
}
peer.stdin.end();
await rm(folder, { recursive: true });
const [a, b] = [median(ours), median(others)];
process.stdout.write(
  `geometry-adaptive-denoisers  ${steps} updates of a UNet: ${a.toFixed(0)} ms, PyTorch ${b.toFixed(0)} ms, ${(b / a).toFixed(2)}x\n`,
);
