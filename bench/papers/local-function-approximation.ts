/**
 * Explaining 50 rows of a small network beside Captum, the library of PyTorch for it: KernelSHAP,
 * SmoothGrad and Integrated Gradients with 1000 evaluations a row, each one compiled call here. Both
 * sides explain the same network at the same rows and take turns; medians over the rounds. Each is also
 * compared with PyTorch batched by hand over all rows, for those who would write it themselves.
 *
 *   ETUDE_BENCH_PYTHON=~/peers/bin/python node bench/papers/local-function-approximation.ts [--rounds 7] [--threads 2]
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { writeNpz } from "@etude/data";
import { jit, NDArray, random, setThreads, type Tensor } from "@etude/tensor";
import { integratedGradients } from "../../packages/papers/src/local-function-approximation/integratedGradients.ts";
import { kernelShap } from "../../packages/papers/src/local-function-approximation/kernelShap.ts";
import { smoothGrad } from "../../packages/papers/src/local-function-approximation/smoothGrad.ts";
import { compared, inTurns, startPaperPeer } from "../paperPeer.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "7" }, threads: { type: "string", default: "2" } },
});
const rounds = Number(values.rounds);
setThreads(Number(values.threads));

const [rows, features, units, samples, sigma] = [50, 19, 64, 1000, 0.1];
const draw = random.generator(0);
const matrix = (n: number, m: number, scale = 1): NDArray =>
  new NDArray(
    Float32Array.from({ length: n * m }, () => scale * draw.normal()),
    [n, m],
    "float32",
  );
const x = matrix(rows, features);
const weights = {
  first: matrix(features, units, features ** -0.5),
  second: matrix(units, units, units ** -0.5),
  last: matrix(units, 1, units ** -0.5),
};
type Weights = { readonly [K in keyof typeof weights]: Tensor };
const network =
  ({ first, second, last }: Weights) =>
  (inputs: Tensor): Tensor =>
    inputs.matmul(first).tanh().matmul(second).tanh().matmul(last).squeeze(-1);

const explain = {
  integrated: jit((w: Weights, x: Tensor, _key: Tensor) =>
    integratedGradients(network(w), x, { steps: samples }),
  ),
  smooth: jit((w: Weights, x: Tensor, key: Tensor) =>
    smoothGrad(network(w), x, { sigma, samples, key }),
  ),
  shap: jit((w: Weights, x: Tensor, key: Tensor) => kernelShap(network(w), x, { samples, key })),
};
const loops = [
  ["integrated", "integrated", "Integrated Gradients", "Captum"],
  ["integrated", "integrated-batched", "the same", "PyTorch by hand"],
  ["smooth", "smooth", "SmoothGrad", "Captum"],
  ["smooth", "smooth-batched", "the same", "PyTorch by hand"],
  ["shap", "shap", "KernelSHAP", "Captum"],
  ["shap", "shap-batched", "the same", "PyTorch by hand"],
] as const;

const folder = await mkdtemp(path.join(tmpdir(), "etude-bench-"));
const file = path.join(folder, "inputs.npz");
await writeFile(file, writeNpz({ x, ...weights }));
const peer = startPaperPeer("local-function-approximation", [file, samples, sigma, values.threads]);

/** Two samples of a random method agree to its noise, the deterministic one to rounding. */
const tolerance = { integrated: 1e-3, smooth: 0.05, shap: 0.5 } as const;
const parts: string[] = [];
for (const [own, theirs, name, who] of loops) {
  const mine = await explain[own](weights, x, random.key(1));
  const { result, milliseconds } = await peer.ask(theirs);
  let [apart, size] = [0, 0];
  mine.data.forEach((value, i) => {
    apart += Math.abs(Number(value) - result[i]);
    size += Math.abs(Number(value));
  });
  if (!(apart < tolerance[own] * size))
    throw new Error(`${name}: results differ by ${apart / size} of their size`);
  // As everywhere in the benchmark: what takes more than two seconds is run in one round only.
  const times = await inTurns(
    milliseconds > 2000 ? 1 : rounds,
    (round) => explain[own](weights, x, random.key(2 + round)),
    () => peer.ask(theirs),
  );
  parts.push(compared(name, times, who));
}
peer.end();
await rm(folder, { recursive: true });
process.stdout.write(`local-function-approximation  ${parts.join("; ")}\n`);
