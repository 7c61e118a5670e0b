/** Etude's own side of the benchmark. Arguments: the number of threads. */
import { jit, type NDArray, setThreads, type Tensor } from "@etude/tensor";
import { serve, timed } from "./protocol.ts";
import type { State, Tensors } from "./workload.ts";
import { workloads } from "./workloads/index.ts";

setThreads(Number(process.argv[2]));

await serve({ name: "etude", version: "" }, ({ workload: id }) => {
  const workload = workloads.find((candidate) => candidate.id === id);
  if (workload === undefined) throw new Error(`there is no workload ${id}`);
  const compiled = () => jit((state: State<Tensor>, data: Tensors) => workload.step(state, data));
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
});
