import { momentum } from "../optimisers.ts";
import { training } from "../workload.ts";
import { examples, loss, parameters } from "./classifier.ts";

export const mlp = training({
  id: "mlp",
  title: "MLP step",
  parameters,
  data: examples,
  loss,
  optimiser: momentum(0.01),
});
