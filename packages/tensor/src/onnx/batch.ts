/**
 * A model traced at several batch sizes as one model for every size.
 *
 * The lowered graphs are walked side by side. They must be the same graph; only numbers may differ,
 * and each that does must be one formula in the batch size n: `m n + c` for an integer, that or its
 * reciprocal for a float (a mean over examples). Two sizes determine m and c, the third tests them.
 * The merged model computes the formula from the shape of an input.
 */
import { fail } from "../errors.ts";
import { namesDefined, namesRead } from "../lower/graphs.ts";
import type {
  AttributeValue,
  GraphProto,
  ModelProto,
  NodeProto,
  TensorProto,
  ValueInfo,
} from "../lower/proto.ts";
import { BatchFormulas, fit, formulaText, valuesOf } from "./formulas.ts";

export interface Sample {
  readonly size: number;
  readonly model: ModelProto;
}

interface Merge {
  readonly sizes: readonly number[];
  /** Initializers of each sample by name. */
  readonly initializers: readonly ReadonlyMap<string, TensorProto>[];
  /** For each sample, what its names are called in the first one. */
  readonly firstNames: readonly Map<string, string>[];
  readonly formulas: BatchFormulas;
}

/** One model for the samples; the batch size is the length of the leading axis of `input`. */
export function generalizeBatch(samples: readonly Sample[], input: string): ModelProto {
  const graphs = samples.map(({ model }) => model.graph);
  const merge: Merge = {
    sizes: samples.map(({ size }) => size),
    initializers: graphs.map(
      ({ initializers = [] }) => new Map(initializers.map((tensor) => [tensor.name, tensor])),
    ),
    firstNames: graphs.map(() => new Map()),
    formulas: new BatchFormulas(input, new Set(namesDefined(graphs[0]))),
  };
  const graph = mergeGraphs(merge, graphs);
  const { nodes, initializers } = merge.formulas;
  const all = [...nodes, ...graph.nodes];
  const used = new Set([...all.flatMap(namesRead), ...graph.outputs.map(({ name }) => name)]);
  const kept = [...(graphs[0].initializers ?? []), ...initializers];
  return {
    ...samples[0].model,
    graph: { ...graph, nodes: all, initializers: kept.filter(({ name }) => used.has(name)) },
  };
}

function mergeGraphs(merge: Merge, graphs: readonly GraphProto[]): GraphProto {
  const [first] = graphs;
  const describe = (list: "inputs" | "outputs"): ValueInfo[] =>
    first[list].map((_, i) =>
      mergeInfos(
        merge,
        graphs.map((graph) => graph[list][i]),
      ),
    );
  graphs.forEach((graph, k) => {
    bind(
      merge,
      k,
      graph.inputs.map(({ name }) => name),
      first.inputs.map(({ name }) => name),
    );
  });
  const most = Math.max(...graphs.map(({ nodes }) => nodes.length));
  const nodes = Array.from({ length: most }, (_, i) => {
    const row = graphs.map((graph) => graph.nodes[i]);
    const odd = row.findIndex((node) => node?.type !== row[0]?.type);
    if (odd >= 0) return differentGraphs(merge, row, odd);
    return mergeNodes(merge, row);
  });
  return { ...first, nodes, inputs: describe("inputs"), outputs: describe("outputs") };
}

function bind(merge: Merge, sample: number, names: readonly string[], first: readonly string[]) {
  names.forEach((name, i) => {
    merge.firstNames[sample].set(name, first[i]);
  });
}

function mergeNodes(merge: Merge, row: readonly NodeProto[]): NodeProto {
  const [first] = row;
  const odd = row.findIndex(
    ({ inputs, outputs, attributes }) =>
      inputs.length !== first.inputs.length ||
      outputs.length !== first.outputs.length ||
      Object.keys(attributes).join() !== Object.keys(first.attributes).join(),
  );
  if (odd >= 0) differentGraphs(merge, row, odd);
  const extra: Record<string, AttributeValue> = {};
  const inputs = first.inputs.map((_, i) => {
    const tensors = row.map(({ inputs }, k) => merge.initializers[k].get(inputs[i]));
    if (tensors.every((tensor) => tensor === undefined)) return mergeNames(merge, row, i);
    const given = tensors.filter((tensor) => tensor !== undefined);
    if (given.length < tensors.length) differentGraphs(merge, row, 1);
    if (given.every((tensor) => sameTensor(tensor, given[0]))) return given[0].name;
    if (first.type === "Reshape") {
      const inferred = inferredShape(given);
      if (inferred !== undefined) return merge.formulas.int64(inferred);
      extra.allowzero = 1; // a computed length may be 0, which is to mean 0
    }
    return mergeTensors(merge, first, given);
  });
  const attributes = Object.fromEntries(
    Object.keys(first.attributes).map((name) => [name, mergeAttributes(merge, row, name)]),
  );
  row.forEach((node, k) => {
    bind(merge, k, node.outputs, first.outputs);
  });
  return { ...first, inputs, attributes: { ...attributes, ...extra } };
}

