/** Compiled graphs: sessions for the device segments, host steps between them. */
import { runtime } from "#runtime";
import { fail } from "./errors.ts";
import { constantValue, type Node, type Tensor } from "./graph.ts";
import { buildModel, checkClosed } from "./lower/lower.ts";
import { type DeviceSegment, planSegments } from "./lower/segments.ts";
import { simplify } from "./lower/simplify.ts";
import type { NDArray } from "./ndarray.ts";
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
  const segments = planSegments(outputs);
  const constants = new Map<Tensor, NDArray>();
  const note = (tensor: Tensor) => {
    const value = constantValue(tensor);
    if (value !== undefined) constants.set(tensor, value);
  };
  const sessions: Session[] = [];
  const steps: Step[] = [];
  for (const segment of segments) {
    if (segment.kind === "host") {
      segment.node.inputs.forEach(note);
      steps.push(hostStep(segment.node));
    } else {
      segment.inputs.forEach(note);
      const session = await openSegment(segment, options);
      sessions.push(session);
      steps.push(deviceStep(session, segment));
    }
  }
  outputs.forEach(note);
  return keep(sessions, async (args) => {
    const values: Values = new Map(constants);
    params.forEach((param, i) => {
      values.set(param, args[i]);
    });
    for (const step of steps) await step(values);
    return outputs.map((output) => values.get(output) as NDArray);
  });
}

function openSegment(
  { inputs, outputs }: DeviceSegment,
  options: SessionOptions,
): Promise<Session> {
  const inputNames = inputs.map((_, i) => `in${i}`);
  const outputNames = outputs.map((_, i) => `out${i}`);
  const model = buildModel(inputs, outputs, { inputNames, outputNames });
  return runtime.createSession(model, inputNames, outputNames, options);
}

const deviceStep =
  (session: Session, { inputs, outputs }: DeviceSegment): Step =>
  async (values) => {
    const results = await session.run(inputs.map((input) => values.get(input) as NDArray));
    outputs.forEach((output, i) => {
      values.set(output, results[i]);
    });
  };

const hostStep =
  (node: Node): Step =>
  async (values) => {
    const compute = node.op.host ?? fail(`${node.op.name} has no host rule`);
    const results = compute(
      node.inputs.map((input) => values.get(input) as NDArray),
      node,
    );
    node.outputs.forEach((output, i) => {
      values.set(output, results[i]);
    });
  };

/** Sessions hold native memory, so only this many executables keep theirs; the least used go first. */
const capacity = 256;
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
