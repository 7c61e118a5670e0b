/** The algorithm: synthetic images learnt so that gradients on them agree with those on the real data. */
import { gatherRows } from "@etude/data";
import { type CheckpointStore, decodeState, encodeState } from "@etude/learn";
import { NDArray, random, zeros } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { drawing, stacked } from "./draws.ts";
import { drawImages, keyOf, type Labelled, rowsByClass, streams } from "./labelled.ts";
import type { Network } from "./networks.ts";
import { type ArrayCarry, callsFor } from "./outerLoop.ts";
import {
  type CondenseOptions,
  completeOptions,
  contrastsAt,
  isAugmented,
  type Settings,
} from "./settings.ts";

export interface Condensed {
  /** float32 [C ipc, ...], class after class, as they were learnt: not cut to a range. */
  readonly images: NDArray;
  readonly labels: Int32Array;
  /** What they began as: the random selection, or noise. */
  readonly initial: NDArray;
  /** The loss that was descended at every matching step: outer loops times inner loops. */
  readonly lossHistory: Float32Array;
  /** Equations (2) and (3) at the start of each outer loop, for a fresh network, whatever is descended. */
  readonly classwise: Float32Array;
  readonly contrastive: Float32Array;
  readonly snapshots: readonly { readonly outer: number; readonly images: NDArray }[];
}

/** Where a condensation is. */
export interface CondenseStep {
  /** Outer loops done, of `outers`. */
  readonly outer: number;
  readonly outers: number;
  /** Matching steps done, of `steps`, in all outer loops. */
  readonly step: number;
  readonly steps: number;
  /** Of the last step. */
  readonly loss: number;
  /** At the start of this outer loop. */
  readonly classwise: number;
  readonly contrastive: number;
}

/**
 * Condense a data set to `ipc` images per class, one call after the other, each a part of an outer
 * loop: a fresh network is drawn, and by turns the images descend equation (2) or (3) with momentum and
 * the network is trained on them. The momentum of the images lives on from network to network.
 *
 * With the same seed all methods begin with the same images, and see the same real batches and
 * networks.
 *
 * @param checkpoint keeps the state every few seconds; a run that is started again goes on there
 * @throws UsageError for options without sense (see `completeOptions`), labels out of range, a class
 * without images or with fewer than `ipc`, or siamese augmentation of what are no images
 */
export async function* condensing(
  data: Labelled,
  net: Network,
  options: CondenseOptions,
  checkpoint?: CheckpointStore,
): AsyncGenerator<CondenseStep, Condensed, void> {
  const settings = completeOptions(options);
  const { ipc, outerLoops, innerLoops, seed, snapshots } = settings;
  const byClass = rowsByClass(data);
  const inputs = data.x.shape.slice(1);
  checkFit(data, net, settings);
  const initial = startOf(data, byClass, settings);
  const blocks = [data.numClasses, ipc, ...inputs];
  const calls = callsFor(net, settings);
  const draws = drawing(byClass, net, settings);
  const { x } = data;

  let held: Held = {
    S: initial.reshape(blocks),
    velocity: zeros(blocks),
    outer: 0,
    losses: zeros([outerLoops * innerLoops]),
    classwise: zeros([outerLoops]),
    contrastive: zeros([outerLoops]),
    kept: snapshots.includes(0) ? { 0: initial } : {},
  };
  const mark = JSON.stringify({ ...settings, shape: data.x.shape });
  const found = await checkpoint?.load();
  if (found !== undefined) {
    const stored = decodeState(found) as { readonly mark: string; readonly held: Held };
    if (stored.mark === mark) held = stored.held;
  }
  let savedAt = performance.now();

  for (let o = held.outer; o < outerLoops; o++) {
    const [losses, classwise, contrastive] = [held.losses, held.classwise, held.contrastive].map(
      ({ data }) => data as Float32Array,
    );
    const [first, ...later] = Array.from({ length: innerLoops }, (_, i) => draws.at(o, i));
    const begun = await calls.begin(contrastsAt(settings, o, 0))(
      { S: held.S, velocity: held.velocity },
      x,
      draws.weights,
      first,
      keyOf(seed, "networks", o),
    );
    let carry: ArrayCarry = begun.carry;
    losses[o * innerLoops] = begun.loss.item();
    classwise[o] = begun.classwise.item();
    contrastive[o] = begun.contrastive.item();
    const told = (step: number): CondenseStep => ({
      outer: step < innerLoops ? o : o + 1,
      outers: outerLoops,
      step: o * innerLoops + step,
      steps: outerLoops * innerLoops,
      loss: losses[o * innerLoops + step - 1],
      classwise: classwise[o],
      contrastive: contrastive[o],
    });
    for (const { from, to, contrasts } of partsOf(settings, o, stepsAtOnce(net, data, settings))) {
      yield told(from);
      const part = later.slice(from - 1, to - 1);
      const [next, seen] = await calls.advance(contrasts)(carry, x, draws.weights, stacked(part));
      carry = next;
      losses.set(seen.data, o * innerLoops + from);
    }
    held = { ...held, S: carry.S, velocity: carry.velocity, outer: o + 1 };
    if (snapshots.includes(o + 1))
      held = { ...held, kept: { ...held.kept, [o + 1]: carry.S.reshape(initial.shape) } };
    if (checkpoint !== undefined && performance.now() - savedAt > 1000 * secondsBetween) {
      await checkpoint.save(encodeState({ mark, held }));
      savedAt = performance.now();
    }
    yield told(innerLoops);
  }
  return {
    images: held.S.reshape(initial.shape),
    labels: labelsOf(data.numClasses, ipc),
    initial,
    lossHistory: held.losses.data as Float32Array,
    classwise: held.classwise.data as Float32Array,
    contrastive: held.contrastive.data as Float32Array,
    snapshots: Object.entries(held.kept).map(([outer, images]) => ({
      outer: Number(outer),
      images,
    })),
  };
}

