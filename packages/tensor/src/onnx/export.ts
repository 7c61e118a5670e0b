/** Functions as ONNX files that other programs run. */
import { fail, TensorError } from "../errors.ts";
import { type Aval, lift, parameter, reachable, Tensor } from "../graph.ts";
import type { Concrete } from "../jit.ts";
import { checkClosed, describeModel } from "../lower/lower.ts";
import { encodeModel, type ModelProto } from "../lower/proto.ts";
import { simplify } from "../lower/simplify.ts";
import { NDArray } from "../ndarray.ts";
import { type Leaf, treeFlatten, treeUnflatten } from "../tree.ts";
import { generalizeBatch } from "./batch.ts";
import { checkInterface, codesName, withCategories, withDefaults } from "./interface.ts";
import { leafNames, namedParts } from "./names.ts";

export interface ExportOptions {
  /** One name an argument; the leaves of an argument that is a tree are named `name.path`. */
  inputNames?: readonly string[];
  /** One name a result: as many as the function returns in a list, else one. */
  outputNames?: readonly string[];
  /**
   * Inputs whose leading axis may have any length when the model runs, by name (of an argument or of
   * one leaf); true for all that have an axis. They share that length.
   */
  dynamicBatch?: boolean | readonly string[];
  /**
   * Inputs that the file takes as text, by name: the function gets the position of each text in the
   * list, as int32, and -1 for a text that is not in it.
   */
  categories?: Readonly<Record<string, readonly string[]>>;
  /** Values of inputs that may be left out when the model runs, by name. */
  defaults?: Readonly<Record<string, NDArray>>;
  /** A tree of arrays the function closes over: their initializers are named by their paths. */
  parameters?: unknown;
  /** Further entries for the file, such as a licence or a description. */
  metadata?: Readonly<Record<string, string>>;
}

/**
 * A function of tensors as an ONNX model (IR version 9, operator set 20, only operators of the
 * standard), traced at `args` as `jit` would trace it. Arrays it closes over become initializers.
 *
 * With `dynamicBatch` the file takes any number of examples. Shapes are concrete while tracing, so
 * the function is traced at three batch sizes and every number that differs between the three models
 * must be one formula in the size, which the file then computes.
 *
 * @returns the bytes of an `.onnx` file
 * @throws when the function uses an operation without an ONNX operator (the linear algebra that runs
 * on the host), or depends on the batch size in a way the file cannot express
 * @example
 * const bytes = exportOnnx((x: Tensor) => network(params, x), [images], {
 *   inputNames: ["images"], outputNames: ["logits"], dynamicBatch: true, parameters: params,
 * });
 */
export function exportOnnx<A extends unknown[]>(
  f: (...args: A) => unknown,
  args: { [K in keyof A]: Concrete<A[K]> },
  options: ExportOptions = {},
): Uint8Array {
  const [leaves, structure] = treeFlatten(args);
  const avals = leaves.map(avalOf);
  const taken = new Set<string>();
  const inputNames = leafNames(
    namedParts("exportOnnx", "input", args as readonly unknown[], options.inputNames),
    taken,
  );
  const { categories = {}, defaults = {} } = options;
  checkInterface(inputNames, avals, categories, defaults);
  // Inside the graph an input of text is its codes.
  const graphNames = inputNames.map((name) =>
    Object.hasOwn(categories, name) ? codesName(name) : name,
  );

  const trace = (shapes: readonly Aval[], batch?: number): ModelProto => {
    const params = shapes.map((aval) => parameter(aval, "exportOnnx"));
    const call = () => f(...(treeUnflatten(structure, params) as A));
    const result = batch === undefined ? call() : namingBatch(batch, call);
    const used = new Set(taken);
    const results = Array.isArray(result) ? result : [result];
    const outputNames = leafNames(
      namedParts("exportOnnx", "output", results, options.outputNames),
      used,
    );
    const outputs = simplify(treeFlatten(results)[0].map((leaf) => lift(leaf)));
    checkClosed(outputs, params);
    refuseHostSteps(outputs);
    return describeModel(params, outputs, {
      inputNames: graphNames,
      outputNames,
      standardOnly: true,
      constantNames: constantNames(options.parameters, used),
    });
  };

  const batched = batchInputs(options.dynamicBatch ?? false, inputNames, avals);
  const traced = batched.includes(true)
    ? generalizeBatch(
        batchSizes(avals).map((size) => {
          const resized = avals.map((aval, i) => (batched[i] ? withBatch(aval, size) : aval));
          return { size, model: trace(resized, size) };
        }),
        graphNames[batched.indexOf(true)],
      )
    : trace(avals);
  const model = withDefaults(withCategories(traced, categories), defaults);
  const metadata = Object.entries(options.metadata ?? {}).map(([key, value]) => ({ key, value }));
  return encodeModel({ ...model, metadata });
}

