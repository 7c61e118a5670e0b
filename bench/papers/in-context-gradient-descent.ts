/**
 * Training of self-attention on fresh linear tasks beside PyTorch and JAX: 100 steps of Adam with clipped
 * gradients on batches of 512 tasks (10 inputs, 10 pairs), the drawing of the tasks included, for one
 * layer and for two that share their weights. All start from the weights of gradient descent with half
 * of its step and take turns; medians over the rounds. Tasks are each side's own, so that losses agree to
 * some parts in a hundred. PyTorch runs step by step, JAX as one compiled scan.
 *
 *   ETUDE_BENCH_PYTHON=~/peers/bin/python node bench/papers/in-context-gradient-descent.ts [--rounds 7] [--threads 2]
 */
import { parseArgs } from "node:util";
import { lastOf } from "@etude/learn";
import { evaluate, random, setThreads } from "@etude/tensor";
import { gradientDescentLayer } from "../../packages/papers/src/in-context-gradient-descent/descent.ts";
import { attentionRegressor } from "../../packages/papers/src/in-context-gradient-descent/regressors.ts";
import { linearSampler } from "../../packages/papers/src/in-context-gradient-descent/tasks.ts";
import { trainer } from "../../packages/papers/src/in-context-gradient-descent/training.ts";
import { median } from "../contest.ts";
import { startPaperPeer } from "../paperPeer.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "7" }, threads: { type: "string", default: "2" } },
});
const rounds = Number(values.rounds);
setThreads(Number(values.threads));

const [steps, batch, stepSize] = [100, 512, 3];
const task = { inputSize: 10, contextLength: 10, inputRange: 1, weightScale: 1 };
const layer = await evaluate(gradientDescentLayer({ ...task, stepSize }));

function training(layers: number): () => Promise<number> {
  const options = { steps, batch, learningRate: 1e-3, clipNorm: 0.001, stepsPerCall: steps };
  const train = trainer(
    attentionRegressor({ inputSize: 10, layers }),
    linearSampler(task),
    options,
  );
  let seed = 0;
  return async () => {
    const { history } = await lastOf(train({ key: random.key(seed++), start: [layer] }));
    return history[0].loss;
  };
}
const work = { 1: training(1), 2: training(2) } as const;

const peer = startPaperPeer<number>("in-context-gradient-descent", [
  steps,
  batch,
  stepSize,
  values.threads,
]);

const peers = ["torch", "jax"] as const;
const parts: string[] = [];
for (const layers of [1, 2] as const) {
  const mine = await work[layers]();
  const times: Record<string, number[]> = { etude: [] };
  for (const name of peers) {
    const { result } = await peer.ask(`${name} ${layers}`);
    times[name] = [];
    if (!(Math.abs(result - mine) < 0.05 * mine))
      throw new Error(`${layers} layers: ${name} has the loss ${result}, Etude ${mine}`);
  }
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    await work[layers]();
    times.etude.push(performance.now() - began);
    for (const name of peers) times[name].push((await peer.ask(`${name} ${layers}`)).milliseconds);
  }
  const [a, torch, jax] = [times.etude, times.torch, times.jax].map(median);
  parts.push(
    `${layers} layer${layers > 1 ? "s" : ""}: ${(a / steps).toFixed(2)} ms a step, PyTorch ${(torch / steps).toFixed(2)} ms, ${(torch / a).toFixed(2)}x, JAX ${(jax / steps).toFixed(2)} ms, ${(jax / a).toFixed(2)}x`,
  );
}
peer.end();
process.stdout.write(`in-context-gradient-descent  ${parts.join("; ")}\n`);
