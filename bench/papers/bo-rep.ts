/**
 * The inner loops of BO-REP beside PyTorch: 40 outer steps on digits read pixel by pixel (recurrent
 * encoder of 32 units, 64 steps of time, batches of 64, a period of two steps with three lower ones),
 * and 500 outer steps of 14 rates side by side on the problem of growing smoothness, in float64. Both
 * sides get the same numbers and take turns; medians over the rounds.
 *
 *   ETUDE_BENCH_PYTHON=~/peers/bin/python node bench/papers/bo-rep.ts [--rounds 7] [--threads 2]
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { dataLoader, writeNpz } from "@etude/data";
import { array, type NDArray, setThreads, type Tensor } from "@etude/tensor";
import {
  boRepMethod,
  compileDescent,
  compiled,
  type HostBatches,
  ratesOf,
  stackTrees,
  startState,
} from "../../packages/papers/src/bo-rep/bilevel/index.ts";
import { type Rows, rowBatches } from "../../packages/papers/src/bo-rep/classification.ts";
import {
  growingNoise,
  growingProblem,
} from "../../packages/papers/src/bo-rep/experiment/growing.ts";
import {
  pixelEncoders,
  pixelHeads,
  pixelParts,
  pixelProblem,
} from "../../packages/papers/src/bo-rep/experiment/pixels.ts";
import { compared, farthest, inTurns, startPaperPeer } from "../paperPeer.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "7" }, threads: { type: "string", default: "2" } },
});
const rounds = Number(values.rounds);
setThreads(Number(values.threads));

const method = boRepMethod({ period: 2, lowerSteps: 3 });
const [pixelSteps, growingSteps] = [40, 500];
const sizes = { lower: 700, upper: 700, test: 397 };

const parts = pixelParts(await dataLoader().images("digits"), 0, sizes);
// The experiment keeps several encoders side by side; here it is one.
const one = (leaf: NDArray): NDArray => leaf.reshape(leaf.shape.slice(1));
const { input, hidden } = pixelEncoders([1], 32, 0);
const head = pixelHeads(1, 32);
if (input.bias === undefined || head.bias === undefined) throw new Error("a bias is missing");
const encoder = {
  input: { weight: one(input.weight), bias: one(input.bias) },
  hidden: { weight: one(hidden.weight) },
};
const linear = { weight: one(head.weight), bias: one(head.bias) };
const batchesAt = rowBatches(0, { ...sizes, batchSize: 64, lowerSteps: 3 });
const pixelRates = ratesOf({ upper: 0.01, lower: 0.5, linear: 0.5, momentum: 0.9 }, "float32");
const pixelDescent = compileDescent(pixelProblem(parts), method, { chunk: 19 });
const pixelStart = await compiled(startState<typeof encoder, typeof linear>)(encoder, linear);

const { problem, start, constants } = growingProblem(0);
const rates = Array.from({ length: 14 }, (_, i) => 10 ** (-6 + i / 2));
const repeated = (row: Float64Array): NDArray =>
  array(Float64Array.from(rates.flatMap(() => [...row])), { shape: [rates.length, row.length] });
const noise = growingNoise(0, growingSteps, 3);
const growingRates = ratesOf({ upper: rates, lower: 0.2, linear: 0.2, momentum: 0.9 }, "float64");
const growingDescent = compileDescent(problem, method, { runs: true, chunk: 249 });
const growingStart = await compiled(startState<{ v: Tensor }, { v: Tensor }>)(
  { v: repeated(start(6)) },
  { v: repeated(new Float64Array(5)) },
);

const work = {
  pixels: async () => {
    const { records } = await pixelDescent.advance(
      pixelStart,
      pixelRates,
      0,
      pixelSteps,
      batchesAt,
    );
    // A recurrence makes roundings grow: the first steps are compared.
    return [...records.value.subarray(0, 8)];
  },
  growing: async () => {
    const { state } = await growingDescent.advance(
      growingStart,
      growingRates,
      0,
      growingSteps,
      (k) => noise[k],
    );
    return Array.from(state.x.v.data);
  },
};

/** What the peer needs, batches by step. */
const stacked = (of: (batches: HostBatches<Rows>) => NDArray): NDArray =>
  stackTrees(Array.from({ length: pixelSteps }, (_, k) => of(batchesAt(k))));
const lowerNoise = (of: (batches: (typeof noise)[number]) => NDArray): NDArray =>
  stackTrees(noise.map(of));
const folder = await mkdtemp(path.join(tmpdir(), "etude-bench-"));
const file = path.join(folder, "inputs.npz");
await writeFile(
  file,
  writeNpz({
    lower: parts.lower.inputs,
    lowerLabels: parts.lower.labels,
    upper: parts.upper.inputs,
    upperLabels: parts.upper.labels,
    win: encoder.input.weight,
    b: encoder.input.bias,
    w: encoder.hidden.weight,
    xi: stacked(({ upper }) => upper.rows),
    zeta: stacked(({ lowerHvp }) => lowerHvp.rows),
    zetaMixed: stacked(({ lowerMixed }) => lowerMixed.rows),
    sgd: stacked(({ lowerSgd }) => stackTrees(lowerSgd.map((batch) => batch.rows))),
    ...constants,
    start: growingStart.x.v,
    rates: array(rates, { dtype: "float64" }),
    fNoise: lowerNoise(({ upper }) => upper.upper),
    sgdNoise: lowerNoise(({ lowerSgd }) => stackTrees(lowerSgd.map((batch) => batch.lower))),
  }),
);

const peer = startPaperPeer("bo-rep", [file, values.threads]);

const told: string[] = [];
for (const [loop, name] of [
  ["pixels", `${pixelSteps} steps with a recurrent encoder`],
  ["growing", `${growingSteps} steps of ${rates.length} rates`],
] as const) {
  const mine = await work[loop]();
  const theirs = (await peer.ask(loop)).result;
  const apart = farthest(mine, theirs);
  if (!(apart < 1e-3)) throw new Error(`${name}: results differ by ${apart}`);
  const times = await inTurns(
    rounds,
    () => work[loop](),
    () => peer.ask(loop),
  );
  told.push(compared(name, times));
}
peer.end();
await rm(folder, { recursive: true });
process.stdout.write(`bo-rep  ${told.join("; ")}\n`);
