/** What the models say about every judged task, and what is written of it. */
import { type Column, table, toCsv, writeNpz } from "@etude/data";
import {
  concat,
  exportOnnx,
  grad,
  jit,
  lift,
  type NDArray,
  type Tensor,
  type TensorTree,
  treeFlatten,
  treeUnflatten,
  zeros,
} from "@etude/tensor";
import type { OutputFile } from "../../contract/use.ts";
import { modelOf, sensitivity } from "../alignment.ts";
import type { Contestant, Contestants } from "../contestants.ts";
import type { Source } from "./source.ts";
import { rawTokens } from "./tableTasks.ts";
import type { Fitted } from "./train.ts";

/** By model: predictions [B] in the units of the user, and sensitivities [B, d] in those of the tokens. */
export interface Predicted {
  readonly truth: Float64Array;
  readonly predictions: Readonly<Record<string, Float64Array>>;
  readonly sensitivities: Readonly<Record<string, NDArray>>;
}

export async function predictAll(
  { judged, scaling }: Source,
  all: Contestants,
): Promise<Predicted> {
  const raw = ({ data }: NDArray): Float64Array =>
    Float64Array.from(data, (value) => value * scaling.targetScale + scaling.targetMean);
  const predictions: Record<string, Float64Array> = {};
  const sensitivities: Record<string, NDArray> = {};
  for (const [name, { regressor, params }] of Object.entries(all)) {
    const run = jit((given: TensorTree, tokens: Tensor) => {
      const model = modelOf(regressor, given);
      return [model(tokens), sensitivity(model, tokens)];
    });
    const [predicted, slopes] = await run(params, judged.tokens);
    predictions[name] = raw(predicted);
    sensitivities[name] = slopes;
  }
  return { truth: raw(judged.target), predictions, sensitivities };
}

/** Cosine of two sensitivities of each task. */
export function cosines(a: NDArray, b: NDArray): Float64Array {
  const [rows, width] = a.shape;
  return Float64Array.from({ length: rows }, (_, i) => {
    let [dot, left, right] = [0, 0, 0];
    for (let j = i * width; j < (i + 1) * width; j++) {
      dot += a.data[j] * b.data[j];
      left += a.data[j] ** 2;
      right += b.data[j] ** 2;
    }
    return dot / ((Math.sqrt(left) + 1e-8) * (Math.sqrt(right) + 1e-8));
  });
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

export function filesOf(source: Source, fitted: Fitted, predicted: Predicted): OutputFile[] {
  return [
    {
      name: "model.onnx",
      describe:
        "the trained model: inputs and targets of a context and a query in, the prediction, its sensitivity to the query and the prediction of gradient descent out",
      bytes: exportModel(source, fitted),
    },
    {
      name: "predictions.csv",
      describe: "every judged task: truth, prediction of each model, cosine of the sensitivities",
      bytes: encode(predictionsCsv(source, fitted, predicted)),
    },
    {
      name: "weights.npz",
      describe: "the weights of the model, and their normalised products where they exist",
      bytes: writeNpz(weightsOf(fitted)),
    },
    {
      name: "history.csv",
      describe: "loss and likeness during training",
      bytes: encode(historyCsv(fitted)),
    },
  ];
}

function predictionsCsv(source: Source, { reference }: Fitted, predicted: Predicted): string {
  const { truth, predictions, sensitivities } = predicted;
  const numeric = (name: string, values: Float64Array): Column => ({
    name,
    kind: "numeric",
    values,
  });
  const hasRows = source.queries.some(({ row }) => row !== null);
  return toCsv(
    table("predictions.csv", [
      { name: "task", kind: "text", values: source.queries.map(({ task }) => task) },
      ...(hasRows
        ? [
            numeric(
              "row",
              Float64Array.from(source.queries, ({ row }) => row ?? Number.NaN),
            ),
          ]
        : []),
      numeric("truth", truth),
      ...Object.entries(predictions).map(([name, values]) => numeric(name, values)),
      numeric(`cosine with ${reference}`, cosines(sensitivities.trained, sensitivities[reference])),
    ]),
  );
}

function weightsOf({ contestants, products }: Fitted): Record<string, NDArray> {
  const [leaves, { paths }] = treeFlatten(contestants.trained.params);
  const named = leaves.map((leaf, i): [string, NDArray] => [
    paths[i].replace(/\W+/g, ".").replace(/^\./, "") || "weight",
    leaf as NDArray,
  ]);
  return { ...Object.fromEntries(named), ...(products !== null && { ...products }) };
}

function historyCsv({ history }: Fitted): string {
  const entries = history.filter(({ measured }) => Object.keys(measured).length > 0);
  const names = Object.keys(entries.at(-1)?.measured ?? {});
  const column = (name: string, of: (entry: Fitted["history"][number]) => number): Column => ({
    name,
    kind: "numeric",
    values: Float64Array.from(entries, of),
  });
  return toCsv(
    table("history.csv", [
      column("step", ({ step }) => step),
      column("training loss", ({ loss }) => loss),
      ...names.map((name) => column(name, ({ measured }) => measured[name])),
    ]),
  );
}

/**
 * The model as a file: inputs [n, N, p], targets [n, N] and query [n, p] in the user's units; prediction
 * [n], its gradient with respect to the query [n, p], and what gradient descent predicts [n].
 */
function exportModel({ scaling, inputs, contextLength }: Source, fitted: Fitted): Uint8Array {
  const { trained, GD } = fitted.contestants;
  const inUnits = (
    { regressor }: Contestant,
    params: TensorTree,
    x: Tensor,
    y: Tensor,
    query: Tensor,
  ): Tensor => {
    const tokens = rawTokens(concat([x, query.expandDims(1)], 1), y, scaling);
    const model = modelOf(regressor, params);
    return model(tokens).mul(scaling.targetScale).add(scaling.targetMean);
  };
  const weights = { trained: trained.params, descent: GD.params };
  const lifted = { trained: liftTree(trained.params), descent: liftTree(GD.params) };
  const whole = (x: Tensor, y: Tensor, query: Tensor): Tensor[] => {
    const prediction = (at: Tensor): Tensor => inUnits(trained, lifted.trained, x, y, at);
    return [
      prediction(query),
      grad((at: Tensor) => prediction(at).sum())(query),
      inUnits(GD, lifted.descent, x, y, query),
    ];
  };
  const p = inputs.length;
  return exportOnnx(
    whole,
    [zeros([2, contextLength, p]), zeros([2, contextLength]), zeros([2, p])],
    {
      inputNames: ["inputs", "targets", "query"],
      outputNames: ["prediction", "sensitivity", "gradient_descent"],
      dynamicBatch: true,
      parameters: weights,
      metadata: { "etude.inputs": JSON.stringify(inputs) },
    },
  );
}

/** Arrays as constants of a graph, in the same tree. */
const liftTree = (params: Contestant["params"]): TensorTree => {
  const [leaves, structure] = treeFlatten(params);
  return treeUnflatten(
    structure,
    leaves.map((leaf) => lift(leaf)),
  ) as TensorTree;
};
