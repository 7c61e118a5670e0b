/** L-BFGS on a traced loss of a tree of parameters. */

import {
  array,
  type Concrete,
  type DType,
  jit,
  type MapLeaves,
  NDArray,
  type Tensor,
  treeFlatten,
  treeRavel,
  treeUnflatten,
  valueAndGrad,
} from "@etude/tensor";
import { fail } from "../../errors.ts";
import { type LbfgsOptions, type LbfgsResult, lbfgs } from "./lbfgs.ts";

export interface MinimizeOptions extends LbfgsOptions {
  /**
   * What the loss is computed in: the dtype of the parameters if nothing is said. Parameters and all
   * float data are converted. float64 finds minima to 1e-8 and better, float32 to about 1e-3.
   */
  dtype?: "float32" | "float64";
}

export interface MinimizeResult<P> extends Omit<LbfgsResult, "x"> {
  /** The parameters at the best point found, in the dtype computed in. */
  readonly params: MapLeaves<P, NDArray>;
}

/** Minimise the compiled loss for these data, from these parameters. */
export type Minimizer<P, D extends unknown[]> = (
  params: Concrete<P>,
  data: { [K in keyof D]: Concrete<D[K]> },
  options?: MinimizeOptions,
) => Promise<MinimizeResult<P>>;

/**
 * A minimiser of a loss, to be called again and again. Value and gradient are compiled once for each
 * combination of structure, shapes and dtypes; further calls with the same shapes only run.
 *
 * Parameters travel as one vector and come back as one, [value, gradient...]; both are taken apart
 * inside the graph. An evaluation costs about as much as one call of a jitted function.
 *
 * In float32 the search stops at relative decreases of 2^-23 (see `roundoff`) instead of 2.22e-9.
 *
 * @param loss scalar function of the parameters (a tree of floats) and of data
 * @throws {LearnError} if a parameter is no float, or their dtypes differ and no `dtype` is given
 *
 * @example
 * const fit = compileMinimizer((p: { slope: Tensor; bias: Tensor }, x: Tensor, y: Tensor) => {
 *   const error = x.mul(p.slope).add(p.bias).sub(y);
 *   return error.mul(error).mean();
 * });
 * for (const { x, y } of samples) {
 *   const { params } = await fit({ slope: 0, bias: 0 }, [x, y], { dtype: "float64" });
 * }
 */
export function compileMinimizer<P, D extends unknown[]>(
  loss: (params: P, ...data: D) => Tensor,
): Minimizer<P, D> {
  const compiled = new Map<string, (x: NDArray, data: readonly NDArray[]) => Promise<NDArray>>();

  return async (params, data, { dtype, ...options } = {}) => {
    const [leaves, structure] = treeFlatten(params);
    const arrays = leaves.map((leaf) => (leaf instanceof NDArray ? leaf : array(Number(leaf))));
    const precision = dtype ?? commonFloat(arrays, structure.paths);
    const [dataLeaves, dataStructure] = treeFlatten(data);
    const inputs = dataLeaves.map((leaf) => {
      const value = leaf instanceof NDArray ? leaf : array(Number(leaf));
      return isFloat(value.dtype) ? value.astype(precision) : value;
    });

    const key = `${structure.key}|${arrays.map(({ shape }) => `[${shape}]`)}|${dataStructure.key}`;
    let packed = compiled.get(key);
    if (packed === undefined) {
      const shapes = arrays.map(({ shape }) => shape);
      const objective = (parts: readonly Tensor[], tensors: readonly Tensor[]): Tensor =>
        loss(treeUnflatten(structure, parts) as P, ...(treeUnflatten(dataStructure, tensors) as D));
      // One result instead of two: [value, gradient...].
      const run = jit((vector: Tensor, tensors: readonly Tensor[]) => {
        const [value, gradient] = valueAndGrad(objective)(split(vector, shapes), tensors);
        return treeRavel([value, gradient])[0];
      });
      packed = (x, given) => run(x, given as NDArray[]) as Promise<NDArray>;
      compiled.set(key, packed);
    }
    const run = packed;

    const { x, ...result } = await lbfgs(
      async (point) => {
        const { data } = await run(array(point, { dtype: precision }), inputs);
        return { value: data[0], gradient: data.subarray(1) };
      },
      flatten(arrays),
      { roundoff: precision === "float32" ? 2 ** -23 : 2 ** -52, ...options },
    );
    return {
      params: unflatten(x, arrays, precision, structure) as MapLeaves<P, NDArray>,
      ...result,
    };
  };
}

/**
 * Minimise a loss of a tree of parameters once; see {@link compileMinimizer}, which does not compile
 * again for other data.
 *
 * @example
 * const { params, value, reason } = await minimize(
 *   (p: { weight: Tensor }, x: Tensor, y: Tensor) => x.matmul(p.weight).sub(y).norm(),
 *   { weight: zeros([3]) }, [x, y], { dtype: "float64" });
 */
export const minimize = <P, D extends unknown[]>(
  loss: (params: P, ...data: D) => Tensor,
  params: Concrete<P>,
  data: { [K in keyof D]: Concrete<D[K]> },
  options?: MinimizeOptions,
): Promise<MinimizeResult<P>> => compileMinimizer(loss)(params, data, options);

const isFloat = (dtype: DType): dtype is "float32" | "float64" =>
  dtype === "float32" || dtype === "float64";

function commonFloat(arrays: readonly NDArray[], paths: readonly string[]): "float32" | "float64" {
  if (arrays.length === 0) fail("minimize: there are no parameters");
  arrays.forEach(({ dtype }, i) => {
    if (!isFloat(dtype)) fail(`minimize: parameter ${paths[i] || i} is ${dtype}; only floats vary`);
  });
  const types = new Set(arrays.map(({ dtype }) => dtype));
  if (types.size > 1) fail("minimize: some parameters are float32, some float64; give a { dtype }");
  return arrays[0].dtype as "float32" | "float64";
}

/** A vector as tensors of the given shapes. */
function split(vector: Tensor, shapes: readonly (readonly number[])[]): Tensor[] {
  let start = 0;
  return shapes.map((shape) => {
    const size = shape.reduce((product, length) => product * length, 1);
    start += size;
    return vector.slice([start - size, start]).reshape(shape);
  });
}

function flatten(arrays: readonly NDArray[]): Float64Array {
  const vector = new Float64Array(arrays.reduce((sum, { size }) => sum + size, 0));
  let start = 0;
  for (const { data, size } of arrays) {
    vector.set(data, start);
    start += size;
  }
  return vector;
}

function unflatten(
  vector: Float64Array,
  arrays: readonly NDArray[],
  dtype: "float32" | "float64",
  structure: ReturnType<typeof treeFlatten>[1],
): unknown {
  let start = 0;
  const parts = arrays.map(({ size, shape }) => {
    start += size;
    return array(vector.slice(start - size, start), { shape, dtype });
  });
  return treeUnflatten(structure, parts);
}
