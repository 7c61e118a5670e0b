/** The user's own classifier, trained further from the weights in its file. */
import { type Net, net, takeRows } from "@etude/learn";
import { importOnnx, jit, lift, type NDArray, type Tensor } from "@etude/tensor";
import { UsageError } from "../../contract/errors.ts";
import type { Material } from "./material.ts";

type Weights = Record<string, Tensor>;

/**
 * An ONNX classifier as a network whose parameters are the weights of the file. It has one input,
 * which takes the encoded examples, and its first output is scores [n, classes]. Where that output is
 * probabilities, as a file that ends with a softmax gives them, scores are their logarithms.
 *
 * @throws UsageError when it takes or gives something else
 */
export async function ownModel(
  bytes: Uint8Array,
  file: string,
  { shape, classes, fit }: Material,
): Promise<Net<Weights>> {
  const refuse = (problem: string): never => {
    throw new UsageError(`--model ${file}: ${problem}`);
  };
  const model = importOnnx(bytes);
  const [input, ...others] = model.inputs;
  const [output] = model.outputs;
  if (input === undefined || output === undefined || others.length > 0)
    refuse(
      `expected a model with one input, got ${model.inputs.map(({ name }) => name).join(", ") || "none"}`,
    );
  if (Object.keys(model.parameters).length === 0) refuse("there are no weights in it to train");
  const first = (weights: Weights, x: Tensor): Tensor =>
    model.apply(weights, { [input.name]: x })[output.name];

  const run = jit((x: Tensor) => first({}, x));
  const wanted = `expected a model from examples [n, ${shape.join(", ")}] to scores [n, ${classes.length}]`;
  const scoresFor = async (count: number): Promise<NDArray> => {
    const rows = Int32Array.from({ length: count }, (_, i) => i);
    try {
      return await run(takeRows(fit.inputs, rows));
    } catch (error) {
      const [reason] = (error instanceof Error ? error.message : String(error)).split("\n");
      return refuse(`${wanted}: ${reason}`);
    }
  };
  // Two sizes, as training and evaluation have batches of their own.
  await scoresFor(1);
  const some = await scoresFor(Math.min(16, fit.labels.size));
  if (some.rank !== 2 || some.shape[1] !== classes.length)
    refuse(`${wanted}, got [${some.shape.join(", ")}]`);
  const given = isProbabilities(some) ? logarithmOf(first) : first;
  return net(
    () => Object.fromEntries(Object.entries(model.parameters).map(([name, w]) => [name, lift(w)])),
    given,
  );
}

/** Below it a probability has no logarithm to speak of, and its slope would be that of 1 / 0. */
const leastProbability = 1e-7;

const logarithmOf =
  (probabilities: (weights: Weights, x: Tensor) => Tensor) =>
  (weights: Weights, x: Tensor): Tensor =>
    probabilities(weights, x).maximum(leastProbability).log();

function isProbabilities({ data, shape: [rows, width] }: NDArray): boolean {
  return Array.from({ length: rows }, (_, row) => {
    const values = Array.from(data.subarray(row * width, (row + 1) * width), Number);
    const sum = values.reduce((total, value) => total + value, 0);
    return values.every((value) => value >= 0) && Math.abs(sum - 1) < 1e-3;
  }).every(Boolean);
}
