/** The page of one participant: its library is loaded, then it does what the benchmark asks for. */
import {
  type Fingerprint,
  firstSteps,
  type Inputs,
  type NamedArray,
  type Program,
  run,
} from "../program.ts";
import type { Arrays } from "../workload.ts";
import { workloadOf } from "../workloads/index.ts";
import { type Library, open } from "./libraries.ts";

export interface BenchPage {
  load(workload: string): Promise<readonly Fingerprint[]>;
  compile(): Promise<number | undefined>;
  run(steps: number): Promise<number>;
}

declare global {
  interface Window {
    /** Answers the version of the library. */
    openLibrary(library: Library): Promise<string>;
    bench: BenchPage;
  }
}

window.openLibrary = async (library) => {
  const { version, prepare } = await open(library);
  let program: Program | undefined;
  const loaded = (): Program => {
    if (program === undefined) throw new Error("no workload is loaded");
    return program;
  };
  window.bench = {
    async load(id) {
      program = undefined;
      const prepared = await prepare(inputsOf(id));
      const fingerprints = await firstSteps(prepared);
      program = prepared;
      return fingerprints;
    },
    compile: async () => loaded().compile?.(),
    run: (steps) => run(loaded(), steps),
  };
  return version;
};

function inputsOf(id: string): Inputs {
  const { settings, parameters, data } = workloadOf(id);
  return { workload: id, settings, parameters: named(parameters), data: named(data) };
}

const named = (arrays: Arrays): Record<string, NamedArray> =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, { data, shape, dtype }]) => {
      if (!(data instanceof Float32Array || data instanceof Int32Array))
        throw new Error(`${name} is ${dtype}`);
      return [name, { data, shape: [...shape], dtype }];
    }),
  );
