/** What the held-out rows are also predicted with. */
import { eye, jit, linalg, type NDArray, random, type Tensor } from "@etude/tensor";
import type { RunContext } from "../../contract/context.ts";
import { progress, type Running } from "../../contract/events.ts";
import { networkObjective, predict, type ReluNetwork } from "../recovery.ts";
import { sampledConvexProgram } from "../sampled.ts";
import { type Division, inputsOf, type Samples } from "./division.ts";
import type { UseOptions } from "./options.ts";
import type { Predicted } from "./pipeline.ts";
import { fromOutputs } from "./predictions.ts";
import { adamNetwork, type TrainedNetwork } from "./train.ts";

export interface Baseline {
  readonly name: string;
  readonly predicted: Predicted;
  /** (1) with the weight decay of the model, where it is a network of this kind. */
  readonly objective: number | null;
}

/** The same objective by other ways to train, a linear model, and a constant. */
export async function* baselinesFor(
  division: Division,
  samples: Samples,
  options: UseOptions,
  { beta, loss }: Pick<TrainedNetwork, "beta" | "loss">,
  context: RunContext,
): Running<Baseline[]> {
  const held = inputsOf(division.encoder, division.held);
  const { X, y } = samples;
  const trained: [name: string, network: ReluNetwork][] = [];
  yield progress(0, 1, "for comparison, Adam");
  trained.push([
    "the same network, Adam",
    yield* context.step("baseline-adam", () => adamNetwork(samples, options, beta, context.seed)),
  ]);
  if (options.method === "admm" && loss !== "hinge") {
    const { neurons } = options;
    yield progress(0, 1, "for comparison, a sampled convex program");
    trained.push([
      `sampled convex program, ${neurons} units`,
      yield* context.step("baseline-sampled", async () => {
        const generator = random.generator(context.seed).fork(2);
        const given = { neurons, generator, beta, loss, tolerance: 0.01, iterations: 5000 };
        return (await sampledConvexProgram(X, y, given)).network;
      }),
    ]);
  }
  const found: Baseline[] = [];
  for (const [name, network] of trained) {
    found.push({
      name,
      predicted: fromOutputs(division.target, (await predict(network, held)).data),
      objective: await networkObjective(X, y, network, beta, loss),
    });
  }
  return [...found, await linear(division, samples, held), constant(division, samples)];
}

const ridge = jit((X: Tensor, y: Tensor, held: Tensor) => {
  // A hair of shrinkage, since columns of categories depend on each other.
  const d = X.shape[1];
  const gram = X.transpose().matmul(X);
  const regular = gram.add(
    gram
      .trace()
      .mul(1e-6 / d)
      .mul(eye(d, d, "float64")),
  );
  return held.matmul(linalg.solve(regular, X.transpose().matmul(y)));
});

/** Where the two classes part: between 0 and 1, or -1 and 1. */
const middle = ({ y }: Samples): number => (Array.from(y.data).includes(-1) ? 0 : 0.5);

async function linear(division: Division, samples: Samples, held: NDArray): Promise<Baseline> {
  const outputs = await ridge(samples.X, samples.y, held);
  const shift = division.target.task === "binary" ? middle(samples) : 0;
  const shifted = Float64Array.from(outputs.data, (z) => z - shift);
  return {
    name: "linear, least squares",
    predicted: fromOutputs(division.target, shifted),
    objective: null,
  };
}

/** The mean of the training rows, or their more frequent class. */
function constant({ target, held }: Division, samples: Samples): Baseline {
  const { y } = samples;
  const mean = Array.from(y.data).reduce((sum, value) => sum + value, 0) / y.size;
  const output = target.task === "binary" ? mean - middle(samples) : mean;
  const outputs = new Float64Array(held.rows).fill(output);
  return { name: "constant", predicted: fromOutputs(target, outputs), objective: null };
}
