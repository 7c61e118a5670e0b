/** What a person is told about a model: how good it is beside others, and when it is cut short. */
import { encodeTarget, type TargetEncoder } from "@etude/data";
import { array, type NDArray } from "@etude/tensor";
import type { Summary } from "../../contract/experiment.ts";
import type { DataTable, Figure, Mark } from "../../contract/figure.ts";
import { truthOf } from "../../tabular/target.ts";
import { measuresOf, quality } from "./quality.ts";
import type { Division, Trained } from "./train.ts";

/** A model and its {@link quality} on the held-out rows. */
interface Judged {
  readonly name: string;
  readonly values: readonly number[];
}

/**
 * @param predicted what the exported file predicts for the held-out rows with all of its units
 * @param half the same with half of them
 */
export function reportOn(
  division: Division,
  trained: Trained,
  predicted: NDArray,
  half: NDArray,
): Summary {
  const { target, held } = division;
  const truth = truthOf(target, division.held);
  const judge = (name: string, outputs: NDArray): Judged => ({
    name,
    values: quality(target, outputs, truth),
  });
  const judged = [
    judge("GBNN", predicted),
    judge("GBNN, half of its units", half),
    ...Object.entries(trained.networks).map(([name, outputs]) =>
      judge(`one network, ${name}`, outputs),
    ),
    judge("constant", constantPrediction(division)),
  ];
  return {
    tables: [
      {
        id: "held-out",
        title: `${target.column} of ${held.rows} rows that nothing was learnt from`,
        caption:
          "GBNN as model.onnx computes it. The other networks have as many units and saw the same training rows, at most maxRows of them; the constant is the mean, or the shares of the classes, of the training rows.",
        columns: ["model", ...measuresOf(target)],
        rows: judged.map(({ name, values }) => [name, ...values]),
      },
      choiceTable(trained),
    ],
    figures: [curveFigure(target, trained, judged)],
    findings: findings(division, trained, judged),
  };
}

/** The mean of the training rows, or the shares of their classes, for every held-out row. */
function constantPrediction({ target, fit, held }: Division): NDArray {
  if (target.task === "regression") {
    const values = truthOf(target, fit);
    const mean = Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
    return array(new Float64Array(held.rows).fill(mean));
  }
  const shares = new Float64Array(target.classes.length);
  for (const label of encodeTarget(target, fit).data) shares[label] += 1 / fit.rows;
  const rows = Float64Array.from(
    { length: held.rows * shares.length },
    (_, i) => shares[i % shares.length],
  );
  return array(rows, { shape: [held.rows, shares.length] });
}

const choiceTable = ({ candidates, chosen, model }: Trained): DataTable => ({
  id: "choice",
  title: "What the validation rows decided",
  caption: "The loss of each learning rate after the number of units where it is least.",
  columns: ["learning rate", "units", "validation loss", "chosen"],
  rows: candidates.map(({ learningRate, parts, loss }) => [
    learningRate,
    parts * model.parts[0].b.size,
    loss,
    learningRate === chosen.learningRate ? "yes" : "",
  ]),
});

/** The quality on held-out rows against the units in use, with the other models as levels. */
function curveFigure(
  target: TargetEncoder,
  { curve, chosen, model }: Trained,
  judged: readonly Judged[],
): Figure {
  const scale = target.task === "regression" ? target.scale : 1;
  const [measure] = measuresOf(target);
  const levels = judged
    .slice(2)
    .map(({ name, values: [score] }): Mark => ({ type: "rule", series: name, y: score }));
  return {
    id: "curve",
    title: "The network cut short",
    caption:
      "On the held-out rows. The model keeps the units up to the vertical line, where the validation loss was least.",
    x: { label: "hidden units in use" },
    y: { label: `${measure}, held-out rows` },
    marks: [
      {
        type: "line",
        series: "GBNN",
        x: curve.map(({ units }) => units),
        y: curve.map(({ score }) => scale * score),
      },
      ...levels,
      { type: "rule", series: "units kept", x: chosen.parts * model.parts[0].b.size },
    ],
  };
}

function findings(
  { target, fit, validation, held, withoutTarget }: Division,
  { encoder, chosen, model }: Trained,
  judged: readonly Judged[],
): string[] {
  const [measure] = measuresOf(target);
  const score = (name: string) => judged.find((each) => each.name === name)?.values[0];
  const show = (value: number | undefined) => (value ?? Number.NaN).toPrecision(4);
  const units = chosen.parts * model.parts[0].b.size;
  return [
    `Task: ${target.task}. Trained on ${fit.rows} rows and ${encoder.inputNames.length} inputs, chosen on ${validation.rows}, reported on ${held.rows}.`,
    `Hidden units of model.onnx: ${units} (learning rate ${chosen.learningRate}): held-out ${measure} ${show(score("GBNN"))}, with half of them ${show(score("GBNN, half of its units"))}; a constant has ${show(score("constant"))}.`,
    ...(withoutTarget > 0
      ? [`Rows left out because ${target.column} is missing: ${withoutTarget}.`]
      : []),
    ...encoder.warnings.map((warning) => `Note: ${warning}.`),
  ];
}
