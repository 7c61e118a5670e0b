/**
 * The inner loops of the paper beside PyTorch: 20 Lanczos steps on the Hessian of a small network, and
 * the same training at 23 learning rates. Both sides get the same numbers and take turns; medians over
 * the rounds. PyTorch trains one rate after the other, as its users would, and all at once by vmap.
 *
 *   ETUDE_BENCH_PYTHON=~/peers/bin/python node bench/papers/batch-size-learning-rates.ts [--rounds 7] [--threads 2]
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { writeNpz } from "@etude/data";
import { softmaxCrossEntropy } from "@etude/learn";
import {
  type ArrayTree,
  array,
  evaluate,
  NDArray,
  random,
  setThreads,
  treeLeaves,
} from "@etude/tensor";
import {
  hessianVectorProduct,
  type Loss,
} from "../../packages/papers/src/batch-size-learning-rates/curvature.ts";
import { lanczos } from "../../packages/papers/src/batch-size-learning-rates/lanczos.ts";
import { namedNetwork } from "../../packages/papers/src/batch-size-learning-rates/networks.ts";
import {
  compileRateSweep,
  drawnWithReplacement,
  rateGrid,
} from "../../packages/papers/src/batch-size-learning-rates/stability.ts";
import { compared, farthest, inTurns, startPaperPeer } from "../paperPeer.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "7" }, threads: { type: "string", default: "2" } },
});
const rounds = Number(values.rounds);
setThreads(Number(values.threads));

const [rows, features, classes, batchSize, trainingSteps, lanczosSteps] = [
  1797, 64, 10, 16, 100, 20,
];
const draw = random.generator(0);
const examples = {
  inputs: new NDArray(
    Float32Array.from({ length: rows * features }, () => draw.normal()),
    [rows, features],
    "float32",
  ),
  targets: new NDArray(
    Int32Array.from({ length: rows }, () => draw.integer(classes)),
    [rows],
    "int32",
  ),
};
const network = namedNetwork("mlp-32-32", { inputs: [features], outputs: classes }, "float32");
const loss: Loss = (params, x, y) => softmaxCrossEntropy(network.model(params, x), y).mean();
const start = (await evaluate(network.init(random.key(0)))) as ArrayTree;
const hessian = hessianVectorProduct(loss).of(start, examples);
const first = Float64Array.from({ length: hessian.size }, () => draw.normal());
const sweep = compileRateSweep(loss, "sgd");
const rates = rateGrid(0.001, Math.SQRT2, 23);
const order = drawnWithReplacement(rows, trainingSteps * batchSize, draw);

const work = {
  lanczos: async () => [
    ...(await lanczos(hessian, { steps: lanczosSteps, start: first })).ritzValues,
  ],
  sweep: () => sweep({ start, examples, order, batchSize, rates }),
};
const loops = [
  ["lanczos", "lanczos", `${lanczosSteps} Lanczos steps`],
  ["sweep", "sweep", `${rates.length} rates, ${trainingSteps} steps`],
  ["sweep", "sweep-vmap", "the same against vmap"],
] as const;

const folder = await mkdtemp(path.join(tmpdir(), "etude-bench-"));
const file = path.join(folder, "inputs.npz");
const weights = Object.fromEntries(
  treeLeaves(start).map((leaf, i) => [`parameter${i}`, leaf as NDArray]),
);
await writeFile(
  file,
  writeNpz({
    ...examples,
    first: array(first, { dtype: "float64" }),
    rates: array(rates),
    order: new NDArray(order, [trainingSteps, batchSize], "int32"),
    ...weights,
  }),
);

const peer = startPaperPeer("batch-size-learning-rates", [file, lanczosSteps, values.threads]);

const parts: string[] = [];
for (const [own, theirs, name] of loops) {
  const mine = await work[own]();
  const { result } = await peer.ask(theirs);
  const apart = farthest(mine, result);
  if (!(apart < 1e-3)) throw new Error(`${name}: results differ by ${apart}`);
  const times = await inTurns(
    rounds,
    () => work[own](),
    () => peer.ask(theirs),
  );
  parts.push(compared(name, times));
}
peer.end();
await rm(folder, { recursive: true });
process.stdout.write(`batch-size-learning-rates  ${parts.join("; ")}\n`);
