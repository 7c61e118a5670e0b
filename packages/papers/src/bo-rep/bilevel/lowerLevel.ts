/** Ways to solve the lower problem a little: descent steps, kept in a ball, in epochs. */
import { globalNorm, mapTensors } from "@etude/learn";
import { lift, type Tensor } from "@etude/tensor";
import { UsageError } from "../../contract/errors.ts";
import { addScaled, floatOf, lengthOf, scanTrees, subtract, zerosOf } from "./trees.ts";

/** The gradient of g in y on one batch, at a fixed x. */
export type LowerGradient<Y, B> = (y: Y, batch: B) => Y;

/** Proj_{B(c, r)}(y) = c + (y - c) min(1, r / |y - c|), the norm over all leaves; all of space for r = Infinity. */
export function projectBall<Y>(y: Y, centre: Y, radius: number): Y {
  if (radius === Number.POSITIVE_INFINITY) return y;
  const away = subtract(y, centre);
  const distance = globalNorm(away);
  // At the centre the quotient is infinite, and the minimum 1.
  const factor = lift(radius, distance.dtype).div(distance).minimum(1);
  return addScaled(centre, factor, away);
}

export interface DescentOptions {
  /** Of the ball around the first point that iterates are kept in; Infinity for none. */
  readonly radius?: number;
  /** The mean of the iterates instead of the last. */
  readonly average?: boolean;
}

/**
 * y <- Proj( y - rate grad_y g(x, y; zeta_t) ), one step for every entry of the leading axis of
 * `batches` (10).
 */
export function lowerDescent<Y, B>(
  gradient: LowerGradient<Y, B>,
  start: Y,
  batches: B,
  rate: Tensor,
  { radius = Number.POSITIVE_INFINITY, average = false }: DescentOptions = {},
): Y {
  const count = lengthOf(batches);
  if (count === 0) return start;
  const step = ({ y, sum }: { y: Y; sum: Y }, batch: B) => {
    const next = projectBall(addScaled(y, rate.neg(), gradient(y, batch)), start, radius);
    const total = average ? mapTensors((a, b) => a.add(b), sum, next) : sum;
    return [{ y: next, sum: total }, []] as const;
  };
  const [last] = scanTrees(step, { y: start, sum: zerosOf(start) }, batches);
  return average ? mapTensors((leaf) => leaf.div(count), last.sum) : last.y;
}

export interface EpochSgdOptions {
  /** S. */
  readonly epochs: number;
  /** T0: steps of the first epoch; every later one has twice as many. */
  readonly firstSteps: number;
  /** gamma0, halved from epoch to epoch. */
  readonly rate: number;
  /** R0, of the ball around each epoch's first point; divided by sqrt 2 from epoch to epoch. */
  readonly radius: number;
}

/** Batches that {@link epochSgd} reads: T0 (2^S - 1). */
export const epochSgdSteps = ({ epochs, firstSteps }: EpochSgdOptions): number =>
  firstSteps * (2 ** epochs - 1);

/**
 * Epochs of projected SGD with shrinking step and ball; each begins at, and is centred on, the mean of
 * the iterates before it (9).
 *
 * Hazan, Kale, "Beyond the regret minimization barrier", JMLR 2014: the classical constants.
 *
 * @param batches {@link epochSgdSteps} of them, along the leading axis
 * @returns the centre after every epoch
 * @throws UsageError for options out of range or another number of batches
 */
export function epochSgd<Y, B>(
  gradient: LowerGradient<Y, B>,
  start: Y,
  batches: B,
  options: EpochSgdOptions,
): readonly Y[] {
  checkEpochs(options);
  const { epochs, firstSteps, rate, radius } = options;
  if (lengthOf(batches) !== epochSgdSteps(options))
    throw new UsageError(
      `epochSgd: ${epochs} epochs from ${firstSteps} steps read ${epochSgdSteps(options)} batches, got ${lengthOf(batches)}`,
    );
  const centres: Y[] = [];
  let [centre, from] = [start, 0];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const steps = firstSteps * 2 ** epoch;
    const part = mapTensors((leaf) => leaf.slice([from, from + steps]), batches);
    const settings = { radius: radius / Math.SQRT2 ** epoch, average: true };
    centre = lowerDescent(
      gradient,
      centre,
      part,
      lift(rate / 2 ** epoch, floatOf(start)),
      settings,
    );
    centres.push(centre);
    from += steps;
  }
  return centres;
}

export function checkEpochs({ epochs, firstSteps, rate, radius }: EpochSgdOptions): void {
  if (!(Number.isInteger(epochs) && epochs >= 1 && Number.isInteger(firstSteps) && firstSteps >= 1))
    throw new UsageError(
      `epochSgd: ${epochs} epochs from ${firstSteps} steps; both are whole numbers from 1`,
    );
  if (!(rate > 0 && radius > 0))
    throw new UsageError(`epochSgd: rate ${rate} and radius ${radius} must be positive`);
}
