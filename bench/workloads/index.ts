/** All workloads, in the order of the table. */
import type { Workload } from "../workload.ts";
import { cnn } from "./cnn.ts";
import { hessianVector } from "./hvp.ts";
import { lstm } from "./lstm.ts";
import { matmul } from "./matmul.ts";
import { mlp } from "./mlp.ts";
import { perExample } from "./per-example.ts";
import { tiny } from "./tiny.ts";
import { transformer } from "./transformer.ts";

export const workloads: readonly Workload[] = [
  matmul,
  mlp,
  tiny,
  cnn,
  transformer,
  lstm,
  perExample,
  hessianVector,
];

export function workloadOf(id: string): Workload {
  const workload = workloads.find((candidate) => candidate.id === id);
  if (workload === undefined) throw new Error(`there is no workload ${id}`);
  return workload;
}