function avalOf(leaf: Leaf): Aval {
  if (leaf instanceof NDArray) return { shape: leaf.shape, dtype: leaf.dtype };
  if (leaf instanceof Tensor)
    return fail(`exportOnnx: expected an array to trace at, got ${leaf.toString()}`);
  return { shape: [], dtype: "float32" };
}

function constantNames(parameters: unknown, used: Set<string>): Map<NDArray, string> {
  const [leaves] = treeFlatten(parameters);
  const names = leafNames([{ prefix: "", tree: parameters }], used);
  return new Map(
    leaves.flatMap((leaf, i) => (leaf instanceof NDArray ? [[leaf, names[i]] as const] : [])),
  );
}

function batchInputs(
  dynamic: boolean | readonly string[],
  names: readonly string[],
  avals: readonly Aval[],
): boolean[] {
  if (dynamic === false) return names.map(() => false);
  const list = dynamic === true ? undefined : dynamic;
  const matches = (wanted: string, name: string) =>
    name === wanted || name.startsWith(`${wanted}.`);
  const unknown = list?.find((wanted) => !names.some((name) => matches(wanted, name)));
  if (unknown !== undefined)
    fail(`exportOnnx: dynamicBatch names "${unknown}", but the inputs are ${names.join(", ")}`);
  const batched = names.map((name, i) =>
    list === undefined ? avals[i].shape.length > 0 : list.some((wanted) => matches(wanted, name)),
  );
  const scalar = names.findIndex((_, i) => batched[i] && avals[i].shape.length === 0);
  if (scalar >= 0)
    fail(`exportOnnx: the input "${names[scalar]}" is a scalar and has no batch axis`);
  const lengths = names.flatMap((name, i) => (batched[i] ? [{ name, n: avals[i].shape[0] }] : []));
  const odd = lengths.find(({ n }) => n !== lengths[0].n);
  if (odd !== undefined) {
    fail(
      `exportOnnx: the leading axes of "${lengths[0].name}" and "${odd.name}" have lengths ${lengths[0].n} ` +
        `and ${odd.n}; name the inputs that share a batch axis in dynamicBatch`,
    );
  }
  return batched;
}

/** Primes, so that lengths that have nothing to do with the batch size do not look like multiples of it. */
function batchSizes(avals: readonly Aval[]): number[] {
  const present = new Set(avals.flatMap(({ shape }) => shape));
  const sizes: number[] = [];
  for (let n = 53; sizes.length < 3; n += 2) {
    if (isPrime(n) && !present.has(n)) sizes.push(n);
  }
  return sizes;
}

const isPrime = (n: number): boolean =>
  Array.from({ length: Math.floor(Math.sqrt(n)) - 1 }, (_, i) => i + 2).every((d) => n % d !== 0);

const withBatch = ({ shape, dtype }: Aval, size: number): Aval => ({
  shape: [size, ...shape.slice(1)],
  dtype,
});

/** Errors of a trace at a batch size the user did not choose say so. */
function namingBatch<R>(size: number, call: () => R): R {
  try {
    return call();
  } catch (error) {
    if (error instanceof TensorError)
      error.message = `exportOnnx: traced with a batch of ${size} for dynamicBatch: ${error.message}`;
    throw error;
  }
}

function refuseHostSteps(outputs: readonly Tensor[]): void {
  const node = reachable(outputs).find(({ op }) => op.host !== undefined);
  if (node !== undefined) {
    fail(
      `exportOnnx: ${node.op.name} runs in TypeScript and has no ONNX operator; ` +
        "compute it outside the exported function and pass its result in",
    );
  }
}
