/** The gradient of every example of the batch on its own, as influence and privacy methods need. */
import { grad, type Tensor, vmap } from "@etude/tensor";
import { computation, type Tensors } from "../workload.ts";
import { examples, loss, parameters } from "./classifier.ts";

export const perExample = computation({
  id: "per-example",
  title: "per-example gradients",
  parameters,
  data: examples,
  compute: (p, { x, y }) => {
    const single = (q: Tensors, image: Tensor, label: Tensor) => loss(q, { x: image, y: label });
    return vmap(grad(single), { inAxes: [null, 0, 0] })(p, x, y);
  },
});
