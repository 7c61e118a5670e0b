/** Compiled graphs: sessions for the device segments, host steps and host loops between them. */
import { runtime } from "#runtime";
import { allocate } from "./dtype.ts";
import { fail } from "./errors.ts";
import { constantValue, type Node, reachable, type Tensor } from "./graph.ts";
import { buildModel, checkClosed } from "./lower/lower.ts";
import { type DeviceSegment, planSegments } from "./lower/segments.ts";
import { simplify } from "./lower/simplify.ts";
import { NDArray } from "./ndarray.ts";
import { isScan, type ScanAttributes } from "./ops/scan.ts";
import { openSession } from "./runtime/session.ts";
import type { Session, SessionOptions } from "./runtime/types.ts";

/** A graph's results from its parameters' values. */
export interface Executable {
  run(args: readonly NDArray[]): Promise<NDArray[]>;
  /** False once the cache has let it go; it must be compiled again. */
  readonly alive: boolean;
}

type Values = Map<Tensor, NDArray>;
type Step = (values: Values) => Promise<void>;

export async function compile(
  params: readonly Tensor[],
  results: readonly Tensor[],
  options: SessionOptions,
): Promise<Executable> {
  const outputs = simplify(results);
  checkClosed(outputs, params);
  const sessions: Session[] = [];
  return keep(sessions, await assemble(params, outputs, options, sessions));
}

/** How to run a simplified graph; the sessions that it opens are added to `sessions`. */
async function assemble(
  params: readonly Tensor[],
  outputs: readonly Tensor[],
  options: SessionOptions,
  sessions: Session[],
): Promise<Executable["run"]> {
  const segments = planSegments(outputs);
  const constants = new Map<Tensor, NDArray>();
  const note = (tensor: Tensor) => {
    const value = constantValue(tensor);
    if (value !== undefined) constants.set(tensor, value);
  };
  const steps: Step[] = [];
  for (const segment of segments) {
    if (segment.kind === "host") {
      const { node } = segment;
      node.inputs.forEach(note);
      if (isScan(node)) {
        const { body } = node.attributes;
        const runBody = await assemble(body.params, body.outputs, options, sessions);
        steps.push(hostStep(node, (inputs) => runLoop(runBody, inputs, node.attributes)));
      } else {
        const compute = node.op.host ?? fail(`${node.op.name} has no host rule`);
        steps.push(hostStep(node, (inputs) => compute(inputs, node)));
      }
    } else {
      segment.inputs.forEach(note);
      const session = await openSegment(segment, options);
      sessions.push(session);
      steps.push(deviceStep(session, segment));
    }
  }
  outputs.forEach(note);
  return async (args) => {
    const values: Values = new Map(constants);
    params.forEach((param, i) => {
      values.set(param, args[i]);
    });
    for (const step of steps) await step(values);
    return outputs.map((output) => values.get(output) as NDArray);
  };
}

async function openSegment(
  { inputs, outputs }: DeviceSegment,
  options: SessionOptions,
): Promise<Session> {
  const inputNames = inputs.map((_, i) => `in${i}`);
  const outputNames = outputs.map((_, i) => `out${i}`);
  const model = buildModel(inputs, outputs, { inputNames, outputNames });
  const threads = isSmall(outputs) ? 1 : options.threads;
  const connection = await runtime.connect({ ...options, threads });
  return openSession(connection, model, inputNames, outputNames);
}

/** Below this many elements an operator is done before a second thread would have woken up. */
const worthSharing = 2 ** 14;

const isSmall = (outputs: readonly Tensor[]): boolean =>
  reachable(outputs).every((node) => node.outputs.every(({ size }) => size <= worthSharing));

const deviceStep =
  (session: Session, { inputs, outputs }: DeviceSegment): Step =>
  async (values) => {
    const results = await session.run(inputs.map((input) => values.get(input) as NDArray));
    outputs.forEach((output, i) => {
      values.set(output, results[i]);
    });
  };

type Compute = (inputs: readonly NDArray[]) => readonly NDArray[] | Promise<readonly NDArray[]>;

const hostStep =
  (node: Node, compute: Compute): Step =>
  async (values) => {
    const results = await compute(node.inputs.map((input) => values.get(input) as NDArray));
    node.outputs.forEach((output, i) => {
      values.set(output, results[i]);
    });
  };

/** A loop that ONNX cannot run, because its body has host steps: one run of the body an entry. */
async function runLoop(
  runBody: Executable["run"],
  inputs: readonly NDArray[],
  { body, carries, constants, length, reverse }: ScanAttributes,
): Promise<NDArray[]> {
  const fixed = inputs.slice(carries, carries + constants);
  const sequences = inputs.slice(carries + constants);
  const stacked = body.outputs
    .slice(carries)
    .map(
      ({ shape, dtype, size }) =>
        new NDArray(allocate(dtype, length * size), [length, ...shape], dtype),
    );
  let state: readonly NDArray[] = inputs.slice(0, carries);
  for (let step = 0; step < length; step++) {
    const place = reverse ? length - 1 - step : step;
    const entries = sequences.map((sequence) => entryOf(sequence, place));
    const results = await runBody([...state, ...fixed, ...entries]);
    state = results.slice(0, carries);
    stacked.forEach(({ data }, i) => {
      const entry = results[carries + i];
      data.set(entry.data, place * entry.size);
    });
  }
  return [...state, ...stacked];
}

/** One entry along the leading axis, sharing the storage. */
function entryOf({ data, shape, dtype }: NDArray, place: number): NDArray {
  const size = data.length / shape[0];
  return new NDArray(data.subarray(place * size, (place + 1) * size), shape.slice(1), dtype);
}

/** Sessions hold native memory, so only this many executables keep theirs; the least used go first. */
const capacity = 64;
const kept = new Set<{ alive: boolean; running: number; release: () => void }>();

function keep(sessions: readonly Session[], run: Executable["run"]): Executable {
  const entry = {
    alive: true,
    running: 0,
    release: () => {
      for (const session of sessions) void session.release();
    },
  };
  const letGo = () => {
    if (!entry.alive && entry.running === 0) entry.release();
  };
  kept.add(entry);
  for (const oldest of kept) {
    if (kept.size <= capacity) break;
    kept.delete(oldest);
    oldest.alive = false;
    if (oldest.running === 0) oldest.release();
  }
  return {
    get alive() {
      return entry.alive;
    },
    async run(args) {
      if (entry.alive) {
        kept.delete(entry); // moved to the end: most recently used
        kept.add(entry);
      }
      entry.running++;
      try {
        return await run(args);
      } finally {
        entry.running--;
        letGo();
      }
    },
  };
}
