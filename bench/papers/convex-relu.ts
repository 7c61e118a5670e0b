/**
 * The inner loops of convex ReLU training beside PyTorch: 300 iterations of ADMM with the factorised
 * u-update (240 digits of 65 inputs, 48 patterns, float64), and 200 steps of Adam on the penalised
 * robust program. Both sides get the same numbers and take turns; medians over the rounds.
 *
 *   ETUDE_BENCH_PYTHON=~/peers/bin/python node bench/papers/convex-relu.ts [--rounds 7] [--threads 2]
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { dataLoader, writeNpz } from "@etude/data";
import { array, random, setThreads } from "@etude/tensor";
import { convexReluAdmm } from "../../packages/papers/src/convex-relu/admm.ts";
import { convexAdversarial } from "../../packages/papers/src/convex-relu/adversarial.ts";
import { twoClasses } from "../../packages/papers/src/convex-relu/pairs.ts";
import { samplePatterns } from "../../packages/papers/src/convex-relu/patterns.ts";
import { compared, farthest, inTurns, startPaperPeer } from "../paperPeer.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "7" }, threads: { type: "string", default: "2" } },
});
const rounds = Number(values.rounds);
setThreads(Number(values.threads));

const [iterations, steps, eps] = [300, 200, 0.12];
const { X, y } = twoClasses(await dataLoader().images("digits"), [3, 8], 240, 0).train;
const patterns = samplePatterns(X, 48, random.generator(1));
const robust = { eps, beta: 1e-4, loss: "hinge", steps } as const;

const work = {
  admm: async () => {
    const options = { beta: 0.1, iterations, every: iterations, tolerance: 0 };
    const { v, w } = await convexReluAdmm(X, y, patterns, options);
    return [...v.data, ...w.data];
  },
  // Kinks and Adam's quotients make roundings grow: the first steps are compared.
  robust: async () =>
    Array.from((await convexAdversarial(X, y, patterns, robust)).losses.slice(0, 8)),
};

const folder = await mkdtemp(path.join(tmpdir(), "etude-bench-"));
const file = path.join(folder, "inputs.npz");
const D = array(Float64Array.from(patterns.D), { shape: [patterns.count, patterns.samples] });
await writeFile(file, writeNpz({ X, y, D }));

const peer = startPaperPeer("convex-relu", [file, iterations, steps, eps, values.threads]);

const parts: string[] = [];
for (const [loop, name] of [
  ["admm", `${iterations} iterations of ADMM`],
  ["robust", `${steps} robust steps`],
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
  parts.push(compared(name, times));
}
peer.end();
await rm(folder, { recursive: true });
process.stdout.write(`convex-relu  ${parts.join("; ")}\n`);
