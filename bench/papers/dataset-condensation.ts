/**
 * The outer loops of dataset condensation beside PyTorch: fresh networks, each with five matching steps
 * and training on the synthetic images between them, on five classes of garments of 14 x 14 pixels.
 * Class-wise (DC) and contrastive (DCC) for a perceptron, contrastive for a convolutional network. Both
 * sides get the same images, networks and batches, and take turns; medians over the rounds.
 *
 *   ETUDE_BENCH_PYTHON=~/peers/bin/python node bench/papers/dataset-condensation.ts [--rounds 7] [--threads 2]
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { dataLoader, writeNpz } from "@etude/data";
import { jit, type NDArray, setThreads, type Tensor, treeFlatten } from "@etude/tensor";
import { condense } from "../../packages/papers/src/dataset-condensation/condense.ts";
import { drawing } from "../../packages/papers/src/dataset-condensation/draws.ts";
import {
  loadSource,
  materialOf,
} from "../../packages/papers/src/dataset-condensation/experiment/material.ts";
import { quick } from "../../packages/papers/src/dataset-condensation/experiment/options.ts";
import { keyOf, rowsByClass } from "../../packages/papers/src/dataset-condensation/labelled.ts";
import {
  convolutional,
  type Network,
  perceptron,
} from "../../packages/papers/src/dataset-condensation/networks.ts";
import {
  type CondenseOptions,
  completeOptions,
} from "../../packages/papers/src/dataset-condensation/settings.ts";
import { farthest, inTurns, startPaperPeer } from "../paperPeer.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "7" }, threads: { type: "string", default: "2" } },
});
const rounds = Number(values.rounds);
setThreads(Number(values.threads));

const source = await loadSource(quick, dataLoader());
const { train } = materialOf(source, { ...quick, testExamples: 10 });
const inputs = train.x.shape.slice(1);
const nets: Record<string, Network> = {
  perceptron: perceptron([64, 64])(inputs, train.numClasses),
  convolutional: convolutional({ width: 32, depth: 2 })(inputs, train.numClasses),
};
const loops = [
  { name: "perceptron DC", net: "perceptron", method: "DC", outer: 20 },
  { name: "perceptron DCC", net: "perceptron", method: "DCC", outer: 20 },
  { name: "convolutional DCC", net: "convolutional", method: "DCC", outer: 2 },
] as const;

const optionsOf = ({ method, outer }: (typeof loops)[number]): CondenseOptions => ({
  method,
  ipc: 1,
  outerLoops: outer,
  innerLoops: 5,
  netEpochs: 5,
  batchReal: 64,
  outerWarmup: 0,
  innerWarmup: 0,
  seed: 1,
});

/** What chance decides, for the peer: initial parameters and batches of every network and step. */
const arrays: Record<string, NDArray> = { x: train.x };
for (const loop of loops) {
  const settings = completeOptions(optionsOf(loop));
  const net = nets[loop.net];
  const init = jit((key: Tensor) => net.init(key));
  const draws = drawing(rowsByClass(train), net, settings);
  for (let o = 0; o < loop.outer; o++) {
    const [leaves] = treeFlatten(await init(keyOf(settings.seed, "networks", o)));
    leaves.forEach((leaf, i) => {
      arrays[`${loop.name}/theta${o}/${i}`] = leaf as NDArray;
    });
    for (let i = 0; i < settings.innerLoops; i++)
      arrays[`${loop.name}/rows${o}/${i}`] = draws.at(o, i).rows;
  }
  arrays[`${loop.name}/initial`] = (
    await condense(train, net, { ...optionsOf(loop), outerLoops: 1 })
  ).initial;
}
const folder = await mkdtemp(path.join(tmpdir(), "etude-bench-"));
const file = path.join(folder, "inputs.npz");
const named = Object.entries(arrays).map(([name, array]) => [name.replaceAll(/[ /]/g, "_"), array]);
await writeFile(file, writeNpz(Object.fromEntries(named)));

const peer = startPaperPeer("dataset-condensation", [file, values.threads]);

const parts: string[] = [];
for (const loop of loops) {
  const work = () => condense(train, nets[loop.net], optionsOf(loop));
  const request = (outer: number) =>
    JSON.stringify({
      name: loop.name.replaceAll(" ", "_"),
      kind: loop.net,
      method: loop.method,
      outer,
    });
  // Kinks make roundings grow over many networks: the images after the first one are compared.
  const first = await condense(train, nets[loop.net], { ...optionsOf(loop), outerLoops: 1 });
  const theirs = (await peer.ask(request(1))).result;
  const mine = Array.from(first.images.data, Number);
  const apart = farthest(mine, theirs);
  if (!(apart < 1e-2)) throw new Error(`${loop.name}: images differ by ${apart}`);
  await work();
  const times = await inTurns(rounds, work, () => peer.ask(request(loop.outer)));
  const [a, b] = times.map((time) => time / loop.outer);
  parts.push(
    `${loop.name}: ${a.toFixed(1)} ms a network, PyTorch ${b.toFixed(1)} ms, ${(b / a).toFixed(2)}x`,
  );
}
peer.end();
await rm(folder, { recursive: true });
process.stdout.write(`dataset-condensation  ${parts.join("; ")}\n`);