function mergeNames(merge: Merge, row: readonly NodeProto[], input: number): string {
  const names = row.map(({ inputs }, k) => {
    const name = inputs[input];
    return name === "" ? name : merge.firstNames[k].get(name);
  });
  const odd = names.findIndex((name) => name !== names[0]);
  return odd < 0 ? row[0].inputs[input] : differentGraphs(merge, row, odd);
}

/** Where one length of Reshape's target varies, the operator infers it itself. */
function inferredShape(tensors: readonly TensorProto[]): number[] | undefined {
  const [a, ...rest] = tensors.map(valuesOf);
  const varying = [...a.keys()].filter((i) => rest.some((other) => other[i] !== a[i]));
  const open = varying.length === 1 && !a.includes(0) && !a.includes(-1);
  return open ? Array.from(a, (length, i) => (i === varying[0] ? -1 : length)) : undefined;
}

function mergeTensors(merge: Merge, { type }: NodeProto, tensors: readonly TensorProto[]): string {
  const [{ dims, dataType }] = tensors;
  if (tensors.some((tensor) => tensor.dataType !== dataType || tensor.dims.join() !== dims.join()))
    return cannotFollow(
      merge,
      type,
      `a constant of shape ${each(tensors.map((t) => `[${t.dims}]`))}`,
    );
  const values = tensors.map(valuesOf);
  const name = merge.formulas.tensor(tensors[0], values, merge.sizes);
  if (name !== undefined) return name;
  const odd = values[0].findIndex(
    (_, i) =>
      fit(
        values.map((v) => v[i]),
        merge.sizes,
      ) === undefined,
  );
  return cannotFollow(merge, type, `a constant ${each(values.map((v) => v[Math.max(0, odd)]))}`);
}

function mergeAttributes(merge: Merge, row: readonly NodeProto[], name: string): AttributeValue {
  const values = row.map(({ attributes }) => attributes[name]);
  const graphs = values.flatMap((value) =>
    typeof value === "object" && "graph" in value ? [value.graph] : [],
  );
  if (graphs.length === values.length) return { graph: mergeGraphs(merge, graphs) };
  const texts = values.map((value) => JSON.stringify(value));
  if (texts.some((text) => text !== texts[0]))
    return cannotFollow(merge, row[0].type, `the attribute ${name} ${each(texts)}`);
  return values[0];
}

function mergeInfos(merge: Merge, infos: readonly ValueInfo[]): ValueInfo {
  const [first] = infos;
  const shape = first.shape?.map((length, axis) => {
    const lengths = infos.map((info) => Number(info.shape?.[axis]));
    if (lengths.every((n) => n === lengths[0])) return length;
    const formula = fit(lengths, merge.sizes);
    return formula === undefined
      ? cannotFollow(merge, first.name, `a result's length ${each(lengths)}`)
      : formulaText(formula);
  });
  return { ...first, shape };
}

function sameTensor(a: TensorProto, b: TensorProto): boolean {
  if (a.dataType !== b.dataType || a.dims.join() !== b.dims.join()) return false;
  // Weights are the same array in every trace; only small constants are ever compared.
  const shared = a.data.buffer === b.data.buffer && a.data.byteOffset === b.data.byteOffset;
  return shared || a.data.every((byte, i) => byte === b.data[i]);
}

const each = (values: readonly unknown[]): string => values.join(", ");

function cannotFollow({ sizes }: Merge, operator: string, what: string): never {
  return fail(
    `exportOnnx: with dynamicBatch, ${operator} depends on the batch size in a way the file cannot ` +
      `follow: at sizes ${each(sizes)} it has ${what}`,
  );
}

function differentGraphs(
  { sizes }: Merge,
  row: readonly (NodeProto | undefined)[],
  odd: number,
): never {
  const [a, b] = [row[0], row[odd]].map((node) => node?.type ?? "nothing more");
  return fail(
    `exportOnnx: with dynamicBatch, the graph itself depends on the batch size: ${a} at size ${sizes[0]}, ` +
      `where size ${sizes[odd]} has ${b === a ? `another ${b}` : b}. A loop over examples in JavaScript ` +
      "does this; use vmap or operations on the whole batch",
  );
}
