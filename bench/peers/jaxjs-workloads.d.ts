import type { Inputs, Program } from "../program.ts";

/** What the workloads are written in is the library's own business. */
export declare function jaxjsWorkloads(
  jax: unknown,
): Readonly<Record<string, (inputs: Inputs) => Program>>;
