/**
 * The inner loop of geometry-adaptive-denoisers beside PyTorch: Adam steps of a bias-free UNet
 * (16 channels, 2 levels) on 32 images of 16 x 16 with noise of random levels. Both sides start from
 * the same weights and first see the same noise, to compare a step; then they take turns; medians over
 * the rounds.
 *
 *   ETUDE_BENCH_PYTHON=~/peers/bin/python node bench/papers/geometry-adaptive-denoisers.ts [--rounds 7] [--threads 2]
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { writeNpz } from "@etude/data";
import { adam, applyUpdates } from "@etude/learn";
import {
  evaluate,
  jit,
  type MapLeaves,
  type NDArray,
  random,
  setThreads,
  type Tensor,
  type TensorTree,
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
import { compared, inTurns, startPaperPeer } from "../paperPeer.ts";

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

const peer = startPaperPeer<number>("geometry-adaptive-denoisers", [file, steps, values.threads]);

const mine = (await update(initial, clean, firstKey)).loss.item();
const theirs = (await peer.ask("loss")).result;
if (!(Math.abs(mine - theirs) < 1e-3 * Math.abs(theirs)))
  throw new Error(`the losses of the first step differ: ${mine} and ${theirs}`);

await train();
await peer.ask("train");
const times = await inTurns(rounds, train, () => peer.ask("train"));
peer.end();
await rm(folder, { recursive: true });
process.stdout.write(
  `geometry-adaptive-denoisers  ${compared(`${steps} updates of a UNet`, times)}\n`,
);
