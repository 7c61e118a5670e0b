/**
 * Explaining 50 rows of a small network beside Captum, the library of PyTorch for it: KernelSHAP,
 * SmoothGrad and Integrated Gradients with 1000 evaluations a row, each one compiled call here. Both
 * sides explain the same network at the same rows and take turns; medians over the rounds. Each is also
 * compared with PyTorch batched by hand over all rows, for those who would write it themselves.
 *
 *   ETUDE_BENCH_PYTHON=~/peers/bin/python node bench/papers/local-function-approximation.ts [--rounds 7] [--threads 2]
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeNpz } from "@etude/data";
import { jit, NDArray, random, setThreads, type Tensor } from "@etude/tensor";
import { integratedGradients } from "../../packages/papers/src/local-function-approximation/integratedGradients.ts";
import { kernelShap } from "../../packages/papers/src/local-function-approximation/kernelShap.ts";
import { smoothGrad } from "../../packages/papers/src/local-function-approximation/smoothGrad.ts";

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
const script = fileURLToPath(
  new URL("../peers/papers/local-function-approximation.py", import.meta.url),
);
const peer = spawn(
  process.env.ETUDE_BENCH_PYTHON ?? "python3",
  [script, file, String(samples), String(sigma), values.threads],
  { stdio: ["pipe", "pipe", "inherit"] },
);
const answers = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
const ask = async (loop: string): Promise<{ milliseconds: number; result: number[] }> => {
  peer.stdin.write(`${loop}\n`);
  const { value, done } = await answers.next();
  if (done) throw new Error("the peer ended early; are PyTorch and Captum there?");
  return JSON.parse(value);
};

/** Two samples of a random method agree to its noise, the deterministic one to rounding. */
const tolerance = { integrated: 1e-3, smooth: 0.05, shap: 0.5 } as const;
const median = (all: number[]): number => all.sort((a, b) => a - b)[Math.floor(all.length / 2)];
const parts: string[] = [];
for (const [own, theirs, name, who] of loops) {
  const mine = await explain[own](weights, x, random.key(1));
  const { result, milliseconds } = await ask(theirs);
  let [apart, size] = [0, 0];
  mine.data.forEach((value, i) => {
    apart += Math.abs(Number(value) - result[i]);
    size += Math.abs(Number(value));
  });
  if (!(apart < tolerance[own] * size))
    throw new Error(`${name}: results differ by ${apart / size} of their size`);
  const [ours, others]: number[][] = [[], []];
  // As everywhere in the benchmark: what takes more than two seconds is run in one round only.
  for (let round = 0; round < (milliseconds > 2000 ? 1 : rounds); round++) {
    const key = random.key(2 + round);
    const began = performance.now();
    await explain[own](weights, x, key);
    ours.push(performance.now() - began);
    others.push((await ask(theirs)).milliseconds);
  }
  const [a, b] = [median(ours), median(others)];
  parts.push(`${name}: ${a.toFixed(0)} ms, ${who} ${b.toFixed(0)} ms, ${(b / a).toFixed(2)}x`);
}
peer.stdin.end();
await rm(folder, { recursive: true });
process.stdout.write(`local-function-approximation  ${parts.join("; ")}\n`);
