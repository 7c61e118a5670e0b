/** Digits under a signal that all classes have in common, as strong as one likes. */
import type { RunContext } from "../../contract/context.ts";
import { progress, type Running } from "../../contract/events.ts";
import { cluttered } from "../clutter.ts";
import { condensedStep } from "../condensedStep.ts";
import { compileEvaluator, evaluateWith } from "../evaluation.ts";
import { channelScale, type Labelled, standardise } from "../labelled.ts";
import { perceptron } from "../networks.ts";
import { evaluationOf } from "./garments.ts";
import { pictures, quarterWarm, settingsOf } from "./material.ts";
import type { Options } from "./options.ts";

/** Mean accuracies in per cent. */
export interface ClutterScores {
  readonly beta: number;
  readonly random: number;
  readonly DC: number;
  readonly DCC: number;
}

/** Units of progress. */
export const unitsOfClutter = ({ betas }: Options): number => 2 * betas.length;

export async function* measureClutter(
  options: Options,
  context: RunContext,
  done: number,
  total: number,
): Running<ClutterScores[]> {
  const { seed, data, step } = context;
  const { betas, clutterTrain, clutterTest } = options;
  if (betas.length === 0) return [];
  const [train, test] = [
    pictures(await data.images("mnist", { part: "train" }), [], clutterTrain, 2),
    pictures(await data.images("mnist", { part: "test" }), [], clutterTest, 2),
  ];
  const net = perceptron(options.hidden.length > 0 ? options.hidden : [64, 64])(
    train.x.shape.slice(1),
    train.numClasses,
  );
  const evaluator = compileEvaluator(net, evaluationOf(options));
  const loops = quarterWarm({
    ipc: 1,
    outerLoops: options.clutterOuterLoops,
    innerLoops: options.innerLoops,
    netEpochs: options.netEpochs,
  });
  const results: ClutterScores[] = [];
  for (const [place, beta] of betas.entries()) {
    const under = ({ x, y, numClasses }: Labelled, stream: number): Labelled => ({
      x: cluttered(x, { beta, seed }, stream),
      y,
      numClasses,
    });
    const [dirty, held] = [under(train, 0), under(test, 1)];
    const scale = channelScale(dirty.x);
    const real = { ...dirty, x: standardise(dirty.x, scale) };
    const seen = { ...held, x: standardise(held.x, scale) };
    const name = `clutter ${beta}`;
    const score = (images: typeof real.x, labels: number[]) =>
      evaluateWith(evaluator, images, Int32Array.from(labels), seen, {
        networks: options.evalNetworks,
        seed,
      }).then(({ mean }) => 100 * mean);
    const scores: number[] = [];
    let random = Number.NaN;
    for (const [i, method] of (["DC", "DCC"] as const).entries()) {
      const label = `digits, common signal of ${beta}: ${method}`;
      const at = { label, done: done + 2 * place + i, total };
      const settings = settingsOf(options, loops, method, seed);
      const set = yield* condensedStep(`${name}/${method}`, real, net, settings, context, at);
      scores.push(yield* step(`${name}/${method}, evaluated`, () => score(set.images, set.labels)));
      if (i === 0) random = yield* step(`${name}/random`, () => score(set.initial, set.labels));
    }
    const [DC, DCC] = scores;
    results.push({ beta, random, DC, DCC });
  }
  yield progress(done + unitsOfClutter(options), total, "digits: done");
  return results;
}
