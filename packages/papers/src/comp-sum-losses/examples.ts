/** Examples as a classifier takes them, and what is refused before it sees them. */
import { type Net, takeRows } from "@etude/learn";
import { jit, type MapLeaves, type NDArray, type Tensor } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";

/** Examples along the first axis. */
export interface Examples {
  /** float32 [n, ...] */
  readonly inputs: NDArray;
  /** int32 [n] */
  readonly labels: NDArray;
}

/** @throws UsageError for inputs that are not finite, or labels that are no class numbers */
export function checkExamples({ inputs, labels }: Examples): void {
  if (inputs.shape[0] !== labels.size || labels.dtype !== "int32")
    throw new UsageError(
      `${inputs.shape[0]} inputs beside ${labels.size} labels of type ${labels.dtype}; there is one int32 label for each`,
    );
  if (labels.size === 0) throw new UsageError("there are no examples");
  const odd = inputs.data.findIndex((value) => !Number.isFinite(value));
  if (odd < 0) return;
  const example = Math.floor(odd / (inputs.size / labels.size));
  throw new UsageError(`example ${example} holds ${inputs.data[odd]}; inputs must be finite`);
}

/**
 * Labels are used as positions, where a wrong one would be read as another.
 *
 * @throws UsageError with the first example whose label is no class
 */
export function checkClassNumbers({ labels }: Examples, classes: number): void {
  const wrong = labels.data.findIndex((label) => label < 0 || label >= classes);
  if (wrong < 0) return;
  throw new UsageError(
    `example ${wrong} has the label ${labels.data[wrong]}, but the classifier has the classes 0 to ${classes - 1}`,
  );
}

/** How many classes a network tells apart, asked of its first example and remembered. */
export function classCounter<P>(
  net: Net<P>,
): (params: MapLeaves<P, NDArray>, examples: Examples) => Promise<number> {
  const run = jit((params: P, x: Tensor) => net(params, x));
  let known: number | undefined;
  return async (params, { inputs }) => {
    known ??= scoresShape(await run(params as never, takeRows(inputs, [0])));
    return known;
  };
}

function scoresShape({ shape }: NDArray): number {
  if (shape.length === 2 && shape[1] >= 2) return shape[1];
  throw new UsageError(
    `a classifier gives scores [examples, classes] for two classes or more, this gives [${shape.join(", ")}] for one example`,
  );
}
