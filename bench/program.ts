/** A workload as it runs in one library, wherever that runs, and how it is timed and checked. */
type Numbers = Float32Array | Int32Array;

export interface NamedArray {
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

/** Milliseconds a call takes, with all it starts. */
export async function timed(call: () => unknown): Promise<number> {
  const start = performance.now();
  await call();
  return performance.now() - start;
}

/** Milliseconds beyond which a step is not repeated for the sake of checking. */
const slow = 3000;

/** Three steps, one if it is slow, and the fingerprint of each. */
export async function firstSteps(program: Program): Promise<Fingerprint[]> {
  const fingerprints: Fingerprint[] = [];
  let last = 0;
  for (let i = 0; i < 3 && last < slow; i++) {
    last = await timed(async () => {
      await program.step();
      await program.finish?.();
    });
    fingerprints.push(fingerprint(await program.result()));
  }
  return fingerprints;
}

/** Milliseconds that so many steps take. */
export const run = (program: Program, steps: number): Promise<number> =>
  timed(async () => {
    for (let i = 0; i < steps; i++) await program.step();
    await program.finish?.();
  });
