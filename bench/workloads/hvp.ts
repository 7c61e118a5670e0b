/** Hessian-vector product, as curvature methods need. */
import { hvp, type NDArray } from "@etude/tensor";
import { source } from "../random.ts";
import { computation } from "../workload.ts";
import { examples, loss, parameters } from "./classifier.ts";

const random = source(7);
const direction: Record<string, NDArray> = Object.fromEntries(
  Object.entries(parameters).map(([name, { shape }]) => [`v.${name}`, random.normal(shape)]),
);

export const hessianVector = computation({
  id: "hvp",
  title: "Hessian-vector product",
  parameters,
  data: { ...examples, ...direction },
  compute: (p, data) => {
    const v = Object.fromEntries(Object.keys(p).map((name) => [name, data[`v.${name}`]]));
    return hvp(loss)(p, v, { x: data.x, y: data.y });
  },
});
