/** Checks of an operation's value and derivatives, first and second, at one point. */
import type { DType } from "../dtype.ts";
import type { Tensor } from "../graph.ts";
import { jit } from "../jit.ts";
import type { NDArray } from "../ndarray.ts";
import { add, mul } from "../ops/arithmetic.ts";
import { sum } from "../ops/reduce.ts";
import { grad, hvp, jvp } from "../transform/derivatives.ts";
import {
  type Case,
  drawInputs,
  floatInputs,
  isFloatResult,
  outputsOf,
  referencesOf,
  resultsOf,
} from "./cases.ts";
import { expectClose, type Tolerance, toReference, valueIn } from "./compare.ts";
import { arrayOf, between, drawFrom, type Random, randomFrom } from "./random.ts";
import type { Reference } from "./reference.ts";

/** Everything the engine says about a case at one point; lists have one entry a float input. */
interface Measured {
  readonly values: NDArray[];
  readonly gradient: NDArray[];
  /** Directional derivatives of the float results. */
  readonly tangents: NDArray[];
  readonly forwardOverReverse: NDArray[];
  readonly reverseOverReverse: NDArray[];
}

/** A point: inputs, a direction to move the float ones in, and cotangents for the float results. */
export interface Point {
  readonly inputs: readonly NDArray[];
  readonly direction: readonly NDArray[];
  readonly cotangents: readonly NDArray[];
}

type Probe = (point: Point) => Promise<Measured>;

const inner = (a: readonly Tensor[], b: readonly Tensor[]): Tensor =>
  a.map((x, i) => sum(mul(x, b[i]))).reduce((x, y) => add(x, y));

/** The scalar <cotangents, f> as a function of the float inputs. */
export const lossOf =
  (c: Case) =>
  (floats: readonly Tensor[], inputs: readonly Tensor[], cotangents: readonly Tensor[]): Tensor =>
    inner(outputsOf(c, replaced(c, inputs, floats)).filter(isFloatResult), cotangents);

/** The inputs with the float ones exchanged. */
function replaced<T>(c: Case, inputs: readonly T[], floats: readonly T[]): T[] {
  const places = floatInputs(c);
  return inputs.map((input, i) => (places.includes(i) ? floats[places.indexOf(i)] : input));
}

/** One compiled function for all of a case's values and derivatives. */
function probe(c: Case): Probe {
  const places = floatInputs(c);
  const differentiable = places.length > 0 && resultsOf(c, "float64").some(isFloatResult);
  const loss = lossOf(c);
  const all = jit((inputs: Tensor[], direction: Tensor[], cotangents: Tensor[]) => {
    const values = outputsOf(c, inputs);
    if (!differentiable) {
      const none: Tensor[] = [];
      return {
        values,
        gradient: none,
        tangents: none,
        forwardOverReverse: none,
        reverseOverReverse: none,
      };
    }
    const floats = places.map((i) => inputs[i]);
    const outputs = (...moved: Tensor[]) =>
      outputsOf(c, replaced(c, inputs, moved)).filter(isFloatResult);
    const [, tangents] = jvp(outputs, floats, direction);
    const gradientAt = grad((xs: Tensor[]) => loss(xs, inputs, cotangents));
    const gradient = gradientAt(floats);
    const forwardOverReverse = hvp((xs: Tensor[]) => loss(xs, inputs, cotangents))(
      floats,
      direction,
    );
    const reverseOverReverse = grad((xs: Tensor[]) => inner(gradientAt(xs), direction))(floats);
    return { values, gradient, tangents, forwardOverReverse, reverseOverReverse };
  });
  return ({ inputs, direction, cotangents }) =>
    all([...inputs], [...direction], [...cotangents]) as Promise<Measured>;
}

export function drawPoint(c: Case, random: Random): Point {
  const inputs = drawInputs(c, random);
  const like = (shape: readonly number[]) =>
    drawFrom(between(shape, -1, 1), "float32", random).astype("float64");
  return {
    inputs,
    direction: floatInputs(c).map((i) => like(inputs[i].shape)),
    cotangents: resultsOf(c, "float64")
      .filter(isFloatResult)
      .map(({ shape }) => like(shape)),
  };
}

/** A point in another precision. */
export function pointIn(c: Case, { inputs, direction, cotangents }: Point, dtype: DType): Point {
  const cast = (list: readonly NDArray[]) => list.map((x) => x.astype(dtype));
  return {
    inputs: inputs.map((x, i) => (c.inputs[i].dtype === undefined ? x.astype(dtype) : x)),
    direction: cast(direction),
    cotangents: cast(cotangents),
  };
}

/** A point with its float inputs moved `step` along the direction. */
function moved(c: Case, point: Point, step: number): Point {
  const places = floatInputs(c);
  const inputs = point.inputs.map((x, i) => {
    const along = point.direction[places.indexOf(i)];
    if (along === undefined) return x;
    return arrayOf(
      [...x.data].map((value, e) => value + step * along.data[e]),
      x.shape,
      x.dtype,
    );
  });
  return { ...point, inputs };
}

/** Central difference of fourth order from the values at -2, -1, 1 and 2 steps. */
const slope = ([a, b, c, d]: readonly number[], step: number): number =>
  (8 * (c - b) - (d - a)) / (12 * step);

const steps = [-2, -1, 1, 2];
const step = 2e-4;

