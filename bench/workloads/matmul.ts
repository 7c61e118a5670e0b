import { source } from "../random.ts";
import { computation } from "../workload.ts";

const random = source(1);

export const matmul = computation({
  id: "matmul",
  title: "matrix product 1024",
  parameters: {},
  data: { a: random.normal([1024, 1024]), b: random.normal([1024, 1024]) },
  compute: (_, { a, b }) => ({ product: a.matmul(b) }),
});
