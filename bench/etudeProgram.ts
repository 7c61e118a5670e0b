/** Etude's own side: a workload as one compiled step. */
import { type Device, jit, type NDArray, type Tensor } from "@etude/tensor";
import { type Program, timed } from "./program.ts";
import type { State, Tensors, Workload } from "./workload.ts";

export function etudeProgram(workload: Workload, device?: Device): Program {
  const compiled = () =>
    jit((state: State<Tensor>, data: Tensors) => workload.step(state, data), { device });
  const step = compiled();
  let state: State<NDArray> = workload.state;
  let result: Readonly<Record<string, NDArray>> = {};
  return {
    async step() {
      [state, result] = await step(state, workload.data);
    },
    result: () =>
      Object.fromEntries(Object.entries(result).map(([name, { data }]) => [name, data])),
    async compile() {
      const fresh = compiled();
      const first = await timed(() => fresh(workload.state, workload.data));
      return first - (await timed(() => fresh(workload.state, workload.data)));
    },
  };
}
