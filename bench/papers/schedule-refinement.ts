/**
 * The inner loops of schedule refinement beside Python: a sweep of 55 runs of softmax regression
 * (vehicle, 15 epochs of batches of 16, norms recorded), against PyTorch with all runs in one tensor
 * too; and the median filter of a long record, against SciPy's. Both sides get the same numbers and
 * take turns; medians over the rounds.
 *
 *   ETUDE_BENCH_PYTHON=~/peers/bin/python node bench/papers/schedule-refinement.ts [--rounds 7] [--threads 2]
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { dataLoader, writeNpz } from "@etude/data";
import { array, random, setThreads } from "@etude/tensor";
import { medianFilterReflect } from "../../packages/papers/src/schedule-refinement/medianFilter.ts";
import { compileRuns } from "../../packages/papers/src/schedule-refinement/softmaxRegression.ts";
import {
  cosine,
  flat,
  inverse,
  inverseSqrt,
  linearDecay,
} from "../../packages/papers/src/schedule-refinement/standardSchedules.ts";
import { ratesOf } from "../../packages/papers/src/schedule-refinement/sweep.ts";
import { shuffled } from "../../packages/papers/src/schedule-refinement/tableRuns.ts";
import { examplesOf } from "../../packages/papers/src/schedule-refinement/tables.ts";
import { compared, farthest, inTurns, startPaperPeer } from "../paperPeer.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "7" }, threads: { type: "string", default: "2" } },
});
const rounds = Number(values.rounds);
setThreads(Number(values.threads));

const examples = await examplesOf("vehicle", dataLoader());
const batches = shuffled(examples.inputs.shape[0], 15, random.generator(0));
const [steps] = batches.rows.shape;
// Larger ones diverge, and what diverges differs between libraries.
const peaks = Array.from({ length: 11 }, (_, i) => 2 ** (i - 10));
const schedules = [flat, inverse, inverseSqrt, cosine, linearDecay].map((of) => of(steps));
const rates = ratesOf(schedules, peaks);
const run = compileRuns("sgd");

const [length, width] = [100_000, 10_001];
const draw = random.generator(1);
const record = Float64Array.from({ length }, () => Math.exp(draw.normal()));

const work = {
  sweep: async () => Array.from((await run(examples, batches, rates)).losses.data),
  // Ends differ from SciPy's: the inner part is what must agree.
  filter: async () => Array.from(medianFilterReflect(record, width).subarray(width, 2 * width)),
};

const folder = await mkdtemp(path.join(tmpdir(), "etude-bench-"));
const file = path.join(folder, "inputs.npz");
await writeFile(
  file,
  writeNpz({
    inputs: examples.inputs,
    targets: examples.targets,
    rows: batches.rows,
    rates,
    record: array(record),
  }),
);

const peer = startPaperPeer("schedule-refinement", [file, width, values.threads]);

const parts: string[] = [];
for (const [loop, name, other] of [
  ["sweep", `${rates.shape[1]} runs of ${steps} steps`, "PyTorch"],
  ["filter", `median of ${length} norms, width ${width}`, "SciPy"],
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
  parts.push(compared(name, times, other));
}
peer.end();
await rm(folder, { recursive: true });
process.stdout.write(`schedule-refinement  ${parts.join("; ")}\n`);
