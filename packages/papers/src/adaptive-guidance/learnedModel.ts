/** The networks of the experiment and what they work on. */
import type { NDArray } from "@etude/tensor";
import { type ConditionalNet, conditionalMlp, conditionalUnet } from "../diffusion/index.ts";
import type { Options } from "./options.ts";
import { latentsOf, type Pictures, type Show, showLatents, showPixels } from "./pictures.ts";

/** The average looks back over about a twentieth of the training. */
export const averageDecay = (steps: number): number => 1 - 1 / Math.max(2, steps / 20);

/** What a network works on. */
export interface LearningSpace {
  /** float32 [N, ...] */
  readonly values: NDArray;
  readonly shape: readonly number[];
  readonly show: Show;
}

export async function learningSpace(options: Options, train: Pictures): Promise<LearningSpace> {
  if (options.network === "unet")
    return { values: train.images, shape: train.images.shape.slice(1), show: showPixels };
  const { components, values } = await latentsOf(
    train,
    options.learnedDimensions,
    options.fittedImages,
  );
  return {
    values: values.astype("float32"),
    shape: [options.learnedDimensions],
    show: showLatents(components),
  };
}

export function networkFor(
  { network, width, blocks }: Options,
  shape: readonly number[],
  classes: number,
  timeScale: number,
): ConditionalNet {
  if (network === "mlp")
    return conditionalMlp({ inputs: shape[0], classes, width, blocks, timeScale });
  const [channels, height, across] = shape;
  return conditionalUnet({
    channels,
    height,
    width: across,
    classes,
    features: width,
    levels: blocks,
    timeScale,
  });
}
