/**
 * The JavaScript end of the conversation with the benchmark. A participant is a child process: one
 * JSON request a line on standard input, one JSON answer a line on standard output.
 *
 *   {"command": "load", "inputs": path}  prepare a workload, take three steps (one if it is slow);
 *                                        answers their fingerprints
 *   {"command": "compile"}               compile afresh; answers milliseconds, null if it does not
 *   {"command": "run", "steps": n}       answers the milliseconds that n steps took
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { InputsDescription } from "./inputs.ts";

type Numbers = Float32Array | Int32Array;

interface NamedArray {
  readonly data: Numbers;
  readonly shape: number[];
  readonly dtype: string;
}

export interface Inputs {
  readonly workload: string;
  readonly settings: Readonly<Record<string, number>>;
  readonly parameters: Record<string, NamedArray>;
  readonly data: Record<string, NamedArray>;
}

export interface Program {
  /** One step; what it returns is waited for. */
  step(): unknown;
  /** Returns when all work of the steps so far is done. */
  finish?(): unknown;
  /** What the last step computed, by name. */
  result(): Promise<Record<string, ArrayLike<number>>> | Record<string, ArrayLike<number>>;
  /** Milliseconds of one compilation from nothing. */
  compile?(): Promise<number>;
}

/** Two numbers that pin down a result: its Euclidean norm and its product with a fixed pattern. */
export interface Fingerprint {
  readonly norm: number;
  readonly projection: number;
}

export function fingerprint(result: Record<string, ArrayLike<number>>): Fingerprint {
  let [squares, projection] = [0, 0];
  for (const name of Object.keys(result).sort()) {
    const values = result[name];
    for (let i = 0; i < values.length; i++) {
      squares += values[i] * values[i];
      projection += values[i] * ((i % 7) - 3.5);
    }
  }
  return { norm: Math.sqrt(squares), projection };
}

function readInputs(path: string): Inputs {
  const description = JSON.parse(readFileSync(path, "utf8")) as InputsDescription;
  const bytes = readFileSync(description.file);
  const memory = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const read = (list: InputsDescription["data"]): Record<string, NamedArray> =>
    Object.fromEntries(
      list.map(({ name, dtype, shape, offset }) => {
        const size = shape.reduce((product, length) => product * length, 1);
        const Storage = dtype === "int32" ? Int32Array : Float32Array;
        return [name, { dtype, shape: [...shape], data: new Storage(memory, offset, size) }];
      }),
    );
  const { workload, settings } = description;
  return {
    workload,
    settings,
    parameters: read(description.parameters),
    data: read(description.data),
  };
}

/** Milliseconds beyond which a step is not repeated for the sake of checking. */
const slow = 3000;

/** Milliseconds a call takes, with all it starts. */
export async function timed(call: () => unknown): Promise<number> {
  const start = performance.now();
  await call();
  return performance.now() - start;
}

/** Answer requests until standard input ends. `prepare` throws when it cannot do a workload. */
export async function serve(
  participant: { readonly name: string; readonly version: string },
  prepare: (inputs: Inputs) => Promise<Program> | Program,
): Promise<void> {
  const answer = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);
  let program: Program | undefined;

  const load = async (path: string) => {
    program = undefined;
    const loaded = await prepare(readInputs(path));
    const fingerprints: Fingerprint[] = [];
    let last = 0;
    for (let i = 0; i < 3 && last < slow; i++) {
      last = await timed(async () => {
        await loaded.step();
        await loaded.finish?.();
      });
      fingerprints.push(fingerprint(await loaded.result()));
    }
    program = loaded;
    return { fingerprints };
  };

  const run = async (steps: number) => {
    const loaded = program;
    if (loaded === undefined) throw new Error("no workload is loaded");
    return timed(async () => {
      for (let i = 0; i < steps; i++) await loaded.step();
      await loaded.finish?.();
    });
  };

  answer(participant);
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as { command: string; inputs: string; steps: number };
    try {
      if (request.command === "load") answer(await load(request.inputs));
      else if (request.command === "compile")
        answer({ milliseconds: (await program?.compile?.()) ?? null });
      else answer({ milliseconds: await run(request.steps) });
    } catch (error) {
      answer({ error: error instanceof Error ? error.message : String(error) });
    }
  }
}

/** Standard output belongs to the answers: whatever a library prints goes to standard error. */
export function silence(): void {
  console.log = console.info = console.warn = console.error;
}
