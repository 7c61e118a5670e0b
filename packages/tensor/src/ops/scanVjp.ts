/** The derivative of a loop: another loop, run the other way. */
import { isFloat } from "../dtype.ts";
import { apply, type Cotangent, type Node, parameter, reachable, type Tensor } from "../graph.ts";
import { pullback, zerosLike } from "../transform/pullback.ts";
import { dependents, substitute } from "../transform/walk.ts";
import { add } from "./arithmetic.ts";
import type { ScanNode } from "./scan.ts";

/** A body's parameter with the value it has in a call of the loop. */
interface Binding {
  readonly param: Tensor;
  readonly value: Tensor;
}

/** One step of the chain rule on a loop's body. */
interface Step {
  /** Stand-ins for cotangents of the next states (those that are floats) and of the step's results. */
  readonly states: readonly Tensor[];
  readonly results: readonly (Tensor | undefined)[];
  /** Cotangents of the states, then of the wanted constants, then of the wanted entries. */
  readonly pulled: readonly Tensor[];
}

interface Parts {
  readonly states: readonly Tensor[];
  readonly constants: readonly Tensor[];
  readonly entries: readonly Tensor[];
}

/** The body's parameters, or a loop's inputs, by what they are. */
function partsOf<T>(list: readonly T[], { attributes: { carries, constants } }: ScanNode) {
  return {
    states: list.slice(0, carries),
    constants: list.slice(carries, carries + constants),
    entries: list.slice(carries + constants),
  };
}

/**
 * What the backward body needs of the forward one is recorded there as further output sequences (its
 * residuals), so nothing is computed twice; what it needs of the inputs it reads from them. Its
 * carries are the states' cotangents and, for every constant, the sum over the steps.
 */
export function scanVjp(
  cotangents: readonly Cotangent[],
  node: ScanNode,
  wanted: readonly boolean[],
): Cotangent[] {
  const { attributes, inputs } = node;
  const { body, carries } = attributes;
  const params: Parts = partsOf(body.params, node);
  const values: Parts = partsOf(inputs, node);
  const wantedParts = partsOf(wanted, node);
  const summed = params.constants.filter((_, i) => wantedParts.constants[i]);
  const read = params.entries.filter((_, i) => wantedParts.entries[i]);

  const step = differentiateStep(node, cotangents, [...summed, ...read]);
  const residuals = residualsOf(node, step, params);
  const recorded = apply(node.op, inputs, {
    ...attributes,
    body: { params: body.params, outputs: [...body.outputs, ...residuals] },
  }).slice(body.outputs.length);

  const sums = summed.map((constant) => parameter(constant, "scan"));
  const saved = residuals.map((tensor) => parameter(tensor, "scan"));
  const moved = substitute(step.pulled, new Map(residuals.map((tensor, i) => [tensor, saved[i]])));
  const floats = step.states.length;
  const outputs = moved.map((ct, i) => {
    const sum = sums[i - floats];
    return sum === undefined ? ct : add(sum, ct);
  });

  // Only what the backward body reads becomes an input of its loop.
  const used = new Set(reachable(outputs));
  const bind = (list: readonly (Tensor | undefined)[], given: readonly Cotangent[]): Binding[] =>
    list.flatMap((param, i) => {
      const value = given[i];
      return param && value && used.has(param.node) ? [{ param, value }] : [];
    });
  const constants = bind(params.constants, values.constants);
  const sequences = [
    ...bind(step.results, cotangents.slice(carries)),
    ...bind(saved, recorded),
    ...bind(params.entries, values.entries),
  ];
  const last = params.states.flatMap((state, i) =>
    isFloat(state.dtype) ? [cotangents[i] ?? zerosLike(state)] : [],
  );
  const bindings = [...constants, ...sequences];
  const results = apply(
    node.op,
    [...last, ...sums.map(zerosLike), ...bindings.map(({ value }) => value)],
    {
      body: { params: [...step.states, ...sums, ...bindings.map(({ param }) => param)], outputs },
      carries: floats + sums.length,
      constants: constants.length,
      length: attributes.length,
      reverse: !attributes.reverse,
    },
  );
  let next = 0;
  return inputs.map((input, i) => {
    const has = i < carries ? isFloat(input.dtype) : wanted[i];
    return has ? results[next++] : undefined;
  });
}

function differentiateStep(
  { attributes: { body, carries } }: ScanNode,
  cotangents: readonly Cotangent[],
  others: readonly Tensor[],
): Step {
  const isState = (tensor: Tensor, i: number) => i < carries && isFloat(tensor.dtype);
  const next = body.outputs.map((out, i) => {
    const needed = i < carries ? isFloat(out.dtype) : cotangents[i] !== undefined;
    return needed ? parameter(out, "scan") : undefined;
  });
  const targets = [...body.params.filter(isState), ...others];
  const pulled = pullback(body.outputs, next, targets);
  return {
    states: next.slice(0, carries).filter((ct) => ct !== undefined),
    results: next.slice(carries),
    pulled: pulled.map((ct, i) => ct ?? zerosLike(targets[i])),
  };
}

/** Values of the forward body, apart from its constants and entries, that the backward one reads. */
function residualsOf(
  { attributes: { body } }: ScanNode,
  step: Step,
  { states, entries }: Parts,
): Tensor[] {
  const standIns = [...step.states, ...step.results].filter((ct) => ct !== undefined);
  const linear = new Set(dependents(step.pulled, standIns));
  const changing = new Set(dependents([...body.outputs, ...step.pulled], [...states, ...entries]));
  const residuals = new Set<Tensor>();
  const consider = (tensor: Tensor) => {
    const varies = states.includes(tensor) || changing.has(tensor.node);
    if (varies && !linear.has(tensor.node)) residuals.add(tensor);
  };
  for (const { inputs } of linear as Set<Node>) inputs.forEach(consider);
  step.pulled.forEach(consider);
  return [...residuals];
}
