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
import { firstSteps, type Inputs, type NamedArray, type Program, run } from "./program.ts";

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
    const fingerprints = await firstSteps(loaded);
    program = loaded;
    return { fingerprints };
  };

  const turn = async (steps: number) => {
    if (program === undefined) throw new Error("no workload is loaded");
    return run(program, steps);
  };

  answer(participant);
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as { command: string; inputs: string; steps: number };
    try {
      if (request.command === "load") answer(await load(request.inputs));
      else if (request.command === "compile")
        answer({ milliseconds: (await program?.compile?.()) ?? null });
      else answer({ milliseconds: await turn(request.steps) });
    } catch (error) {
      answer({ error: error instanceof Error ? error.message : String(error) });
    }
  }
}

/** Standard output belongs to the answers: whatever a library prints goes to standard error. */
export function silence(): void {
  console.log = console.info = console.warn = console.error;
}