/** Slopes of entries of lists of references along a line. */
function slopes(along: readonly (readonly Reference[])[]): Reference[] {
  return along[0].map(({ shape, data }, k) => ({
    shape,
    data: data.map((_, e) =>
      slope(
        along.map((list) => list[k].data[e]),
        step,
      ),
    ),
  }));
}

/** <cotangents, reference> as a function of the inputs. */
function referenceLoss(c: Case, { cotangents }: Point): (at: readonly Reference[]) => number {
  const kinds = resultsOf(c, "float64").map(isFloatResult);
  return (at) =>
    pairing(
      referencesOf(c, at).filter((_, i) => kinds[i]),
      cotangents,
    );
}

/** The gradient of <cotangents, reference> by central differences, for every float input. */
function differences(c: Case, point: Point): Reference[] {
  const inputs = point.inputs.map(toReference);
  const loss = referenceLoss(c, point);
  return floatInputs(c).map((place) => {
    const { shape, data } = inputs[place];
    const entries = data.map((value, entry) => {
      const values = steps.map((times) =>
        loss(inputs.with(place, { shape, data: data.with(entry, value + times * step) })),
      );
      return slope(values, step);
    });
    return { shape, data: entries };
  });
}

/** The slope of <cotangents, reference> along the direction in each float input alone. */
export function directionalDifferences(c: Case, point: Point): number[] {
  const inputs = point.inputs.map(toReference);
  const loss = referenceLoss(c, point);
  return floatInputs(c).map((place, k) => {
    const { shape, data } = inputs[place];
    const along = point.direction[k].data;
    const values = steps.map((times) =>
      loss(inputs.with(place, { shape, data: data.map((x, e) => x + times * step * along[e]) })),
    );
    return slope(values, step);
  });
}

interface Vector {
  readonly data: ArrayLike<number>;
}

export function pairing(a: readonly Vector[], b: readonly Vector[]): number {
  let total = 0;
  a.forEach(({ data }, k) => {
    for (let e = 0; e < data.length; e++) total += data[e] * b[k].data[e];
  });
  return total;
}

const scalar = (value: number): Reference => ({ shape: [], data: [value] });
export const exact = { entry: 1e-12 };
export const differenced = { whole: 1e-6 };
const single = { value: { entry: 1e-5, whole: 2e-6 }, derivative: { whole: 1e-3 } };

/**
 * Check a case at a random point: the value against the reference, the gradient against differences
 * of the reference, forward against reverse mode, second derivatives by both routes against
 * differences of the gradient, and all of that in float32 against float64.
 */
export async function checkDerivatives(c: Case, seed = 1): Promise<void> {
  const random = randomFrom(seed);
  const point = drawPoint(c, random);
  const run = probe(c);
  const measured = await run(point);
  const expected = referencesOf(c, point.inputs.map(toReference));
  checkValues(c, ", float64", measured.values, expected, exact);

  const places = floatInputs(c);
  if (measured.gradient.length > 0) {
    const gradient = differences(c, point);
    const along: Reference[][] = [];
    for (const times of steps) {
      const { gradient: there } = await run(moved(c, point, times * step));
      along.push(there.map(toReference));
    }
    const curvature = slopes(along);
    places.forEach((place, k) => {
      const of = (what: string) => `${c.name}, float64: ${what} in argument ${place}`;
      expectClose(
        of("gradient against central differences"),
        measured.gradient[k],
        gradient[k],
        differenced,
      );
      expectClose(
        of("hvp (forward over reverse) against differences of the gradient"),
        measured.forwardOverReverse[k],
        curvature[k],
        differenced,
      );
      expectClose(
        of("second derivative (reverse over reverse) against differences of the gradient"),
        measured.reverseOverReverse[k],
        curvature[k],
        differenced,
      );
    });
    const pulled = pairing(measured.gradient, point.direction);
    const pushed = pairing(measured.tangents, point.cotangents);
    expectClose(
      `${c.name}: <cotangent, jvp> against <vjp, tangent>`,
      arrayOf([pushed], [], "float64"),
      scalar(pulled),
      { entry: 1e-11 },
    );
  }

  const narrow = await run(pointIn(c, point, "float32"));
  checkValues(c, ", float32", narrow.values, expected, single.value);
  for (const part of [
    "gradient",
    "tangents",
    "forwardOverReverse",
    "reverseOverReverse",
  ] as const) {
    narrow[part].forEach((got, k) => {
      const what = `${c.name}: ${part}[${k}] in float32 against float64`;
      expectClose(what, got, toReference(measured[part][k]), single.derivative);
    });
  }
}

export function checkValues(
  c: Case,
  label: string,
  got: readonly NDArray[],
  expected: readonly Reference[],
  tolerance: Tolerance = exact,
): void {
  if (got.length !== expected.length)
    throw new Error(`${c.name}: ${got.length} results where the reference has ${expected.length}`);
  got.forEach((value, k) => {
    const { shape, data } = expected[k];
    const isExact = !isFloatResult(value);
    const wrapped = isExact ? data.map((entry) => valueIn(value.dtype, entry)) : data;
    const allowed = value.dtype === "float32" ? single.value : tolerance;
    expectClose(
      `${c.name}${label}: value${got.length > 1 ? ` of result ${k}` : ""}`,
      value,
      { shape, data: wrapped },
      isExact ? {} : allowed,
    );
  });
}
