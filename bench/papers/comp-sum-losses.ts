/**
 * The inner loops of adversarial comp-sum training beside PyTorch: 40 training steps on the smooth
 * adversarial loss (64-128-128-10, batches of 64, 10 steps of ascent each), and PGD-40 on the margins
 * of 512 examples. Both sides get the same numbers and take turns; medians over the rounds. The noise
 * that attacks start from is each side's own, so that results agree to some parts in a hundred.
 *
 *   ETUDE_BENCH_PYTHON=~/peers/bin/python node bench/papers/comp-sum-losses.ts [--rounds 7] [--threads 2]
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { dataLoader, take, writeNpz } from "@etude/data";
import { applyUpdates, initializers, mlp, sgd, takeRows } from "@etude/learn";
import {
  evaluate,
  jit,
  type NDArray,
  random,
  setThreads,
  type Tensor,
  type TensorTree,
  valueAndGrad,
} from "@etude/tensor";
import { survives } from "../../packages/papers/src/comp-sum-losses/attacks.ts";
import { smoothAdversarialLoss } from "../../packages/papers/src/comp-sum-losses/smoothAdversarial.ts";
import { compared, inTurns, startPaperPeer } from "../paperPeer.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "7" }, threads: { type: "string", default: "2" } },
});
const rounds = Number(values.rounds);
setThreads(Number(values.threads));

const [steps, batchSize, attacked] = [40, 64, 512];
const ball = { norm: "linf", radius: 0.15, low: 0, high: 1 } as const;
const net = mlp([64, 128, 128, 10], (x) => x.relu(), { weight: initializers.heNormal() });
type Params = ReturnType<typeof net.init>;

const { inputs, targets } = take(await dataLoader().images("digits"), steps * batchSize);
const count = targets.size;
const images = inputs.reshape([count, 64]);
const rowsOf = (step: number): Int32Array =>
  Int32Array.from({ length: batchSize }, (_, i) => (step * batchSize + i) % count);
const start = await evaluate(net.init(random.key(0)));
const optimiser = sgd(0.05, { momentum: 0.9, nesterov: true, weightDecay: 1e-4 });

const step = jit((params: Params, state: TensorTree, x: Tensor, labels: Tensor, key: Tensor) => {
  const objective = (p: Params): Tensor =>
    smoothAdversarialLoss((z) => net(p, z), x, labels, { ...ball, nu: 0.25 }, key).loss.mean();
  const [loss, gradient] = valueAndGrad(objective)(params);
  const next = optimiser.update(gradient as Params, state, params);
  return { params: applyUpdates(params, next.updates), state: next.state, loss };
});

async function trainSteps(): Promise<{ losses: number[]; params: typeof start }> {
  let [params, state] = [start, optimiser.init(start) as never];
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) {
    const [x, labels] = [takeRows(images, rowsOf(i)), takeRows(targets, rowsOf(i))];
    const next = await step(params, state, x, labels, random.key(i));
    [params, state] = [next.params, next.state as never];
    losses.push(next.loss.item());
  }
  return { losses, params };
}

const attack = { ...ball, objective: "margin", steps: 40 } as const;
const withstand = jit((params: Params, x: Tensor, labels: Tensor, key: Tensor) =>
  survives((z) => net(params, z), x, labels, [attack], key),
);
const trained = (await trainSteps()).params;
const firstRows = Int32Array.from({ length: attacked }, (_, i) => i);
const [someImages, someLabels] = [takeRows(images, firstRows), takeRows(targets, firstRows)];

const work = {
  train: async () => (await trainSteps()).losses.slice(-10),
  attack: async () => {
    const { data } = await withstand(trained, someImages, someLabels, random.key(9));
    return [Array.from(data, Number).reduce((sum, one) => sum + one, 0) / attacked];
  },
};

const folder = await mkdtemp(path.join(tmpdir(), "etude-bench-"));
const file = path.join(folder, "inputs.npz");
const named = (prefix: string, params: typeof start): Record<string, NDArray> =>
  Object.fromEntries(
    params.flatMap(({ weight, bias }, layer) => [
      [`${prefix}weight${layer}`, weight],
      ...(bias === undefined ? [] : [[`${prefix}bias${layer}`, bias] as const]),
    ]),
  );
const all = { images, labels: targets, ...named("", start), ...named("trained.", trained) };
await writeFile(file, writeNpz(all));

const peer = startPaperPeer("comp-sum-losses", [file, steps, batchSize, attacked, values.threads]);

const parts: string[] = [];
for (const [loop, name] of [
  ["train", `${steps} steps`],
  ["attack", `PGD-40 on ${attacked}`],
] as const) {
  const mine = await work[loop]();
  const theirs = (await peer.ask(loop)).result;
  const apart = Math.max(...mine.map((value, i) => Math.abs(value - theirs[i]) / (1 + value)));
  if (!(apart < 0.1)) throw new Error(`${name}: results differ by ${apart}`);
  const times = await inTurns(
    rounds,
    () => work[loop](),
    () => peer.ask(loop),
  );
  parts.push(compared(name, times));
}
peer.end();
await rm(folder, { recursive: true });
process.stdout.write(`comp-sum-losses  ${parts.join("; ")}\n`);
