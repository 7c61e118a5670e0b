/** A model of the user's labelled images, trained here, and its file. */
import { array, exportOnnx, type NDArray, type Tensor, zeros } from "@etude/tensor";
import type { RunContext } from "../../contract/context.ts";
import { progress, type Running } from "../../contract/events.ts";
import {
  type ConditionalNet,
  conditionalMlp,
  conditionalUnet,
  cyclingClasses,
  fitGaussianMixture,
  flowPath,
  flowSampler,
  gaussianMixtureModel,
  type Predict,
  perSample,
  predictWith,
  trainDenoiser,
} from "../../diffusion/index.ts";
import { averageDecay } from "../learnedModel.ts";
import { latentsOf, type Pictures, type Show, showLatents, showPixels } from "../pictures.ts";
import type { UseOptions } from "./options.ts";
import type { Subject } from "./subject.ts";

/** The entry of a model file's metadata by which it is sampled from without flags. */
export const metadataKey = "etude.diffusion";

export interface LabelledPictures {
  readonly pictures: Pictures;
  readonly names: readonly string[];
}

/** What a model works on. */
interface Space {
  readonly values: NDArray;
  readonly shape: readonly number[];
  readonly show: Show;
  readonly note: string;
}

interface Model {
  readonly predict: Predict;
  /** The same with a class number for every sample, the one after the last for no condition. */
  labelled(x: Tensor, t: Tensor, labels: Tensor): Tensor;
  readonly note: string;
}

/** Trains a velocity model with dropped labels, or fits a Gaussian a class. */
export async function* trainedSubject(
  data: LabelledPictures,
  options: UseOptions,
  context: RunContext,
): Running<{ subject: Subject; file: Uint8Array }> {
  const { pictures, names } = data;
  const { images, classes } = pictures;
  const [count, channels, height, width] = images.shape;
  yield progress(0, 1, "preparing the images");
  const space = await spaceOf(pictures, options);
  const model =
    options.network === "gaussian"
      ? await gaussianModel(space, pictures)
      : yield* networkModel(space, pictures, options, context);
  const subject: Subject = {
    predict: model.predict,
    sampler: flowSampler(),
    shape: space.shape,
    show: space.show,
    condition: (samples) => cyclingClasses(samples, classes),
    negative: () => null,
    names,
    notes: [
      `The model works on ${width} x ${height} pixels${channels === 3 ? " in color" : ""}: ${count} images of ${classes} classes.`,
      space.note,
      model.note,
    ],
  };
  return { subject, file: modelFile(model, space, names) };
}

async function spaceOf(pictures: Pictures, { network, components }: UseOptions): Promise<Space> {
  const { images } = pictures;
  const [count, ...shape] = images.shape;
  const pixels = shape.reduce((product, length) => product * length, 1);
  if (network === "unet")
    return { values: images, shape, show: showPixels, note: "Its samples are pixels." };
  const kept = Math.min(components, pixels, Math.max(1, count - 1));
  const latents = await latentsOf(pictures, kept, 10_000);
  const explained = (100 * latents.components.explained).toFixed(1);
  return {
    values: latents.values.astype("float32"),
    shape: [kept],
    show: showLatents(latents.components),
    note: `Its samples are ${kept} principal components, which keep ${explained} % of the variance of the images.`,
  };
}

/** In float64 inside, in float32 for whoever samples. */
async function gaussianModel({ values }: Space, { labels, classes }: Pictures): Promise<Model> {
  const mixture = await fitGaussianMixture(values.astype("float64"), labels, { ridge: 1e-2 });
  const exact = gaussianMixtureModel(mixture, { path: flowPath() }).predict;
  const predict: Predict = (x, t, condition) =>
    exact(x.astype("float64"), t.astype("float64"), condition).astype("float32");
  return {
    predict,
    labelled: (x, t, given) => {
      const guided = predict(x, t, given.minimum(classes - 1));
      const free = predict(x, t, null);
      const isClass = perSample(given.less(classes).astype("float32"), x);
      return free.add(guided.sub(free).mul(isClass));
    },
    note: "Each class is one Gaussian: exact predictions, of pictures as plain as that.",
  };
}

async function* networkModel(
  { values, shape }: Space,
  { labels, classes }: Pictures,
  options: UseOptions,
  context: RunContext,
): Running<Model> {
  const path = flowPath();
  const net = networkFor(options, shape, classes, path.embeddingScale);
  const { trainSteps, batchSize, learningRate, dropLabels } = options;
  const { params, loss } = yield* context.step("train", () =>
    trainDenoiser(
      net,
      { x: values, labels: array(labels) },
      {
        path,
        kind: "velocity",
        steps: trainSteps,
        batchSize,
        learningRate,
        dropLabels,
        averageDecay: averageDecay(trainSteps),
        seed: context.seed,
      },
      { label: "training", done: 0, total: 1 },
      { metric: "training loss", checkpoint: context.checkpoints("train") },
    ),
  );
  const predict = predictWith(net, params);
  return {
    predict,
    labelled: predict,
    note: `Trained for ${trainSteps} steps; mean squared error of the velocity ${loss.toFixed(3)}.`,
  };
}

function networkFor(
  { network, width, blocks }: UseOptions,
  shape: readonly number[],
  classes: number,
  timeScale: number,
): ConditionalNet {
  if (network === "mlp")
    return conditionalMlp({ inputs: shape[0], classes, width, blocks, timeScale });
  const [channels, height, across] = shape;
  // Group normalisation has groups of eight; sides are multiples of four.
  const features = Math.max(8, width - (width % 8));
  const sizes = { channels, height, width: across, classes, features, timeScale };
  return conditionalUnet({ ...sizes, levels: Math.min(blocks, 3) });
}

/**
 * The model as an ONNX file: x [n, ...], t [n] and condition int32 [n] to the prediction, and the picture
 * that x itself shows.
 */
function modelFile({ labelled }: Model, { shape, show }: Space, names: readonly string[]) {
  const model = (x: Tensor, t: Tensor, condition: Tensor): Tensor[] => [
    labelled(x, t, condition),
    show(x),
  ];
  const about = { predicts: "velocity", schedule: "flow", classes: names.length, names };
  return exportOnnx(model, [zeros([2, ...shape]), zeros([2]), zeros([2], "int32")], {
    inputNames: ["x", "t", "condition"],
    outputNames: ["prediction", "image"],
    dynamicBatch: true,
    metadata: { [metadataKey]: JSON.stringify(about) },
  });
}