/** Between two checkpoints. */
const secondsBetween = 10;

interface Held {
  readonly S: NDArray;
  readonly velocity: NDArray;
  /** Outer loops done. */
  readonly outer: number;
  readonly losses: NDArray;
  readonly classwise: NDArray;
  readonly contrastive: NDArray;
  readonly kept: Readonly<Record<string, NDArray>>;
}

/**
 * The whole condensation; see {@link condensing}, which can be watched and stopped between two calls.
 *
 * @example
 * const { images, labels } = await condense(data, perceptron([64, 64])([1, 14, 14], 5), {
 *   method: "DCC", ipc: 1, seed: 1,
 * });
 */
export async function condense(
  data: Labelled,
  net: Network,
  options: CondenseOptions & { readonly onStep?: (step: CondenseStep) => void },
): Promise<Condensed> {
  const { onStep, ...rest } = options;
  const running = condensing(data, net, rest);
  for (;;) {
    const next = await running.next();
    if (next.done) return next.value;
    onStep?.(next.value);
  }
}

/** Class after class, `ipc` times each. */
export const labelsOf = (classes: number, ipc: number): Int32Array =>
  Int32Array.from({ length: classes * ipc }, (_, i) => Math.floor(i / ipc));

function checkFit({ x, numClasses }: Labelled, net: Network, settings: Settings): void {
  const inputs = x.shape.slice(1);
  if (net.classes !== numClasses || net.inputs.join() !== inputs.join())
    throw new UsageError(
      `the network takes [${net.inputs.join(", ")}] and ${net.classes} classes; the data are [${inputs.join(", ")}] with ${numClasses}`,
    );
  if (isAugmented(settings.method) && inputs.length !== 3)
    throw new UsageError(
      `${settings.method} augments images [channels, height, width]; an example here is [${inputs.join(", ")}]`,
    );
}

function startOf({ x }: Labelled, byClass: readonly Int32Array[], settings: Settings): NDArray {
  const rows = drawImages(byClass, settings.ipc, settings.seed);
  if (settings.init === "real") return gatherRows(x, rows);
  const generator = random.generator(settings.seed).fork(streams.initial).fork(0);
  const shape = [rows.length, ...x.shape.slice(1)];
  const size = shape.reduce((product, length) => product * length, 1);
  const noise = Float32Array.from({ length: size }, () => generator.normal());
  return new NDArray(noise, shape, "float32");
}

/** Steps of one kind that one call takes, after the first of an outer loop. */
function partsOf(settings: Settings, o: number, most: number) {
  const parts: { from: number; to: number; contrasts: boolean }[] = [];
  for (let i = 1; i < settings.innerLoops; i++) {
    const contrasts = contrastsAt(settings, o, i);
    const last = parts[parts.length - 1];
    if (last !== undefined && last.contrasts === contrasts && last.to - last.from < most)
      last.to = i + 1;
    else parts.push({ from: i, to: i + 1, contrasts });
  }
  return parts;
}

/** As many steps as take about a second, so that a run can be watched and stopped. */
function stepsAtOnce(net: Network, { numClasses }: Labelled, settings: Settings): number {
  const { batchReal, netEpochs, ipc } = settings;
  const images = numClasses * (batchReal + netEpochs * ipc);
  return Math.max(1, Math.floor(2e10 / (3 * net.cost * images)));
}
