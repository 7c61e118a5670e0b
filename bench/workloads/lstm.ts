import { scan, zeros } from "@etude/tensor";
import { descent } from "../optimisers.ts";
import { source } from "../random.ts";
import { training } from "../workload.ts";

const [steps, batch, width] = [64, 32, 128];
const random = source(6);

export const lstm = training({
  id: "lstm",
  title: "LSTM step",
  parameters: {
    input: random.normal([width, 4 * width], 0.08),
    recurrent: random.normal([width, 4 * width], 0.08),
    bias: zeros([4 * width]),
  },
  data: {
    x: random.normal([steps, batch, width]),
    target: random.normal([batch, width]),
  },
  optimiser: descent(0.1),
  loss: (p, { x, target }) => {
    // The inputs of all gates at all times are one product; only the recurrence is a loop.
    const driven = x.matmul(p.input).add(p.bias);
    const start = { hidden: zeros([batch, width]), cell: zeros([batch, width]) };
    const [last] = scan(
      ({ hidden, cell }, drive) => {
        const [i, f, g, o] = drive.add(hidden.matmul(p.recurrent)).split(4, 1);
        const next = f.sigmoid().mul(cell).add(i.sigmoid().mul(g.tanh()));
        return [{ hidden: o.sigmoid().mul(next.tanh()), cell: next }, {}];
      },
      start,
      driven,
    );
    const error = last.hidden.sub(target);
    return error.mul(error).mean();
  },
});
